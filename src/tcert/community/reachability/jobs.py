"""Background work of reachability: returned mails, addresses judged anew, drills."""

import logging
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from tcert.community.reachability.domain import deliveries, drills, planning
from tcert.community.reachability.inspections import MAILBOX_FAILED
from tcert.community.reachability.models import Drill
from tcert.foundation.kernel import faults, mailbox
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.jobs import enqueue, every, job

logger = logging.getLogger(__name__)

MAILBOX_REMEMBERED = int(timedelta(hours=2).total_seconds())


@every(timedelta(minutes=5), jitter=timedelta(minutes=1))
@job("reachability:read-returned", max_attempts=2, deadline=timedelta(minutes=4))
def read_returned() -> None:
    """Read what was returned, where the operator has named a mailbox for it.

    A mailbox that cannot be reached is told by `tcert check`, not by a dead job every five minutes.
    """
    if not mailbox.is_configured():
        return
    try:
        mailbox.read_returned(deliveries.note_returned)
    except mailbox.FAILURES as error:
        if faults.fault_of(error) is not None:
            raise
        logger.warning("the mailbox of returned mail cannot be read: %s", type(error).__name__)
        cache.set(MAILBOX_FAILED, type(error).__name__, MAILBOX_REMEMBERED)
    else:
        cache.delete(MAILBOX_FAILED)


@every(timedelta(hours=1), at=timedelta(minutes=20))
@job("reachability:look-after-addresses")
def look_after_addresses() -> None:
    """Judge addresses anew, since time has passed, and forget those that nobody has."""
    deliveries.look_after()


@every(timedelta(minutes=10), jitter=timedelta(minutes=9))
@job("reachability:plan-drills")
def plan_drills() -> None:
    """Let the drills begin whose moment has come; the jitter hides which of ten minutes it was."""
    if not settings.DRILLS:
        return
    planning.enrol()
    for team, half in planning.due():
        enqueue(start_drill, team=team, half=half, key=f"reachability:drill:{team}:{half}")


@job("reachability:start-drill")
def start_drill(team: UUID, half: str) -> None:
    """Start one team's drill of a half-year."""
    try:
        drills.start_scheduled(team, half)
    except Conflict:  # somebody set one off by hand this very moment: that one is enough for now
        return


@job("reachability:close-drill")
def close_drill(drill: UUID) -> None:
    """End a drill that nobody answered; looked at again should the clock have been set back."""
    if not drills.close(drill):
        ends = Drill.objects.get(pk=drill).ends_at
        enqueue(close_drill, run_at=ends, drill=drill)
