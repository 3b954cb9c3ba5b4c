"""The worker: a supervisor process, and child processes that run one job at a time.

A child sets an alarm whose default action kills it, so that a job past its deadline ends even
while it holds the interpreter. The supervisor starts the next child; the job's lease runs out
and counts as an attempt. Children leave by themselves when their supervisor is gone.
"""

import logging
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from uuid import UUID

from django.conf import settings
from django.db import Error, connection, models

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.seen import Seen

logger = logging.getLogger(__name__)

ALIVE_BEATS = 4


class WorkerBeat(UuidModel):
    """A worker process that was alive at `at`."""

    what_we_see = Seen(
        "A sign of life of a worker process",
        readable={"id": "a random number", "at": "when it last said that it lives"},
    )

    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class Child:
    """One process that claims and runs jobs until it is told to stop."""

    def __init__(self) -> None:
        self.beat_id = WorkerBeat.objects.create(at=clock.now()).id
        self.parent = os.getppid()
        self.stopping = threading.Event()
        self.turn: tuple[UUID, UUID | None] | None = None

    def run(self) -> None:
        """Work until SIGTERM, SIGINT or the end of the supervisor."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        threading.Thread(target=self.keep_beating, daemon=True).start()
        poll = settings.JOB_POLL_SECONDS
        while not self.stopping.is_set() and os.getppid() == self.parent:
            if not self.work():
                self.stopping.wait(poll * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load
        WorkerBeat.objects.filter(pk=self.beat_id).delete()

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        """Finish the job at hand, then leave."""
        self.stopping.set()

    def work(self) -> bool:
        """Look at the schedule and run one job; False if there was none or the database failed."""
        try:
            jobs.tick()
            claimed = jobs.claim()
            if claimed is None:
                return False
            self.turn = (claimed.id, claimed.lease)
            with _deadline(jobs.deadline(claimed)):
                jobs.perform(claimed)
        except Error as error:  # the lease of what was at hand runs out by itself
            logger.warning("the database failed: %s", type(error).__name__)
            connection.close()
            return False
        finally:
            self.turn = None
        return True

    def keep_beating(self) -> None:
        """Prolong the present lease and show life, from a thread with its own connection."""
        while not self.stopping.wait(settings.JOB_BEAT_SECONDS):
            turn = self.turn
            try:
                if turn is not None:
                    jobs.beat(*turn)
                WorkerBeat.objects.update_or_create(pk=self.beat_id, defaults={"at": clock.now()})
            except Error as error:
                logger.warning("a beat failed: %s", type(error).__name__)
                connection.close()
        connection.close()


@contextmanager
def _deadline(length: timedelta) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, length.total_seconds())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def supervise(processes: int) -> None:
    """Keep that many children at work until SIGTERM or SIGINT; ends when they have ended."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    children: list[subprocess.Popen[bytes]] = []
    while not stopping.is_set():
        for child in [c for c in children if c.poll() is not None]:
            logger.warning("a worker process ended with %s; starting another", child.returncode)
            children.remove(child)
        while len(children) < processes:
            children.append(subprocess.Popen([sys.executable, "-m", "tcert", "worker", "--child"]))
        stopping.wait(0.5)
    for child in children:
        child.terminate()
    for child in children:
        child.wait()


def has_tables() -> bool:
    """Tell whether the database answers and knows what a worker works on."""
    try:
        WorkerBeat.objects.exists()
    except Error:
        return False
    return True


def alive() -> bool:
    """Tell whether some worker process showed life lately."""
    since = clock.now() - timedelta(seconds=ALIVE_BEATS * settings.JOB_BEAT_SECONDS)
    return WorkerBeat.objects.filter(at__gte=since).exists()


def prune() -> None:
    """Forget processes that ended without saying so."""
    WorkerBeat.objects.filter(at__lt=clock.now() - timedelta(hours=1)).delete()
