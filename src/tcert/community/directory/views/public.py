"""The directory as strangers and members read it."""

import csv
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.accounts.models import Person
from tcert.community.directory import (
    organisation_cards,
    queries,
    team_cards,
    team_links,
    team_notes,
)
from tcert.community.directory.documents import languages
from tcert.community.directory.domain import confirmations
from tcert.community.directory.enums import (
    ChannelKind,
    ChannelPurpose,
    KeyState,
    OrganisationState,
    Section,
)
from tcert.community.directory.forms import SearchForm
from tcert.community.directory.models import (
    WEEKDAYS,
    Channel,
    Organisation,
    Team,
    TeamKey,
    TeamMembership,
    TeamSection,
)
from tcert.community.directory.views.base import organisation_for, team_for
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.shown import mark
from tcert.foundation.kernel.text import render_markdown
from tcert.foundation.ui.answers import attachment, harmless

PER_PAGE = 50
FULL_TEAM = 2
"""So many people a full team has at least."""


def _found(request: HttpRequest) -> tuple[SearchForm, QuerySet[Organisation]]:
    """Return the filters and the organisations that they leave, with the teams that are seen."""
    principal = principal_of(request)
    form = SearchForm(request.GET)
    form.is_valid()
    values = form.cleaned_data
    found = queries.search(
        principal,
        text=values.get("q", ""),
        kind=values.get("kind", ""),
        country=values.get("country", ""),
    )
    if not principal.is_coordinator or request.GET.get("state") != "all":
        found = found.filter(state=OrganisationState.LISTED)
    return form, found.order_by("name").prefetch_related(_teams(principal))


def _teams(principal: Principal) -> Prefetch:
    teams = Team.objects.visible_to(principal).order_by("name")
    return Prefetch("teams", teams, to_attr="seen_teams")


def _seen(organisation: Organisation) -> list[Team]:
    """Return the teams that `_teams` fetched with the organisation."""
    teams: list[Team] = organisation.__dict__["seen_teams"]
    return teams


@require_safe
@page(Permission.DIRECTORY_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """List the organisations with their teams."""
    form, found = _found(request)
    principal = principal_of(request)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    teams = [team.id for one in shown for team in _seen(one)]
    context = {
        "form": form,
        "page": shown,
        "sealable": set(queries.recipient_keys(teams, clock.now())),
        "narrowed": any(form.cleaned_data.values()),
        "may_manage": allowed(principal, Permission.DIRECTORY_MANAGE),
        "is_member": principal.is_member,
        "query": request.GET.urlencode(),
        "all_states": request.GET.get("state") == "all",
    }
    return render(request, "directory/list.html", context)


@require_safe
@page(Permission.DIRECTORY_READ)
def export(request: HttpRequest) -> HttpResponse:
    """Write the same list as CSV: one line per team, an organisation without any has one too."""
    _filters, found = _found(request)
    response = attachment("", "directory.csv", "text/csv; charset=utf-8")
    organisations = list(found)
    keys = queries.recipient_keys(
        [team.id for one in organisations for team in _seen(one)], clock.now()
    )
    sheet = csv.writer(response)
    sheet.writerow(["organisation", "kind", "country", "website", "team", "team_kind", "key"])
    for one in organisations:
        head = [one.name, one.kind, one.country, one.website]
        teams: list[Team | None] = [*_seen(one)] or [None]
        for team in teams:
            key = keys.get(team.id) if team else None
            tail = [team.name, team.kind] if team else ["", ""]
            sheet.writerow([*map(harmless, [*head, *tail]), key.fingerprint if key else ""])
    return response


@require_safe
@page(Permission.DIRECTORY_READ)
def organisation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show an organisation and its teams."""
    found = organisation_for(request, pk)
    principal = principal_of(request)
    teams = list(Team.objects.visible_to(principal).filter(organisation=found).order_by("name"))
    context = {
        "organisation": found,
        "teams": teams,
        "sealable": set(queries.recipient_keys([team.id for team in teams], clock.now())),
        "may_manage": allowed(principal, Permission.DIRECTORY_MANAGE),
        "retired": found.state == OrganisationState.RETIRED,
        "set_aside": found.state in OrganisationState.set_aside(),
        "provisional": found.is_provisional,
        "cards": organisation_cards.cards(principal, found),
    }
    return render(request, "directory/organisation.html", context)


@require_safe
@page(Permission.DIRECTORY_READ)
def team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a team: to strangers its name, kind, public channels and keys."""
    found = team_for(request, pk)
    principal = principal_of(request)
    undo = request.session.get("directory_undo") if principal.is_person else None
    is_known = principal.is_member or found.id in principal.team_ids
    keys = TeamKey.objects.visible_to(principal).filter(team=found, state__in=KeyState.known())
    channels = list(Channel.objects.visible_to(principal).filter(team=found).by_purpose())
    members = list(TeamMembership.objects.visible_to(principal).filter(team=found).by_role())
    context = {
        "team": found,
        "channels": channels,
        "week": _days(found),
        "lacking": _lacking(channels, members),
        "has_security_txt": any(_is_for_disclosure(one) for one in channels),
        "constituency": _constituency(principal, found) if is_known else "",
        "languages": [languages.NAMES[tag] for tag in found.languages if tag in languages.NAMES],
        "description": render_markdown(found.description) if is_known else "",
        "members": members,
        "key": queries.active_key(found.id, clock.now()),
        "past_keys": keys.exclude(state=KeyState.ACTIVE).order_by("-ended_at"),
        "may_confirm": allowed(principal, Permission.DIRECTORY_TEAM_CONFIRM, found),
        "shown": mark(found, confirmations.SHOWN_FIELDS),
        "confirmed_by": _person(found.confirmed_by) if is_known else None,
        "is_inside": allowed(principal, Permission.DIRECTORY_TEAM_READ, found),
        "may_change": allowed(principal, Permission.DIRECTORY_TEAM_MANAGE, found),
        "may_manage": allowed(principal, Permission.DIRECTORY_MANAGE),
        "undo": undo if undo and undo.get("team") == str(found.id) else None,
        "is_member": is_known,
        "notes": team_notes.notes(found),
        "cards": team_cards.cards(principal, found),
        "links": list(team_links.links(found.id)) if found.id in principal.team_ids else [],
    }
    return render(request, "directory/team.html", context)


def _person(pk: UUID | None) -> Person | None:
    return Person.objects.filter(pk=pk).first() if pk else None


def _days(team: Team) -> list[tuple[str, str, str]]:
    return [
        (str(WEEKDAYS[first]), str(WEEKDAYS[last]), hours)
        for first, last, hours in team.week.grouped()
    ]


def _lacking(channels: list[Channel], members: list[TeamMembership]) -> list[str]:
    """Say what a full team has and this one has not, for those who can add it."""
    there = {(one.kind, one.purpose) for one in channels}
    lacking = {
        _("a main e-mail"): (ChannelKind.EMAIL, ChannelPurpose.MAIN) not in there,
        _("a telephone that is answered round the clock, for emergencies"): (
            (ChannelKind.PHONE, ChannelPurpose.EMERGENCY) not in there
        ),
        _("two people at least"): len(members) < FULL_TEAM,
    }
    return [said for said, lacks in lacking.items() if lacks]


def _is_for_disclosure(channel: Channel) -> bool:
    """Tell whether a security.txt may name a channel (`documents/securitytxt.py`)."""
    named = channel.is_public and channel.purpose != ChannelPurpose.EMERGENCY
    web = channel.kind == ChannelKind.WEB
    return named and (channel.value.startswith("https://") if web else channel.kind != "fax")


def _constituency(principal: Principal, team: Team) -> str:
    """Return for whom the team works: in English, or in the language that there is."""
    texts = TeamSection.objects.visible_to(principal).filter(
        team=team, section=Section.CONSTITUENCY
    )
    found = dict(texts.values_list("language", "text"))
    return next((found[tag] for tag in languages.ordered(found)), "")


@require_safe
@page(Permission.DIRECTORY_READ)
def certificate(request: HttpRequest, pk: UUID, fingerprint: str) -> HttpResponse:
    """Give a key of a team as a file, by its fingerprint."""
    found = team_for(request, pk)
    if not fingerprint.isalnum():
        raise Http404
    seen = TeamKey.objects.visible_to(principal_of(request)).filter(team=found)
    key = get_object_or_404(seen, fingerprint=fingerprint.upper())
    if not key.certificate:
        raise Http404
    name = f"{slugify(found.name) or 'team'}-{key.fingerprint[-8:]}.asc"
    return attachment(key.certificate, name, "application/pgp-keys")
