"""Who may send notifications, know of one, answer it, work on the desk's queue, set the rules."""

from typing import Any

import rules

from tcert.community.directory.rules import speaks_for_organisation
from tcert.community.talks.rules import speaks_for
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_member
from tcert.response.notifications.enums import Hop, Said
from tcert.response.notifications.models import Notification, Step


@rules.predicate
def knows(principal: Principal, notification: Any) -> bool:
    """May know of this notification; with none, of notifications at all."""
    return notification is None or (
        isinstance(notification, Notification) and notification.is_visible_to(principal)
    )


@rules.predicate
def answers_for(principal: Principal, step: Any) -> bool:
    """Speaks for the team of a hop that was reached and did not say that it is not theirs.

    A duty officer speaks; with none, for any team.
    """
    if step is None:
        return speaks_for(principal, None)
    return (
        isinstance(step, Step)
        and step.is_served
        and step.hop != Hop.DESK
        and step.said != Said.NOT_OURS
        and speaks_for(principal, step.team)
    )


@rules.predicate
def is_served_queue(principal: Principal, notification: Any) -> bool:
    """None of it concerns this coordinator; with none, any."""
    return notification is None or (
        isinstance(notification, Notification)
        and Notification.objects.queued_for(principal).filter(pk=notification.pk).exists()
    )


grant(Permission.NOTIFICATIONS_ANSWER, is_member & answers_for)
grant(Permission.NOTIFICATIONS_DESK, is_coordinator & is_served_queue)
grant(Permission.NOTIFICATIONS_PROGRAM, is_member)
grant(Permission.NOTIFICATIONS_READ, is_member & knows)
grant(Permission.NOTIFICATIONS_RULES, is_member & speaks_for_organisation)
grant(Permission.NOTIFICATIONS_SEND, is_member & speaks_for)
