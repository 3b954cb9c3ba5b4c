"""What the views share: what the person may know of; for others there is none."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from tcert.community.directory.models import Organisation
from tcert.foundation.kernel.access import principal_of
from tcert.response.notifications import queries
from tcert.response.notifications.enums import Hop
from tcert.response.notifications.models import Notification, Step, reached_by


def find(request: HttpRequest, notification_id: UUID) -> Notification:
    """Return a notification that the person may know of (404)."""
    seen = Notification.objects.visible_to(principal_of(request))
    found: Notification = get_object_or_404(
        seen.select_related("sending__team", "organisation"), pk=notification_id
    )
    return found


def find_queued(request: HttpRequest, notification_id: UUID) -> Notification:
    """Return one that lies or lay at the desk, for a coordinator whom none of it concerns (404)."""
    seen = Notification.objects.queued_for(principal_of(request))
    found: Notification = get_object_or_404(
        seen.select_related("sending__team", "organisation"), pk=notification_id
    )
    return found


def find_step(request: HttpRequest, step_id: UUID) -> Step:
    """Return a hop that came to a team of the person, or to the desk they act for (404)."""
    principal = principal_of(request)
    own = reached_by(principal).filter(pk=step_id)
    queued = Notification.objects.queued_for(principal).values("pk")
    of_desk = Step.objects.filter(
        pk=step_id, hop=Hop.DESK, reached_at__isnull=False, notification__in=queued
    )
    rows = own.select_related("team__organisation", "notification__sending")
    found = rows.first()
    if found is None:
        found = get_object_or_404(of_desk.select_related("team", "notification__sending"))
    return found


def find_ruled(request: HttpRequest, organisation_id: UUID) -> Organisation:
    """Return an organisation whose rules the person sets (404)."""
    found: Organisation = get_object_or_404(
        queries.organisations_ruled_by(principal_of(request)), pk=organisation_id
    )
    return found
