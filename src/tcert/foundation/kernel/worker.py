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
from contextlib import contextmanager, suppress
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import Error, connection, models

from tcert.foundation.kernel import allocator, clock, faults, jobs
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.kernel.stopping import Stop

logger = logging.getLogger(__name__)

ALIVE_BEATS = 4
BROKEN_SECONDS = 3
CLOCK_STEP = timedelta(minutes=5)


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
        self.beat_id = uuid4()
        self.parent = os.getppid()
        self.stopping, self.ended = Stop(), threading.Event()
        self.turn: tuple[UUID, UUID | None] | None = None
        self.broken = ""
        self.steps = clock.Steps()

    def run(self) -> None:
        """Work until SIGTERM, SIGINT or the end of the supervisor."""
        for number in (signal.SIGTERM, signal.SIGINT):  # the job at hand is finished first
            signal.signal(number, self.stopping.set)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        threading.Thread(target=self.keep_beating, daemon=True).start()
        poll = settings.JOB_POLL_SECONDS
        while not self.stopping.is_set and os.getppid() == self.parent:
            self.mind_the_clock()
            if not self.work():
                pause = BROKEN_SECONDS if self.broken else poll
                self.stopping.wait(pause * random.uniform(0.75, 1.25))  # noqa: S311 - spreads load
        self.ended.set()
        with suppress(Error):
            WorkerBeat.objects.filter(pk=self.beat_id).delete()

    def mind_the_clock(self) -> None:
        """After a step back, what waited goes on waiting for no longer; after one ahead, hold on.

        What a clock that jumped ahead sets off (a publication) cannot be taken back, and a time
        service that made the jump soon mends it.
        """
        step = self.steps.since_last()
        if step > CLOCK_STEP:
            logger.error("the clock went ahead by %s: no job begins for a while", step)
            self.stopping.wait(settings.JOB_CLOCK_PAUSE_SECONDS)
        elif step < -CLOCK_STEP:
            logger.error("the clock went back by %s", -step)
            with suppress(Error):
                jobs.pull_back(-step)

    def work(self) -> bool:
        """Look at the schedule and run one job; False if there was none or the database failed."""
        try:
            jobs.tick()
            claimed = jobs.claim()
            if claimed is not None:
                self.turn = (claimed.id, claimed.lease)
                with _deadline(jobs.deadline(claimed)):
                    jobs.perform(claimed)
        except Error as error:  # the lease of what was at hand runs out by itself
            self.note(faults.fault_of(error) or type(error).__name__)
            connection.close()
            return False
        else:
            self.note("")
        finally:
            self.turn = None
        return claimed is not None

    def note(self, broken: str) -> None:
        """Say once what is wrong, and once that it is over; a log must not fill a full disk."""
        if broken and broken != self.broken:
            logger.warning("the worker waits: %s", broken)
        elif self.broken and not broken:
            logger.warning("the worker goes on")
        self.broken = broken

    def keep_beating(self) -> None:
        """Prolong the present lease and show life, from a thread with its own connection."""
        while not self.stopping.is_set:
            self.beat()
            self.stopping.wait(settings.JOB_BEAT_SECONDS)
        self.see_off()
        connection.close()

    def see_off(self) -> None:
        """Keep the last job's lease until it ends; one that takes too long is given back."""
        left = settings.STOP_SECONDS
        while left > 0:
            pause = min(settings.JOB_BEAT_SECONDS, left)
            if self.ended.wait(pause):
                return
            left -= pause
            turn = self.turn
            with suppress(Error):
                if turn is not None:
                    jobs.beat(*turn)
        turn = self.turn
        if turn is None:
            return
        logger.warning("the stop cannot wait for the job at hand: it is given back")
        with suppress(Error):
            jobs.give_back(*turn)
            WorkerBeat.objects.filter(pk=self.beat_id).delete()
        os.kill(os.getpid(), signal.SIGKILL)  # whatever it is doing, it does not end it any more

    def beat(self) -> None:
        """Prolong the present lease and show life, once."""
        turn = self.turn
        try:
            if turn is not None:
                jobs.beat(*turn)
            WorkerBeat.objects.update_or_create(pk=self.beat_id, defaults={"at": clock.now()})
        except Error as error:
            if not self.broken:  # else it was said
                logger.warning("a beat failed: %s", type(error).__name__)
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
    stopping = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stopping.set)
    children: list[subprocess.Popen[bytes]] = []
    while not stopping.is_set:
        for child in [c for c in children if c.poll() is not None]:
            logger.warning("a worker process ended with %s; starting another", child.returncode)
            children.remove(child)
        while len(children) < processes:
            command = [sys.executable, "-m", "tcert", "worker", "--child"]
            children.append(subprocess.Popen(command, env=allocator.environment()))  # noqa: S603
        stopping.wait(0.5)
    for child in children:
        child.terminate()
    for child in children:
        child.wait()


def has_tables(*, patient: bool) -> bool:
    """Tell whether the database knows what a worker works on.

    While it does not answer, the patient wait: nobody restarts a worker. Others get its error.
    """
    told = False
    while True:
        try:
            WorkerBeat.objects.exists()
        except Error as error:
            fault = faults.fault_of(error)
            if fault is None:
                return False
            if not patient:
                raise
            if not told:
                logger.warning("the worker waits: %s", fault)
            told = True
            connection.close()
            threading.Event().wait(BROKEN_SECONDS)
        else:
            return True


def alive() -> bool:
    """Tell whether some worker process showed life lately."""
    since = clock.now() - timedelta(seconds=ALIVE_BEATS * settings.JOB_BEAT_SECONDS)
    return WorkerBeat.objects.filter(at__gte=since).exists()


def prune() -> None:
    """Forget processes that ended without saying so."""
    WorkerBeat.objects.filter(at__lt=clock.now() - timedelta(hours=1)).delete()
