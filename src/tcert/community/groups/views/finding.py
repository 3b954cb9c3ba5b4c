"""What the views share: a group or a seat that the person may know of; for others there is none."""

from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from tcert.community.groups.models import Group, Seat
from tcert.foundation.kernel.access import principal_of, require
from tcert.foundation.kernel.permissions import Permission


def find_group(request: HttpRequest, group_id: UUID) -> Group:
    """Return a group that the person may know of (404)."""
    found: Group = get_object_or_404(
        Group.objects.visible_to(principal_of(request)).select_related("founded_by"), pk=group_id
    )
    return found


def find_inside(request: HttpRequest, group_id: UUID) -> Group:
    """Return a group of the person's own teams (404)."""
    found: Group = get_object_or_404(Group.objects.inside(principal_of(request)), pk=group_id)
    return found


def find_stewarded(request: HttpRequest, group_id: UUID) -> Group:
    """Return a group that the person stewards: 404 outside of it, 403 for its other people."""
    found = find_inside(request, group_id)
    require(principal_of(request), Permission.GROUPS_STEWARD, found)
    return found


def find_seat(request: HttpRequest, seat_id: UUID) -> Seat:
    """Return a seat that the person may know of (404)."""
    seen = Seat.objects.visible_to(principal_of(request))
    found: Seat = get_object_or_404(
        seen.select_related("group", "team__organisation", "by_team", "ended_by"), pk=seat_id
    )
    return found


def find_own_seat(request: HttpRequest, seat_id: UUID) -> Seat:
    """Return a seat for whose team the person speaks (404, 403 for its other people)."""
    found, principal = find_seat(request, seat_id), principal_of(request)
    if found.team_id not in principal.team_ids:
        raise Http404
    require(principal, Permission.GROUPS_SEAT_MANAGE, found)
    return found
