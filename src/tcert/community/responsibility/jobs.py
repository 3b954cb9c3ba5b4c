"""Background work of responsibility: weekly questions, and what follows when an account closes."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from tcert.community.accounts.domain.people import ACCOUNT_CLOSED
from tcert.community.responsibility.domain import asking, leaving
from tcert.foundation.kernel.jobs import every, in_turn, job
from tcert.foundation.kernel.outbox import Event, subscribe


@every(timedelta(days=1), at=timedelta(hours=6), jitter=timedelta(hours=1))
@job("responsibility:ask")
def ask() -> None:
    """Ask who has yet to confirm, each person once a week."""
    in_turn(partial(asking.remind, matrix_id) for matrix_id in asking.to_remind())


@subscribe(ACCOUNT_CLOSED, name="responsibility:left")
def left(event: Event) -> None:
    """Who cannot sign in any more answers for nothing."""
    leaving.account_closed(UUID(str(event.object_id)))
