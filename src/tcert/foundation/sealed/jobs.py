"""Background work of this room."""

from datetime import timedelta

from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.sealed.domain.delivering import deliver_buffered
from tcert.foundation.sealed.erasing import erase_traces


@every(timedelta(minutes=30), jitter=timedelta(minutes=10))
@job("sealed:deliver-buffered")
def deliver() -> None:
    """Move what reporters sent since the last round, shuffled."""
    deliver_buffered()


@job("sealed:erase-traces", deadline=timedelta(minutes=30))
def erase() -> None:
    """After a deletion: leave nothing of it in free pages or in the write-ahead log."""
    erase_traces()
