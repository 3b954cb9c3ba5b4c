"""What this room puts onto the pages of notifications and of incidents."""

from collections.abc import Iterator
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui import related
from tcert.foundation.ui.related import Related
from tcert.response.followups import making
from tcert.response.followups.models import Followup
from tcert.response.incidents import models as incidents
from tcert.response.notifications import models as notifications
from tcert.response.notifications.models import Notification


def of_notification(principal: Principal, notification_id: UUID) -> Iterator[Related]:
    """Yield the incidents that were made of it, and the way to make one."""
    seen = Followup.objects.visible_to(principal).filter(notification=notification_id)
    for one in seen.select_related("incident"):
        url = reverse("incidents:incident", args=[one.incident_id])
        yield Related(one.incident.number, url)
    if not allowed(principal, Permission.INCIDENTS_REPORT):
        return
    found = Notification.objects.select_related("sending").get(pk=notification_id)
    if making.teams_for(principal, found).exists():
        url = reverse("followups:make", args=[notification_id])
        yield Related(_("Make an incident of this"), url, is_act=True)


def of_incident(principal: Principal, incident_id: UUID) -> Iterator[Related]:
    """Yield the notifications of which it was made."""
    seen = Followup.objects.visible_to(principal).filter(incident=incident_id)
    for one in seen.select_related("notification__sending"):
        url = reverse("notifications:notification", args=[one.notification_id])
        topic = one.notification.sending.topic_label
        yield Related(_("Notification: %(topic)s") % {"topic": topic}, url)


related.register(notifications.SUBJECT, of_notification)
related.register(incidents.SUBJECT, of_incident)
