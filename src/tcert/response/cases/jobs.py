"""Background work of cases: clocks that run out, and what follows from sealed posts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID

from tcert.community.directory.domain.keys import KEY_CHANGED
from tcert.community.notices.domain.acknowledging import ACKNOWLEDGED
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.jobs import every, in_turn, job
from tcert.foundation.kernel.outbox import Event, subscribe
from tcert.foundation.sealed.domain.posting import posted_in
from tcert.response.cases.domain import embargo, participants, telling, threads
from tcert.response.cases.domain.notices import NOTICE
from tcert.response.cases.domain.reports import REPORT_SUBJECT
from tcert.response.cases.domain.threads import SUBJECT
from tcert.response.cases.enums import EMBARGO_HOLDS
from tcert.response.cases.models import Embargo, Invitation


@every(timedelta(minutes=1))
@job("cases:run-clocks")
def run_clocks() -> None:
    """End embargoes whose hour has come and let unanswered invitations lapse."""
    in_turn(_that_are_due())


def _that_are_due() -> Iterator[Callable[[], object]]:
    due = Embargo.objects.filter(state__in=EMBARGO_HOLDS, ends_at__lte=clock.now())
    for found in due.select_related("case"):
        yield partial(embargo.end_by_date, embargo=found)
    lapsed = Invitation.objects.filter(state="waiting", expires_at__lte=clock.now())
    for invitation in lapsed.select_related("participant__case"):
        yield partial(participants.expire, invitation=invitation)


@every(timedelta(hours=1), at=timedelta(minutes=20))
@job("cases:remind-embargoes")
def remind_of_embargoes() -> None:
    """Tell the parties that an embargo ends soon."""
    telling.remind_of_embargoes()


@every(timedelta(days=1), at=timedelta(hours=6), jitter=timedelta(hours=1))
@job("cases:remind-promises")
def remind_of_promises() -> None:
    """Tell coordinating teams which reporters are to be answered by tomorrow."""
    telling.remind_of_promises()


@every(timedelta(days=1), at=timedelta(hours=6), jitter=timedelta(hours=1))
@job("cases:call-deputy")
def call_deputy() -> None:
    """Call the desk's deputy for reports that wait past the promised day."""
    telling.call_deputy()
    telling.forget_promises()


@subscribe(ACKNOWLEDGED, name="cases:note-acknowledged")
def note_acknowledged(event: Event) -> None:
    """Write into the timeline that a party has seen a notice."""
    telling.acknowledged(event.object_id, UUID(str(event.data["team"])))


@subscribe(posted_in(REPORT_SUBJECT), name="cases:tell-readers")
@subscribe(posted_in(SUBJECT), name="cases:tell-readers")
def tell_readers(event: Event) -> None:
    """Tell the other readers of a case's thread that something came."""
    threads.posted(message_id=event.object_id)


@subscribe(NOTICE, name="cases:mail")
def mail(event: Event) -> None:
    """Mail one team that something waits for it."""
    team_id, what = UUID(str(event.data["team"])), str(event.data["what"])
    telling.tell(event.object_id, team_id, what, key=str(event.id))


@subscribe(KEY_CHANGED, name="cases:refresh-readers")
def refresh_readers(event: Event) -> None:
    """Seal what comes from now on to a team's new key, in every conversation that it reads."""
    threads.refresh_for_team(event.object_id)
