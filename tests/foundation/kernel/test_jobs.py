from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import transaction

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.jobs import Job, Schedule, State

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
calls: list = []


@jobs.job("test:note", max_attempts=3)
def note(what, **_others):
    calls.append(what)


@jobs.job("test:fail", max_attempts=3)
def fail(what):
    calls.append(what)
    raise RuntimeError("a text that quotes what a person wrote")


@jobs.job("test:give-up")
def give_up():
    raise jobs.GiveUp


@pytest.fixture(autouse=True)
def _clean():
    calls.clear()
    with clock.frozen(NOON):
        yield


def test_a_job_runs_once_and_leaves_no_row():
    one = uuid4()
    jobs.enqueue(note, what=one)

    assert jobs.run_due() == 1
    assert calls == [one]
    assert not Job.objects.exists()


def test_a_job_is_part_of_the_acts_transaction():
    with transaction.atomic():
        jobs.enqueue(note, what=1)
        transaction.set_rollback(True)

    assert jobs.run_due() == 0


def test_a_key_refuses_a_repeat_also_after_the_job_is_done():
    assert jobs.enqueue(note, what=1, key="digest:2026-11-23")
    assert not jobs.enqueue(note, what=1, key="digest:2026-11-23")
    jobs.run_due()
    assert not jobs.enqueue(note, what=1, key="digest:2026-11-23")

    assert calls == [1]
    with clock.frozen(NOON + jobs.KEEP_DONE + timedelta(seconds=1)):
        jobs.prune()
    assert not Job.objects.exists()


@pytest.mark.parametrize("value", ["a text of a person", "x" * 101, "line\nbreak"])
def test_text_is_refused_as_an_argument(value):
    with pytest.raises(ValueError, match="never text"):
        jobs.enqueue(note, what=value)


@pytest.mark.parametrize("value", [b"x", 1.5, ["a"], {"a": 1}])
def test_other_things_than_ids_are_refused(value):
    with pytest.raises(TypeError):
        jobs.enqueue(note, what=value)


def test_arguments_that_the_handler_does_not_take_are_refused_at_once():
    with pytest.raises(TypeError):
        jobs.enqueue(fail, other=1)


def test_urgent_jobs_go_first_then_the_oldest():
    jobs.enqueue(note, what=3, run_at=NOON - timedelta(minutes=1))
    jobs.enqueue(note, what=2, run_at=NOON - timedelta(minutes=2))
    jobs.enqueue(note, what=4, priority=jobs.Priority.IDLE, run_at=NOON - timedelta(hours=1))
    jobs.enqueue(note, what=1, priority=jobs.Priority.URGENT)
    jobs.enqueue(note, what=9, run_at=NOON + timedelta(seconds=1))

    jobs.run_due()

    assert calls == [1, 2, 3, 4]


def test_a_failed_job_waits_longer_each_time_and_dies():
    jobs.enqueue(fail, what=1)
    delays = []
    moment = NOON
    while Job.objects.get().state == State.WAITING:
        with clock.frozen(moment):
            jobs.run_due()
            row = Job.objects.get()
            delays.append((row.run_at - moment).total_seconds())
            moment = row.run_at

    assert calls == [1, 1, 1]
    assert 2 <= delays[0] <= 3
    assert 4 <= delays[1] <= 6
    assert row.state == State.DEAD
    assert row.error.startswith("RuntimeError at ")
    assert "person" not in row.error


def test_a_failed_job_is_logged_by_kind_and_place_without_the_text_of_its_error(caplog):
    jobs.enqueue(fail, what=1)
    jobs.run_due()
    (line,) = [r.getMessage() for r in caplog.records if r.name.endswith("kernel.jobs")]
    assert "failed, attempt 1: RuntimeError at " in line
    assert "person" not in caplog.text


def test_giving_up_needs_one_attempt():
    jobs.enqueue(give_up)
    jobs.run_due()

    assert (Job.objects.get().state, Job.objects.get().attempts) == (State.DEAD, 1)


def test_a_leased_job_is_nobody_elses_until_the_lease_ends(settings):
    jobs.enqueue(note, what=1)
    first = jobs.claim()

    assert jobs.claim() is None
    with clock.frozen(NOON + timedelta(seconds=settings.JOB_LEASE_SECONDS)):
        second = jobs.claim()
    assert second.pk == first.pk
    assert second.lease != first.lease
    assert (first.attempts, second.attempts) == (1, 2)


def test_a_beat_prolongs_the_lease_of_its_holder_alone(settings):
    jobs.enqueue(note, what=1)
    first = jobs.claim()
    with clock.frozen(NOON + timedelta(seconds=40)):
        assert jobs.beat(first.id, first.lease)
        assert not jobs.beat(first.id, uuid4())
    with clock.frozen(NOON + timedelta(seconds=settings.JOB_LEASE_SECONDS + 1)):
        assert jobs.claim() is None


def test_who_lost_the_lease_cannot_finish_the_job(settings):
    jobs.enqueue(note, what=1)
    first = jobs.claim()
    with clock.frozen(NOON + timedelta(seconds=settings.JOB_LEASE_SECONDS)):
        second = jobs.claim()

    jobs.perform(first)
    assert Job.objects.get().lease == second.lease
    jobs.perform(second)
    assert not Job.objects.exists()


def test_a_job_that_always_kills_its_worker_dies_too(settings):
    jobs.enqueue(note, what=1)
    moment = NOON
    for _ in range(3):
        with clock.frozen(moment):
            assert jobs.claim() is not None
        moment += timedelta(seconds=settings.JOB_LEASE_SECONDS)
    with clock.frozen(moment):
        jobs.run_due()

    assert calls == []
    assert Job.objects.get().state == State.DEAD


def test_a_job_that_this_version_does_not_know_dies():
    Job.objects.create(name="test:removed", run_at=NOON)
    jobs.run_due()

    assert Job.objects.get().state == State.DEAD


def test_a_tick_enqueues_once_and_catches_up_once(monkeypatch):
    cadence = jobs.Cadence(note, timedelta(hours=1), timedelta(minutes=5), timedelta())
    monkeypatch.setattr(jobs, "_cadences", {"test:tick": cadence})
    monkeypatch.setattr(jobs, "enqueue", lambda _kind, **how: calls.append(how["key"]))

    for minutes in (0, 4, 5, 5, 6, 64, 300, 301):
        with clock.frozen(NOON + timedelta(minutes=minutes)):
            jobs.tick()

    assert calls == ["test:tick@20261123T120500", "test:tick@20261123T130500"]
    assert Schedule.objects.get().next_run == NOON + timedelta(minutes=305)


def test_a_shortened_period_holds_at_once(monkeypatch):
    Schedule.objects.create(name="test:tick", next_run=NOON + timedelta(days=300))
    cadence = jobs.Cadence(note, timedelta(hours=1), timedelta(), timedelta())
    monkeypatch.setattr(jobs, "_cadences", {"test:tick": cadence})
    jobs.tick()

    assert Schedule.objects.get().next_run == NOON + timedelta(hours=1)
    assert not Job.objects.exists()


def test_readiness_is_the_age_of_the_oldest_due_job():
    assert jobs.oldest_ready_seconds() == 0
    jobs.enqueue(note, what=1, run_at=NOON - timedelta(seconds=90))
    jobs.enqueue(note, what=1, run_at=NOON + timedelta(seconds=90))

    assert jobs.oldest_ready_seconds() == 90


def test_looking_for_work_takes_one_query_when_there_is_none(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert jobs.claim() is None


@jobs.job("test:full", max_attempts=2)
def meet_a_full_disk(what):
    calls.append(what)
    with open("/dev/full", "wb", buffering=0) as disk:  # noqa: PTH123 - a device, no path of ours
        disk.write(b"x")


def test_a_full_disk_uses_up_no_attempt():
    jobs.enqueue(meet_a_full_disk, what=1)
    for turn in range(5):
        with clock.frozen(NOON + turn * jobs.FAULT_DELAY):
            assert jobs.run_due() == 1

    row = Job.objects.get()
    assert (row.state, row.attempts, len(calls)) == (State.WAITING, 0, 5)
    assert row.error.startswith("OSError at ")


def test_acts_in_turn_go_on_after_one_that_fails_and_the_attempt_still_counts_as_failed():
    """One embargo that cannot be ended must not keep the next from ending at its hour."""
    done = []

    def broken():
        raise ValueError("first")

    def broken_too():
        raise KeyError("second")

    with pytest.raises(ValueError, match="first"):
        jobs.in_turn([broken, partial(done.append, 1), broken_too, partial(done.append, 2)])
    assert done == [1, 2]
    jobs.in_turn([partial(done.append, 3)])
    assert done == [1, 2, 3]


def test_acts_in_turn_end_at_a_fault_of_the_machine():
    done = []
    with pytest.raises(OSError, match="space"):
        jobs.in_turn([lambda: meet_a_full_disk.handler(what=1), partial(done.append, 1)])
    assert done == []


def test_a_clock_that_went_back_a_day_holds_nothing_up():
    day = timedelta(days=1)
    with clock.frozen(NOON + day):
        jobs.enqueue(note, what="ahead")
    jobs.enqueue(note, what="later", run_at=NOON + 3 * day)
    assert jobs.run_due() == 0
    jobs.pull_back(day)

    assert jobs.run_due() == 1
    assert calls == ["ahead"]
    assert Job.objects.get().run_at == NOON + 3 * day


def test_a_lease_of_a_clock_that_was_ahead_ends_as_any_other(settings):
    """Its worker died: nobody beats for it, and a day is too long to wait."""
    jobs.enqueue(note, what=1)
    with clock.frozen(NOON + timedelta(days=1)):
        assert jobs.claim() is not None
    jobs.tick()
    assert jobs.run_due() == 0
    with clock.frozen(NOON + timedelta(seconds=settings.JOB_LEASE_SECONDS)):
        assert jobs.run_due() == 1
    assert calls == [1]
