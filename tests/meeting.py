"""Two people in each other's way, at the worst moment rather than at a likely one."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, connections
from django.db.models import Model
from django.db.models.signals import ModelSignal

from tcert.foundation.kernel.errors import DomainError

PATIENCE = 20.0
GLANCE = 0.02


@dataclass(frozen=True)
class Moment:
    """Where the first of two acts is stopped: at a signal of Django about such a row."""

    signal: ModelSignal
    sender: type[Model]
    when: Callable[[Any], bool]


def meet(
    first: Callable[[], object], second: Callable[[], object], *, at: Moment
) -> tuple[object, object]:
    """Stop `first` at a moment until `second` is over, or waits for what `first` holds.

    Without the lock under test the second act runs through in the middle of the first one; with
    it the first goes on as soon as PostgreSQL says that it blocks the second. SQLite lets one
    writer in at a time, so there the second act waits at its door. Returns what each gave or
    raised.
    """
    meeting = _Meeting(first, second, at)
    at.signal.connect(meeting.stop, sender=at.sender)
    try:
        meeting.hold()
    finally:
        at.signal.disconnect(meeting.stop, sender=at.sender)
    assert meeting.was_stopped, "the first act never came to the moment"
    return meeting.outcomes["first"], meeting.outcomes["second"]


class _Meeting:
    """Two threads, each with its own connection."""

    def __init__(
        self, first: Callable[[], object], second: Callable[[], object], at: Moment
    ) -> None:
        self.at = at
        self.outcomes: dict[str, object] = {}
        self.was_stopped = False
        self._midway, self._over = threading.Event(), threading.Event()
        self._backend: int | None = None
        self._first = threading.Thread(target=self._run_first, args=[first])
        self._second = threading.Thread(target=self._run_second, args=[second])

    def hold(self) -> None:
        """Let both act, and wait for them."""
        for thread in (self._first, self._second):
            thread.start()
        for thread in (self._first, self._second):
            thread.join(3 * PATIENCE)

    def stop(self, instance: Any, **_about: Any) -> None:
        """Stop the first act, once, when its moment has come."""
        mine = threading.current_thread() is self._first
        if not mine or self.was_stopped or not self.at.when(instance):
            return
        self.was_stopped = True
        self._midway.set()
        for _ in range(int(PATIENCE / GLANCE)):
            if self._over.wait(GLANCE) or _blocks(self._backend):
                return
        raise AssertionError("the second act neither ends nor waits")

    def _run_first(self, act: Callable[[], object]) -> None:
        self.outcomes["first"] = _outcome(act)
        self._midway.set()

    def _run_second(self, act: Callable[[], object]) -> None:
        self._midway.wait(PATIENCE)
        self._backend = _backend()
        self.outcomes["second"] = _outcome(act)
        self._over.set()


def _outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except Exception as error:  # noqa: BLE001 (the test looks at what was raised)
        return error
    finally:
        connection.close()


def _backend() -> int | None:
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _blocks(backend: int | None) -> bool:
    """Tell whether the caller's transaction holds what the other connection waits for."""
    if connection.vendor != "postgresql":
        return True
    if backend is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid() = ANY(pg_blocking_pids(%s))", [backend])
        return bool(cursor.fetchone()[0])


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads that start together; returns what each returned or raised."""
    gate = threading.Barrier(len(acts))
    outcomes: list[object] = [None] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        gate.wait(timeout=20)
        try:
            outcomes[index] = act()
        except DomainError as refusal:
            outcomes[index] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i, act)) for i, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes
