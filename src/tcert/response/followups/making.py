"""From a notification to what the form of an incident shows first. Nothing sealed is read."""

from typing import Any

from django.db.models import QuerySet

from tcert.community.directory.models import Team
from tcert.community.talks.queries import speaking_teams
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases.zoned import local
from tcert.response.incidents.enums import Side
from tcert.response.incidents.forms import fresh
from tcert.response.notifications.enums import Topic
from tcert.response.notifications.models import Notification, reached_by

KINDS = {
    Topic.COMPROMISED: "gsma-attack-category:exploit-attack",
    Topic.SUSPICIOUS: "gsma-attack-category:information-gathering",
}
"""Where a class of notifications suggests a kind of incidents; else a person chooses unaided."""


def teams_for(principal: Principal, notification: Notification) -> QuerySet[Team]:
    """Return the teams that sent it or were told, for which the person speaks."""
    told = reached_by(principal).filter(notification=notification)
    between = {notification.sending.team_id, *told.values_list("team_id", flat=True)}
    return speaking_teams(principal).filter(pk__in=between)


def first_values(notification: Notification, team: Team) -> dict[str, Any]:
    """Return what the form shows first: terms and times of the notification."""
    sending = notification.sending
    is_sender = team.pk == sending.team_id
    noticed = sending.observed_at if is_sender else max(sending.observed_at, sending.sent_at)
    return {
        **fresh(team.pk),
        **local(sending.observed_at, "began"),
        **local(noticed, "noticed"),
        "kind": KINDS.get(Topic(sending.topic), ""),
        "severity": sending.severity,
        "tlp": sending.tlp,
        "own_side": Side.NEITHER if is_sender else Side.AFFECTED,
    }
