"""What a drill came to, from its moments. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tcert.community.reachability.enums import Result

OPEN_FOR = timedelta(hours=24)
"""So long an answer is taken."""
FAILURES_TO_TELL = 2
"""After so many failed drills in a row the desk is told."""


def ends(started: datetime) -> datetime:
    """Return from when on a drill takes no answer any more."""
    return started + OPEN_FOR


def takes_answer(started: datetime, now: datetime) -> bool:
    """Tell whether an answer still counts at a moment; at the very end it does not."""
    return started <= now < ends(started)


def result(
    started: datetime, answered: datetime | None, target: timedelta, now: datetime, *, sent: bool
) -> Result:
    """Return what a drill has come to at a moment.

    Args:
        started: When the notices went out.
        answered: When it was answered; None: not yet.
        target: Within what time it was to be answered; the last moment of it is in time.
        now: The moment of the question.
        sent: Whether a notice got out by any channel, as far as the hub knows.

    """
    if answered is not None and takes_answer(started, answered):
        return Result.IN_TIME if answered - started <= target else Result.LATE
    if now < ends(started):
        return Result.WAITING
    return Result.UNANSWERED if sent else Result.UNDELIVERABLE


def failed_in_a_row(results: Sequence[Result]) -> int:
    """Count the failed drills since one was answered last; the newest comes first."""
    count = 0
    for one in results:
        if one not in Result.failed():
            break
        count += 1
    return count
