"""Which incident was made of which notification."""

from typing import ClassVar

from django.db import models

from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.seen import Seen
from tcert.response.incidents.models import Incident
from tcert.response.notifications.models import Notification


class FollowupQuerySet(models.QuerySet["Followup"]):
    """Links by who may see both ends."""

    def visible_to(self, principal: Principal) -> "FollowupQuerySet":
        """Return those of which the person may see the notification and the incident."""
        return self.filter(
            notification__in=Notification.objects.visible_to(principal).order_by().values("pk"),
            incident__in=Incident.objects.visible_to(principal).order_by().values("pk"),
        )


class Followup(UuidModel):
    """An incident was made of a notification, by a team that sent it or was told."""

    what_we_see = Seen(
        "An incident that was made of a notification",
        readable={
            "id": "a random number",
            "notification": "of which notification",
            "incident": "which incident",
            "team": "which team made it",
            "made_at": "when",
        },
    )

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="+")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[models.Manager["Followup"]] = FollowupQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-made_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notification", "incident"], name="followup_once")
        ]

    def __str__(self) -> str:
        return f"{self.notification_id} {self.incident_id}"

    def is_visible_to(self, principal: Principal) -> bool:
        """Match `FollowupQuerySet.visible_to`."""
        return self.notification.is_visible_to(principal) and self.incident.is_visible_to(principal)
