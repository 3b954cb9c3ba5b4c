"""The day's notifications, told together; sealed lines deleted when their time is over."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from tcert.foundation.kernel import clock
from tcert.response.notifications.domain.moving import held, told
from tcert.response.notifications.enums import State
from tcert.response.notifications.models import Notification, Step

KEEP_LINES = timedelta(days=90)
"""After the end of a notification."""


def waiting_for_the_day() -> list[UUID]:
    """Return the notifications of which a team is told once a day."""
    rows = Step.objects.filter(waits=True).order_by("reached_at")
    return list(rows.values_list("notification_id", flat=True))


@transaction.atomic
def tell(notification_id: UUID) -> None:
    """Tell the team of one that waited; who has answered on the page is not told."""
    notification = held(notification_id)
    for step in notification.steps.filter(waits=True):
        if notification.state == State.WAITING and notification.step == step.position:
            told(notification, step)
        else:
            step.waits = False
            step.save(update_fields=["waits"])


def forget() -> int:
    """Delete sealed lines: those of hops that an ended one never reached, and of old ones."""
    over = Notification.objects.filter(state__in=State.over(), ended_at__isnull=False)
    sealed = Step.objects.filter(body__isnull=False)
    old = over.filter(ended_at__lt=clock.now() - KEEP_LINES)
    unreached = over.filter(ended_at__lt=clock.now() - timedelta(days=7))
    gone: int = sealed.filter(notification__in=old.values("pk")).update(body=None)
    return gone + sealed.filter(
        notification__in=unreached.values("pk"), reached_at__isnull=True
    ).update(body=None)
