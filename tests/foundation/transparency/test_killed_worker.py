"""A worker that is killed while it seals: the batch and its head are there, or nothing is."""

import os
import signal
import threading
from datetime import timedelta

import pytest
from django.db import connection
from tests.crew.running import children, wait_for
from tests.factories.records import make_record

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.jobs import Job, State
from tcert.foundation.transparency.domain.sealing import seal
from tcert.foundation.transparency.examining import examine
from tcert.foundation.transparency.jobs import seal_records
from tcert.foundation.transparency.models import Head, Leaf

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.slow,
]


@pytest.mark.parametrize("table", ["transparency_head", "transparency_leaf"])
def test_killed_between_its_rows_it_leaves_none_of_them(crew, workers, table):
    lately = clock.now() - timedelta(hours=1)  # each day since then is a head to make
    made = [make_record(at=lately, step=step) for step in range(20)]
    jobs.enqueue(crew.die_sealing, table=table)
    workers(1)
    wait_for(lambda: Job.objects.filter(name="crew:die-sealing", state=State.DEAD).exists(), 200)

    assert not Head.objects.exists()
    assert not Leaf.objects.exists()
    assert seal() == 20
    assert set(Leaf.objects.values_list("record_id", flat=True)) == {one.id for one in made}
    assert examine().is_clean


def test_killed_again_and_again_it_seals_everything_once(crew, workers):
    days, acts = 60, 5
    for day in range(days):
        for step in range(acts):
            make_record(at=clock.now() - timedelta(days=day + 1), step=step)
    supervisor = workers(2)
    killed = 0
    while killed < 5 and Leaf.objects.count() < acts * days:
        before = Head.objects.count()
        jobs.enqueue(seal_records)
        jobs.enqueue(seal_records)
        wait_for(lambda n=before: Head.objects.count() > n or not unfinished(), 100)
        for pid in children(supervisor):
            os.kill(pid, signal.SIGKILL)
            killed += 1
        newest = Head.objects.order_by("number").last()
        assert newest is None or examine().is_clean
    jobs.enqueue(seal_records)
    wait_for(lambda: not unfinished(), 200)

    assert killed
    assert Leaf.objects.count() == acts * days
    found = examine()
    assert found.is_clean
    assert found.size == acts * days


def test_what_is_sealed_while_it_is_looked_through_is_no_alarm():
    """The heads are read first; leaves that come behind them were called surplus."""
    yesterday = clock.now() - timedelta(days=1)
    for step in range(3):
        make_record(at=yesterday - timedelta(hours=1), step=step)
    with clock.frozen(yesterday):
        seal()
    late = [make_record(at=yesterday + timedelta(hours=1), step=step) for step in range(3)]
    sealed = []

    def seals():
        sealed.append(seal())
        connection.close()

    def in_between(execute, sql, *rest):
        if "transparency_leaf" in sql and not sealed:
            worker = threading.Thread(target=seals)
            worker.start()
            worker.join()
        return execute(sql, *rest)

    with connection.execute_wrapper(in_between):
        found = examine()
    assert sealed == [len(late)]
    assert (found.is_clean, found.size) == (True, 3)
    assert (examine().is_clean, examine().size) == (True, 6)


def unfinished() -> bool:
    return Job.objects.filter(name="transparency:seal", state=State.WAITING).exists()
