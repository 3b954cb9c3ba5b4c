"""The day's notifications, told together; sealed lines deleted when their time is over."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tcert.foundation.kernel import clock
from tcert.foundation.sealed.domain.removing import erase_later
from tcert.response.notifications.delivery import LONGEST_REPEAT
from tcert.response.notifications.domain.moving import held, told
from tcert.response.notifications.enums import State
from tcert.response.notifications.models import Notification, Sending, Step

KEEP_LINES = timedelta(days=90)
"""After the end of a notification."""
KEEP_UNREACHED = timedelta(days=7)
"""After it as well: what a team never came to read."""


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


@transaction.atomic
def forget() -> int:
    """Delete sealed lines: those of hops that an ended one never reached, and of old ones.

    Of what nobody ever ended they go after a year, when no line is compared any more either.
    """
    now = clock.now()
    year = Notification.objects.filter(sending__sent_at__lt=now - LONGEST_REPEAT)
    over = Notification.objects.filter(state__in=State.over())
    old = over.filter(ended_at__lt=now - KEEP_LINES)
    unreached = over.filter(ended_at__lt=now - KEEP_UNREACHED)
    gone = year.exclude(marks=b"").update(marks=b"")
    old_ones = Sending.objects.filter(sent_at__lt=now - LONGEST_REPEAT)
    gone += old_ones.exclude(digest="").update(digest="")
    gone += Step.objects.filter(
        Q(notification__in=old.values("pk"))
        | Q(notification__in=year.values("pk"))
        | Q(notification__in=unreached.values("pk"), reached_at__isnull=True),
        body__isnull=False,
    ).update(body=None)
    if gone:
        erase_later()
    return gone
