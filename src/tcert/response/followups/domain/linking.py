"""Tying an incident to the notification of which it was made, with its lines as a count."""

from django.db import transaction

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.response.followups.models import Followup
from tcert.response.incidents.domain import working
from tcert.response.incidents.domain.reporting import AHEAD, EARLIEST
from tcert.response.incidents.models import SUBJECT, Incident
from tcert.response.notifications.models import Notification


@transaction.atomic
def tie(*, principal: Principal, notification: Notification, incident: Incident) -> Followup:
    """Tie a new incident to a notification; of a form sent twice the second changes nothing.

    Raises:
        PermissionDenied: the person may not know of the notification.
        DomainError: as `working.count`.

    """
    require(principal, Permission.NOTIFICATIONS_READ, notification)
    team = incident.reporter
    made, is_new = Followup.objects.get_or_create(
        notification=notification, incident=incident, defaults={"team": team}
    )
    if not is_new:
        return made
    at = notification.sending.observed_at
    if EARLIEST <= at <= clock.now() + AHEAD:
        # Its own lines alone: all who are told of the incident read the sum, and it must not tell
        # them how much others were told in the same act.
        working.count(
            principal=principal,
            incident=incident,
            events=notification.lines,
            first_at=at,
            last_at=at,
        )
    record(
        principal,
        "followups:incident:tie",
        SUBJECT,
        incident.pk,
        notification=str(notification.pk),
    )
    return made
