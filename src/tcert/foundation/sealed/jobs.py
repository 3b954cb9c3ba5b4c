"""Background work of this room."""

from datetime import timedelta

from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.sealed.domain.delivering import deliver_buffered


@every(timedelta(minutes=30), jitter=timedelta(minutes=10))
@job("sealed:deliver-buffered")
def deliver() -> None:
    """Move what reporters sent since the last round, shuffled."""
    deliver_buffered()
