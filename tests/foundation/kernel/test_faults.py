"""Faults are told by codes: real errors of the system and of both databases."""

import errno
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError
from django.db.utils import DatabaseErrorWrapper

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.faults import Fault, cure, fault_of
from tcert.foundation.kernel.jobs import Job
from tcert.foundation.kernel.worker import Child


def failing(act):
    with pytest.raises(sqlite3.Error) as raised:
        act()
    return raised.value


@pytest.fixture
def database(tmp_path):
    with closing(sqlite3.connect(tmp_path / "d", timeout=0, isolation_level=None)) as found:
        found.execute("CREATE TABLE t (x)")
        yield found


def test_a_database_without_room_is_full(database):
    database.execute("PRAGMA max_page_count = 2")
    error = failing(lambda: database.execute("INSERT INTO t VALUES (zeroblob(100000))"))
    assert fault_of(error) is Fault.FULL


def test_a_database_that_takes_no_writing_is_read_only(database, tmp_path):
    with closing(sqlite3.connect(f"{(tmp_path / 'd').as_uri()}?mode=ro", uri=True)) as closed:
        error = failing(lambda: closed.execute("INSERT INTO t VALUES (1)"))
    assert fault_of(error) is Fault.READ_ONLY


def test_a_database_that_another_holds_is_busy(database, tmp_path):
    database.execute("BEGIN IMMEDIATE")
    with closing(sqlite3.connect(tmp_path / "d", timeout=0)) as other:
        error = failing(lambda: other.execute("INSERT INTO t VALUES (1)"))
    assert fault_of(error) is Fault.BUSY


def test_a_database_that_cannot_be_opened_is_closed(tmp_path):
    error = failing(lambda: sqlite3.connect(tmp_path / "no" / "d"))
    assert fault_of(error) is Fault.CLOSED


def test_a_statement_that_is_wrong_is_a_mistake_and_no_fault(database):
    assert fault_of(failing(lambda: database.execute("SELECT * FROM missing"))) is None


def test_a_fault_is_found_under_what_wraps_it():
    outer = RuntimeError()
    outer.__cause__ = OSError(errno.ENOSPC, "x")
    assert fault_of(outer) is Fault.FULL
    assert fault_of(PermissionError(errno.EACCES, "x")) is None
    assert fault_of(ValueError("x")) is None
    assert fault_of(None) is None


def test_every_fault_has_a_cure():
    assert all(str(cure(fault)) for fault in Fault)


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_row_that_breaks_a_rule_is_no_fault():
    Job.objects.create(name="a", key="same", run_at=clock.now())
    with pytest.raises(IntegrityError) as raised:
        Job.objects.create(name="a", key="same", run_at=clock.now())
    assert fault_of(raised.value) is None


def test_postgres_that_gives_no_code_is_away():
    import psycopg

    class Backend:
        Database = psycopg

    with pytest.raises(OperationalError) as raised, DatabaseErrorWrapper(Backend()):
        psycopg.connect("host=/nowhere connect_timeout=2")
    assert fault_of(raised.value) is Fault.AWAY


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_worker_notices_that_the_clock_was_set(settings, caplog):
    settings.JOB_CLOCK_PAUSE_SECONDS = 0
    day, now = timedelta(days=1), clock.now()
    with clock.frozen(now):
        child = Child()
        child.mind_the_clock()
    assert caplog.messages == []

    with clock.frozen(now + day):
        child.mind_the_clock()
        jobs.enqueue(jobs.job("test:ahead")(lambda: None))
    assert "the clock went ahead by" in caplog.messages[-1]

    with clock.frozen(now):
        child.mind_the_clock()
        assert Job.objects.get(name="test:ahead").run_at == now
    assert "the clock went back by" in caplog.messages[-1]
    jobs._kinds.pop("test:ahead")
