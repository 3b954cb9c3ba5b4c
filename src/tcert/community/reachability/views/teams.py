"""How a team is reached: for its own people with all that is to be done, for members in short."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.models import Channel, Team
from tcert.community.directory.views.base import attempt, status_of, team_for
from tcert.community.notices.enums import HookState
from tcert.community.notices.models import Hook
from tcert.community.reachability import queries, schedule
from tcert.community.reachability.domain import deliveries, drills, pauses
from tcert.community.reachability.forms import PauseForm
from tcert.community.reachability.models import Drill, Pause, usual_minutes
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import press

LATEST = 20
LATEST_FOR_OTHERS = 4


@require_safe
@page(Permission.REACHABILITY_READ)
def team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show results of drills and how mail fares; own people also what is under way."""
    found, principal = team_for(request, pk), principal_of(request)
    is_own = found.id in principal.team_ids
    sees_all = is_own or principal.is_coordinator
    seen = Drill.objects.visible_to(principal).filter(team=found)
    latest = list(seen[: LATEST if sees_all else LATEST_FOR_OTHERS])
    context = {
        "team": found,
        "is_own": is_own,
        "sees_all": sees_all,
        "open": [one for one in latest if one.is_open] if is_own else [],
        "drills": [one for one in latest if one.closed_at or principal.is_coordinator or is_own],
        "addresses": queries.addresses_of(principal, [found.id]),
        "has_contact": queries.with_contact().filter(pk=found.pk).exists(),
        "may_manage": allowed(principal, Permission.REACHABILITY_TEAM_MANAGE, found),
        "may_start": allowed(principal, Permission.REACHABILITY_DRILL_START, found),
        "minutes": usual_minutes(),
        **(_inside(found) if sees_all else {}),
    }
    return render(request, "reachability/team.html", context)


def _inside(found: Team) -> dict[str, Any]:
    """Return what only the team and coordinators see."""
    hooks = Hook.objects.filter(team=found)
    return {
        "pauses": Pause.objects.filter(team=found, last__gte=clock.today()),
        "today": clock.today(),
        "hooks": hooks.filter(state=HookState.ACTIVE).count(),
        "hooks_off": hooks.filter(state=HookState.DISABLED).count(),
    }


@require_POST
@page(Permission.REACHABILITY_TEAM_MANAGE)
def practise(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set a practice drill off."""
    found = team_for(request, pk, Permission.REACHABILITY_TEAM_MANAGE)
    press(
        request,
        lambda: drills.practise(principal=principal_of(request), team=found),
        _("The practice drill is on its way. Answer it as you would at night."),
    )
    return redirect("reachability:team", pk)


@require_POST
@page(Permission.REACHABILITY_READ)
def answer(request: HttpRequest, pk: UUID, drill: UUID) -> HttpResponse:
    """Answer a drill as somebody of the team who signed in."""
    principal = principal_of(request)
    own = Drill.objects.filter(team__in=principal.team_ids).select_related("team")
    found = get_object_or_404(own, pk=drill, team=pk)
    press(
        request,
        lambda: drills.answer_signed_in(principal=principal, drill=found),
        _("Answered. Thank you: the exercise is over."),
    )
    return redirect("reachability:team", pk)


@require_POST
@page(Permission.REACHABILITY_TEAM_MANAGE)
def test_mail(request: HttpRequest, pk: UUID, channel: UUID) -> HttpResponse:
    """Send a test mail to one address of the team."""
    team_for(request, pk, Permission.REACHABILITY_TEAM_MANAGE)
    found = get_object_or_404(Channel.objects.select_related("team"), pk=channel, team=pk)
    press(
        request,
        lambda: deliveries.test_mail(principal=principal_of(request), channel=found),
        _("A test mail is on its way. Who reads it uses its link, and the address counts again."),
    )
    return redirect("reachability:team", pk)


@read_or_send
@page(Permission.REACHABILITY_TEAM_MANAGE)
def pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask to be spared from drills on some days."""
    found = team_for(request, pk, Permission.REACHABILITY_TEAM_MANAGE)
    form = PauseForm(request.POST or None)
    made = attempt(
        form,
        lambda: pauses.ask(principal=principal_of(request), team=found, **form.cleaned_data),
    )
    if made:
        messages.success(request, _("Your team is not drilled on these days."))
        return redirect("reachability:team", pk)
    earlier = [one.span for one in Pause.objects.filter(team=found)]
    context = {
        "team": found,
        "form": form,
        "used": schedule.pauses_within_year(clock.today(), earlier),
        "most": schedule.PAUSES_A_YEAR,
    }
    return render(request, "reachability/pause.html", context, status=status_of(form))


@require_POST
@page(Permission.REACHABILITY_TEAM_MANAGE)
def end_pause(request: HttpRequest, pk: UUID, pause: UUID) -> HttpResponse:
    """Take a pause back that has not begun."""
    team_for(request, pk, Permission.REACHABILITY_TEAM_MANAGE)
    found = get_object_or_404(Pause.objects.select_related("team"), pk=pause, team=pk)
    press(
        request,
        lambda: pauses.end(principal=principal_of(request), pause=found),
        _("Taken back: it does not count among your two."),
    )
    return redirect("reachability:team", pk)
