"""Background jobs: one table and the verbs on it; `worker` holds the loop that runs them.

A job is a row, written in the transaction of the act that wants it. A worker claims it by moving
`run_at` to the end of a lease and keeps moving it while it works; a worker that dies simply
stops, and the row becomes due again by itself. Attempts count at the claim, so that a job that
kills its worker dies too. Handlers run at least once and must stand being run twice.

The row of a job that is done is deleted, unless it has a key: then it stays for a while, so that
the key goes on refusing a repeat. What an anonymous reporter sets off gets no key.
"""

import inspect
import logging
import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from functools import cache
from typing import ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, models, transaction

from tcert.foundation.kernel import clock, faults
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.seen import Seen

logger = logging.getLogger(__name__)

Argument = UUID | str | int | None

KEEP_DONE = timedelta(days=2)
LONGEST_DELAY = timedelta(hours=6)
FAULT_DELAY = timedelta(seconds=30)
_ID = re.compile(r"[A-Za-z0-9:._@+/-]{0,100}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class State(StrEnum):
    """Where a job stands; a leased job is still waiting, for its lease to end."""

    DEAD = "dead"
    DONE = "done"
    WAITING = "waiting"


class Priority(IntEnum):
    """Which of the due jobs goes first: the smaller number."""

    URGENT = 10
    NORMAL = 50
    IDLE = 90


class GiveUp(Exception):
    """Raised by a handler: another attempt cannot help, the job is dead at once."""


class Job(UuidModel):
    """One thing to do later. `run_at` is when it may be claimed, the end of its lease while it
    runs, and the moment it ended once it is done or dead.
    """  # noqa: D205 - one thought

    what_we_see = Seen(
        "A background job",
        readable={
            "id": "a random number",
            "name": "what is to be done",
            "arguments": "ids of the things it is to be done to",
            "priority": "which job goes first",
            "run_at": "when it may run next, or when it ended",
            "attempts": "how often it was tried",
            "state": "whether it waits, is done or was given up",
            "lease": "a random number of the worker's present turn",
            "key": "a word that keeps the same job from being done twice",
            "error": "kind and place of the last error, without its text",
        },
    )

    name = models.CharField(max_length=100)
    arguments = models.JSONField(default=dict)
    priority = models.SmallIntegerField(default=Priority.NORMAL.value)
    run_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, default=State.WAITING.value)
    lease = models.UUIDField(null=True)
    key = models.CharField(max_length=200, null=True, unique=True)
    error = models.CharField(max_length=200, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["priority", "run_at"],
                condition=models.Q(state=State.WAITING.value),
                name="kernel_job_waiting",
            ),
            models.Index(fields=["state", "run_at"], name="kernel_job_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class Schedule(models.Model):
    """When a repeated job is due next; whoever moves `next_run` on enqueues the tick."""

    what_we_see = Seen(
        "The schedule of a repeated job",
        readable={"name": "which job", "next_run": "when it is due next"},
    )

    name = models.CharField(max_length=100, primary_key=True)
    next_run = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Kind:
    """A handler under its name, and how patiently it is run. Calling it runs it here and now."""

    name: str
    handler: Callable[..., object]
    max_attempts: int
    deadline: timedelta
    first_delay: timedelta

    def __call__(self, **ids: Argument) -> object:
        return self.handler(**ids)

    def delay(self, attempts: int) -> timedelta:
        """Return how long to wait after the n-th attempt failed: doubling, spread by half."""
        doubled = min(self.first_delay * 2 ** min(attempts - 1, 30), LONGEST_DELAY)
        return doubled * random.uniform(1, 1.5)  # noqa: S311 - spreads load, guards nothing


@dataclass(frozen=True, slots=True)
class Cadence:
    """A kind of job that is due every `period`, `offset` after the period's beginning (UTC)."""

    kind: Kind
    period: timedelta
    offset: timedelta
    jitter: timedelta

    def after(self, moment: datetime) -> datetime:
        """Return the first tick later than a moment."""
        start = _EPOCH + self.offset
        return start + ((moment - start) // self.period + 1) * self.period


_kinds: dict[str, Kind] = {}
_cadences: dict[str, Cadence] = {}


def job(
    name: str,
    *,
    max_attempts: int = 8,
    deadline: timedelta = timedelta(minutes=5),
    first_delay: timedelta = timedelta(seconds=2),
) -> Callable[[Callable[..., object]], Kind]:
    """Make a function a kind of job, called `room:verb`.

    It runs at least once, so it must stand being run twice. After `deadline` its worker is
    killed, and that counts as an attempt. A room's `jobs.py` is imported at start.
    """

    def register(handler: Callable[..., object]) -> Kind:
        if name in _kinds:
            raise ValueError(f"there are two jobs called {name}")
        _kinds[name] = Kind(name, handler, max_attempts, deadline, first_delay)
        return _kinds[name]

    return register


def every(
    period: timedelta, *, at: timedelta = timedelta(), jitter: timedelta = timedelta()
) -> Callable[[Kind], Kind]:
    """Repeat a job: `@every(timedelta(days=1), at=timedelta(hours=3))` above `@job`; UTC.

    `jitter` puts each run off by a random part of it. Ticks missed while no worker ran are
    caught up by one run.
    """

    def register(kind: Kind) -> Kind:
        _cadences[kind.name] = Cadence(kind, period, at, jitter)
        return kind

    return register


def enqueue(
    kind: Kind,
    *,
    run_at: datetime | None = None,
    priority: Priority = Priority.NORMAL,
    key: str | None = None,
    **ids: Argument,
) -> bool:
    """Write a job in the caller's transaction; False if its key was used before.

    Arguments are ids, numbers and vocabulary words only: the table is readable and must not hold
    what a person wrote. A UUID comes back as a UUID. Raises ValueError or TypeError otherwise.
    """
    _signature(kind.handler).bind(**ids)
    row = Job(
        name=kind.name,
        arguments=written(ids),
        priority=priority,
        run_at=run_at or clock.now(),
        key=key,
    )
    if key is None:
        row.save(force_insert=True)
        return True
    Job.objects.bulk_create([row], ignore_conflicts=True)
    return Job.objects.filter(pk=row.pk).exists()


@cache
def _signature(handler: Callable[..., object]) -> inspect.Signature:
    return inspect.signature(handler)


def written(ids: Mapping[str, Argument]) -> dict[str, str | int | None]:
    """Return ids as JSON holds them; raises ValueError or TypeError for anything else."""
    return {name: _written(name, value) for name, value in ids.items()}


def _written(name: str, value: Argument) -> str | int | None:
    if isinstance(value, str) and not _ID.fullmatch(value):
        raise ValueError(f"{name} is no id: a job takes ids, never text")
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str | UUID):
        return str(value)
    raise TypeError(f"{name} is no id but a {type(value).__name__}")


def _read(arguments: Mapping[str, str | int | None]) -> dict[str, Argument]:
    return {
        name: UUID(value) if isinstance(value, str) and _UUID.fullmatch(value) else value
        for name, value in arguments.items()
    }


_CLAIM = """
    UPDATE kernel_job SET attempts = attempts + 1, run_at = %s, lease = %s
    WHERE id = (
        SELECT id FROM kernel_job WHERE state = 'waiting' AND run_at <= %s
        ORDER BY priority, run_at LIMIT 1 {lock}
    ) RETURNING *
"""


def claim() -> Job | None:
    """Take the first due job for one lease, or None; two workers never get the same lease."""
    now = clock.now()
    if not Job.objects.filter(state=State.WAITING, run_at__lte=now).exists():
        return None  # a claim takes SQLite's write lock even when it finds nothing
    skip = connection.features.has_select_for_update_skip_locked
    run_at, lease = Job._meta.get_field("run_at"), Job._meta.get_field("lease")
    rows = Job.objects.raw(
        _CLAIM.format(lock="FOR UPDATE SKIP LOCKED" if skip else ""),
        [
            run_at.get_db_prep_value(now + _lease(), connection),
            lease.get_db_prep_value(uuid4(), connection),
            run_at.get_db_prep_value(now, connection),
        ],
    )
    return next(iter(list(rows)), None)


def _lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def beat(job_id: UUID, lease: UUID | None) -> bool:
    """Prolong a lease; False if it was lost to another worker."""
    held = Job.objects.filter(pk=job_id, lease=lease, state=State.WAITING)
    return bool(held.update(run_at=clock.now() + _lease()))


def give_back(job_id: UUID, lease: UUID | None) -> None:
    """End a lease at once: its worker was asked to stop and leaves in the middle of the job.

    It counts as no attempt: the job did nothing wrong.
    """
    held = Job.objects.filter(pk=job_id, lease=lease, state=State.WAITING)
    held.update(run_at=clock.now(), lease=None, attempts=models.F("attempts") - 1)


def deadline(claimed: Job) -> timedelta:
    """Return after what time the worker of a claimed job is killed."""
    kind = _kinds.get(claimed.name)
    return kind.deadline if kind else timedelta(minutes=1)


def perform(claimed: Job) -> None:
    """Run a claimed job and write how it ended, unless its lease was lost meanwhile."""
    kind = _kinds.get(claimed.name)
    held = Job.objects.filter(pk=claimed.pk, lease=claimed.lease, state=State.WAITING)
    if kind is None:
        _bury(held, claimed, "no such job in this version")
        return
    if claimed.attempts > kind.max_attempts:
        _bury(held, claimed, claimed.error or "the worker died with it or hit its deadline")
        return
    try:
        kind.handler(**_read(claimed.arguments))
    except GiveUp as error:
        _bury(held, claimed, _place(error))
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is one failed attempt
        if faults.fault_of(error) is not None:
            _put_off(held, claimed, error)
            return
        if claimed.attempts >= kind.max_attempts:
            _bury(held, claimed, _place(error))
            return
        logger.warning("%s failed, attempt %d: %s", claimed, claimed.attempts, _place(error))
        again = clock.now() + kind.delay(claimed.attempts)
        held.update(run_at=again, lease=None, error=_place(error))
    else:
        if claimed.key is None:
            held.delete()
        else:
            held.update(state=State.DONE, run_at=clock.now(), lease=None, error="")


def in_turn(acts: Iterable[Callable[[], object]]) -> None:
    """Do the acts of a job one after the other; one that fails takes nothing from those after it.

    The first failure is raised in the end, so that the attempt counts as failed, is noted, and is
    made again: each act must stand being done twice. A fault of the machine ends it at once. Not
    inside of a transaction, which a failure leaves unusable.
    """
    failed: Exception | None = None
    for act in acts:
        try:
            act()
        except Exception as error:
            if faults.fault_of(error) is not None:
                raise
            failed = failed or error
    if failed is not None:
        raise failed


def _put_off(held: models.QuerySet[Job], claimed: Job, error: Exception) -> None:
    """Wait for disk and database without counting: a full disk must not use up all attempts."""
    logger.warning("%s waits: %s", claimed, faults.fault_of(error))
    again = clock.now() + FAULT_DELAY
    held.update(run_at=again, lease=None, attempts=claimed.attempts - 1, error=_place(error))


def _bury(held: models.QuerySet[Job], claimed: Job, error: str) -> None:
    logger.error("%s is dead after %d attempts: %s", claimed, claimed.attempts, error)
    held.update(state=State.DEAD, run_at=clock.now(), lease=None, error=error)


def _place(error: BaseException) -> str:
    """Say what went wrong without the error's text, which may quote what a person wrote."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return type(error).__name__
    module = frame.tb_frame.f_globals.get("__name__", "?")
    return f"{type(error).__name__} at {module}:{frame.tb_lineno}"[-200:]


def tick() -> None:
    """Enqueue what the schedule says is due; many workers may do so at once."""
    now = clock.now()
    if Job.objects.filter(lease__isnull=False, run_at__gt=now + 2 * _lease()).exists():
        _shorten_leases(now)
    known = dict(Schedule.objects.values_list("name", "next_run"))
    for name, cadence in _cadences.items():
        due, upcoming = known.get(name), cadence.after(now)
        if due is None:
            row = Schedule(name=name, next_run=upcoming)
            Schedule.objects.bulk_create([row], ignore_conflicts=True)
        elif due <= now or due > upcoming:
            with transaction.atomic():
                moved = Schedule.objects.filter(name=name, next_run=due).update(next_run=upcoming)
                if moved and due <= now:
                    late = cadence.jitter * random.random()  # noqa: S311 - hides no secret
                    enqueue(cadence.kind, run_at=now + late, key=f"{name}@{due:%Y%m%dT%H%M%S}")


def pull_back(step: timedelta) -> None:
    """After the clock went back: what was due by the old clock does not wait for it once more.

    A handler that has a moment of its own looks at it again; what is leased has its beat.
    """
    now = clock.now()
    Job.objects.filter(
        state=State.WAITING, lease=None, run_at__gt=now, run_at__lte=now + step
    ).update(run_at=now)


def _shorten_leases(now: datetime) -> None:
    """No lease ends later than one lease from now, unless the clock went back under a worker."""
    Job.objects.filter(
        state=State.WAITING, lease__isnull=False, run_at__gt=now + 2 * _lease()
    ).update(run_at=now + _lease())


def run_due() -> int:
    """Run every due job in this process, one after the other; returns how many were run."""
    count = 0
    while claimed := claim():
        perform(claimed)
        count += 1
    return count


def oldest_ready_seconds() -> float:
    """Return for how long the longest waiting due job has been due; 0 if none is."""
    now = clock.now()
    due = Job.objects.filter(state=State.WAITING, run_at__lte=now).aggregate(
        at=models.Min("run_at")
    )
    return (now - due["at"]).total_seconds() if due["at"] else 0.0


def dead() -> models.QuerySet[Job]:
    """Return the jobs that were given up, the latest first."""
    return Job.objects.filter(state=State.DEAD).order_by("-run_at")


def prune() -> None:
    """Delete the rows of jobs that were done a while ago, and schedules that nobody keeps."""
    Job.objects.filter(state=State.DONE, run_at__lt=clock.now() - KEEP_DONE).delete()
    Schedule.objects.exclude(name__in=_cadences).delete()
