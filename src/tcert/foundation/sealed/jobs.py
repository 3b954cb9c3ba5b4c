"""Background work of this room."""

from datetime import timedelta

from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.sealed import erasing
from tcert.foundation.sealed.domain.delivering import deliver_buffered
from tcert.foundation.sealed.domain.removing import delete_doomed


@every(timedelta(minutes=30), jitter=timedelta(minutes=10))
@job("sealed:deliver-buffered")
def deliver() -> None:
    """Move what reporters sent since the last round, shuffled."""
    deliver_buffered()


@job("sealed:erase-traces", deadline=timedelta(minutes=30), max_attempts=14)
def erase() -> None:
    """After a deletion: leave nothing of it in the write-ahead log."""
    erasing.erase_traces()


@job("sealed:rewrite-database", deadline=timedelta(minutes=30))
def rewrite() -> None:
    """In the night after a deletion: leave nothing of it in the database's own file."""
    erasing.rewrite()


@every(timedelta(hours=1), jitter=timedelta(minutes=5))
@job("sealed:delete-doomed")
def finish_deleting() -> None:
    """Delete the files that a killed process left to be deleted."""
    delete_doomed()
