"""The one source of time: UTC, and injectable, so that no test ever sleeps."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today() -> date:
    """Return the present day in UTC."""
    return now().date()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at an aware moment inside the block, in this thread and context only."""
    if at.tzinfo is None:
        raise ValueError("the clock needs an aware moment")
    token = _frozen.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


class Steps:
    """Notices when the clock is set: the time that passed by it is held against a counter.

    The counter goes on while the machine sleeps, where the system has such a one.
    """

    def __init__(self) -> None:
        self._offset = self._measured()

    def since_last(self) -> timedelta:
        """Return by how much the clock was set since the last question; ahead is positive."""
        before, self._offset = self._offset, self._measured()
        return self._offset - before

    def _measured(self) -> timedelta:
        counter = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
        return now() - datetime.fromtimestamp(time.clock_gettime(counter), UTC)
