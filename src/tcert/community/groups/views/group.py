"""A group: its page, its history, its membership on paper and as files, its talk."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.queries import recipient_keys
from tcert.community.groups import exports, queries
from tcert.community.groups import history as told
from tcert.community.groups.domain import founding
from tcert.community.groups.enums import Admission, State
from tcert.community.groups.models import Group, Seat, own_team_ids
from tcert.community.groups.views.finding import find_group, find_inside
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.answers import attachment

ENOUGH_STEWARDS = 2


@require_safe
@page(Permission.GROUPS_READ)
def group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Show a group: all of it inside; who is in an open one to members; to the invited its aim."""
    found, principal = find_group(request, group_id), principal_of(request)
    own = queries.own_seat(found, principal)
    if found.is_inside(principal):
        return render(request, "groups/group.html", _inside(found, principal, own))
    asks = found.seats.filter(
        team__in=own_team_ids(principal), state__in={State.INVITED, State.REQUESTED}
    ).order_by("state", "opened_at")
    if not found.is_open and (invited := asks.first()) is not None:
        return redirect("groups:seat", invited.id)
    waiting = asks.filter(team__in=queries.led_ids(principal)).first()
    context = {
        "group": found,
        "members": found.seats.active().select_related("team__organisation")
        if found.is_open
        else [],
        "waiting": waiting,
        "may_ask": found.is_open and allowed(principal, Permission.GROUPS_SEAT_MANAGE),
    }
    return render(request, "groups/outside.html", context)


def _inside(found: Group, principal: Principal, own: Seat | None) -> dict[str, Any]:
    seats: list[Any] = list(queries.seats_with_teams(found))
    requests = [s for s in seats if s.state == State.REQUESTED and not _over(s)]
    words = queries.counted_words(requests) if found.admission == Admission.VOUCHES else {}
    members = [s for s in seats if s.state == State.MEMBER]
    able = [s for s in members if s.is_steward and s.is_of_listed_team and s.is_spoken_for]
    led = queries.led_ids(principal)
    removed = found.seats.filter(state=State.REMOVED, objected_at__isnull=False, outcome="")
    stewards = any(s.team_id in led for s in able) and not found.is_closed
    return {
        "group": found,
        "own": own,
        "acts": own is not None and own.team_id in led,
        "stewards": stewards,
        "members": members,
        "invited": [s for s in seats if s.is_invitation],
        "requests": [(s, *words.get(s.id, (0, []))) for s in requests],
        "objections": removed.select_related("team") if stewards else [],
        "few_stewards": len(able) < ENOUGH_STEWARDS,
        "nobody_stewards": not able,
        "talk": queries.talk_of(found),
    }


def _over(seat: Seat) -> bool:
    return seat.answer_by is not None and seat.answer_by <= clock.now()


@require_safe
@page(Permission.GROUPS_READ)
def history(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Show what happened in a group, to its members."""
    found = find_inside(request, group_id)
    shown, lines = told.page_of(found, request.GET.get("page"))
    return render(request, "groups/history.html", {"group": found, "page": shown, "lines": lines})


def _members(found: Group) -> list[Seat]:
    seats = queries.seats_with_teams(found).filter(state=State.MEMBER)
    return [seat for seat in seats if seat.is_of_listed_team]


@require_safe
@page(Permission.GROUPS_READ)
def sheet(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Show the membership as a sheet to be printed, with the key of each team."""
    found = find_inside(request, group_id)
    members = _members(found)
    keys = recipient_keys([seat.team_id for seat in members], clock.now())
    context = {
        "group": found,
        "rows": [(seat, keys.get(seat.team_id)) for seat in members],
        "at": clock.now(),
    }
    return render(request, "groups/sheet.html", context)


@require_safe
@page(Permission.GROUPS_READ)
def members_csv(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Write the membership as CSV."""
    found = find_inside(request, group_id)
    return attachment(exports.as_csv(_members(found)), "members.csv", "text/csv; charset=utf-8")


@require_safe
@page(Permission.GROUPS_READ)
def misp(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Write the group in the shape of MISP."""
    found = find_inside(request, group_id)
    return attachment(
        exports.as_misp(found, _members(found)), "sharing-group.json", "application/json"
    )


@require_POST
@page(Permission.GROUPS_READ)
def talk(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Begin the group's talk, or go to it."""
    found = find_inside(request, group_id)
    try:
        begun = founding.begin_talk(principal=principal_of(request), group=found)
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect("groups:group", found.id)
    messages.success(request, _("It stands. What is written in it is sealed to the group's teams."))
    return redirect("talks:talk", begun.id)
