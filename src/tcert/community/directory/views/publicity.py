"""What a team shows to strangers: chosen field by field, with a preview before it is saved."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tcert.community.directory import publicity, queries, team_cards
from tcert.community.directory.domain.publicity import choose_public
from tcert.community.directory.enums import Audience, Section
from tcert.community.directory.models import Channel, Team, TeamSection
from tcert.community.directory.publicity_forms import PublicityForm
from tcert.community.directory.team_shown import shown
from tcert.community.directory.views.base import attempt, status_of, team_for
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import ANONYMOUS


@read_or_send
@page(Permission.DIRECTORY_TEAM_PUBLISH)
def choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what is public and what can be; preview a choice, or save it."""
    team = team_for(request, pk, Permission.DIRECTORY_TEAM_PUBLISH)
    channels = list(Channel.objects.filter(team=team).by_purpose())
    form = PublicityForm(request.POST or None, team=team, channels=channels)
    looks_only = "save" not in request.POST
    done = attempt(form, lambda: looks_only or _save(request, team, form))
    if done and not looks_only:
        messages.success(request, _("Saved. Strangers see this from now on."))
        return redirect("directory:team", pk)
    texts = list(TeamSection.objects.filter(team=team))
    ticked = form.ticked
    context = {
        "team": team,
        "form": form,
        "channels": [(one, str(one.id) in ticked) for one in channels],
        "facts": [
            (fact, fact.name in ticked, _stands(team, texts, fact.name))
            for fact in publicity.CHOICES.values()
        ],
        "always": [f for f in publicity.FACTS if f.rule is publicity.Rule.ALWAYS],
        "never": [f for f in publicity.FACTS if f.rule is publicity.Rule.NEVER],
        "unsaved": form.is_bound,
        **_previews(team, channels, texts, ticked),
    }
    return render(request, "directory/publicity.html", context, status=status_of(form))


def _save(request: HttpRequest, team: Team, form: PublicityForm) -> bool:
    choose_public(
        principal=principal_of(request),
        team=team,
        fields=form.cleaned_data["fields_shown"],
        channels=form.cleaned_data["channels_shown"],
        shown=form.cleaned_data["shown"],
    )
    return True


def _stands(team: Team, texts: list[TeamSection], name: str) -> bool | None:
    """Tell whether there is something to show; None where an upper room would know."""
    if name in {publicity.MATURITY, publicity.PRODUCTS}:
        return None
    there = {
        publicity.ABOUT: bool(team.description),
        publicity.HOURS: team.week.is_stated,
        publicity.LANGUAGES: bool(team.languages),
        publicity.TIMEZONE: True,
    }
    written = {publicity.section_field(row.section) for row in texts}
    return there.get(name, name in written)


def _previews(
    team: Team, channels: list[Channel], texts: list[TeamSection], ticked: frozenset[str]
) -> dict[str, object]:
    """Return the team as a stranger and as a member would see it; nothing of this is stored."""
    looked_at = Team.objects.select_related("organisation").get(pk=team.pk)
    looked_at.public_fields = publicity.ordered(ticked)
    for one in channels:
        one.is_public = str(one.id) in ticked
    rows: dict[str, Any] = {
        "channels": channels,
        "texts": texts,
        "key": queries.active_key(team.id, clock.now()),
    }
    stranger = shown(looked_at, Audience.PUBLIC, **rows)
    return {
        "stranger": stranger,
        "member": shown(looked_at, Audience.MEMBERS, **rows),
        "stranger_cards": team_cards.cards(ANONYMOUS, looked_at),
        "says_nothing": not stranger.channels
        and not {publicity.section_field(s) for s in (Section.MISSION, Section.CONSTITUENCY)}
        & looked_at.open_fields,
    }
