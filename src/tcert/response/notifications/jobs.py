"""Background work of notifications: notices, sealed mail, timers, the day's round, deleting."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.utils.translation import gettext as _

from tcert.community.notices.domain.telling import mail_person, notify_team
from tcert.foundation.kernel.jobs import every, in_turn, job
from tcert.foundation.kernel.mail import provide_content
from tcert.foundation.kernel.outbox import Event, subscribe
from tcert.response.notifications import queries
from tcert.response.notifications.domain import answering, keeping, mailing
from tcert.response.notifications.domain.answering import DENIED
from tcert.response.notifications.domain.moving import ANSWERED, REACHED, note_told
from tcert.response.notifications.enums import Hop, Severity
from tcert.response.notifications.models import Notification


@subscribe(REACHED, name="notifications:mail")
def mail(event: Event) -> None:
    """Tell a team that something came, in the same words whatever it is.

    Of high severity it does not wait for a digest, and rings at the address for nights. The sealed
    lines go in a mail of their own, where the organisation wants that: this one is signed and
    leads to the page; the other is neither.
    """
    step = note_told(event.object_id)
    if step is None:
        return
    place = "notifications/queue" if step.hop == Hop.DESK else "notifications"
    words = _("Something is new for your team under notifications.")
    notify_team(
        step.team_id,
        subject=_("Notifications"),
        text=f"{words}\n\n{settings.BASE_URL}/{place}/\n",
        key=f"notifications:{event.id}",
        urgent=step.notification.sending.severity in Severity.urgent(),
        about=step.notification_id,
    )
    mailing.queue(step, key=f"{mailing.LINES}:{event.id}")


@subscribe(ANSWERED, name="notifications:mail-sender")
def mail_sender(event: Event) -> None:
    """Tell the team that sent it that something came of it."""
    found = Notification.objects.select_related("sending").filter(pk=event.object_id).first()
    if found is None:
        return
    words = _("Something came of a notification that your team sent.")
    notify_team(
        found.sending.team_id,
        subject=_("Notifications"),
        text=f"{words}\n\n{settings.BASE_URL}/notifications/?box=sent\n",
        key=f"notifications:{event.id}",
        about=found.id,
    )


@subscribe(DENIED, name="notifications:mail-leads")
def mail_leads(event: Event) -> None:
    """Tell who leads an organisation that a colleague said that something is not theirs."""
    for person in queries.leads_of(event.object_id):
        mail_person(person, key=f"notifications:{event.id}")


@every(timedelta(minutes=10))
@job("notifications:climb")
def climb() -> None:
    """Let go on what nobody acknowledged in time, each by itself."""
    in_turn(partial(answering.climb, notification_id) for notification_id in answering.overdue())


@every(timedelta(days=1), at=timedelta(hours=6), jitter=timedelta(minutes=30))
@job("notifications:day")
def day() -> None:
    """Tell the teams that want to be told once a day."""
    in_turn(partial(keeping.tell, one) for one in keeping.waiting_for_the_day())


@every(timedelta(days=1), at=timedelta(hours=3), jitter=timedelta(hours=1))
@job("notifications:forget")
def forget() -> None:
    """Delete the sealed lines whose time is over."""
    keeping.forget()


provide_content(mailing.LINES, mailing.CONTENT)
