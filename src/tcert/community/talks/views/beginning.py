"""Beginning a talk with a team, and refusing talks from one."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tcert.community.directory.models import Team
from tcert.community.directory.views.base import attempt, status_of
from tcert.community.talks import domain, queries
from tcert.community.talks.domain import ending
from tcert.community.talks.forms import BeginForm, RefuseForm
from tcert.community.talks.models import Refusal
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission

PER_PAGE = 25


@require_safe
@page(Permission.TALKS_OPEN)
def teams(request: HttpRequest) -> HttpResponse:
    """List the teams that one may talk with, and say which of them can be sealed to."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = queries.correspondents(principal_of(request), text)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "talks/teams.html", {"page": shown, "query": text})


def _team(request: HttpRequest, pk: UUID) -> Team:
    found: Team = get_object_or_404(queries.correspondents(principal_of(request), ""), pk=pk)
    return found


@read_or_send
@page(Permission.TALKS_OPEN)
def new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin a talk with a team."""
    principal, team = principal_of(request), _team(request, pk)
    own = queries.with_key(queries.speaking_teams(principal))
    form = BeginForm(request.POST or None, teams=own)
    made = attempt(
        form,
        lambda: domain.open(
            principal=principal, from_team=form.cleaned_data["from_team"], to_teams=[team]
        ),
    )
    if made:
        messages.success(request, _("It stands. Write the first message; it is sealed here."))
        return redirect("talks:talk", made.id)
    context = {
        "form": form,
        "team": team,
        "keyless": [one for one in own if not one.can_be_sealed_to],
        "able": any(one.can_be_sealed_to for one in own),
    }
    return render(request, "talks/new.html", context, status=status_of(form))


@read_or_send
@page(Permission.TALKS_REFUSE)
def refuse(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take no new talk from a team, or take them again."""
    principal, other = principal_of(request), _team(request, pk)
    form = RefuseForm(request.POST or None, principal=principal)
    own = Refusal.objects.visible_to(principal).filter(other=other)
    if form.is_valid():
        act = ending.admit if form.cleaned_data["act"] == "admit" else ending.refuse
        if attempt(
            form, lambda: act(principal=principal, team=form.cleaned_data["team"], other=other)
        ):
            messages.success(request, _("Done. The other team is not told."))
            return redirect("talks:refused")
    context = {"form": form, "team": other, "refusals": own.select_related("team")}
    return render(request, "talks/refuse.html", context, status=status_of(form))
