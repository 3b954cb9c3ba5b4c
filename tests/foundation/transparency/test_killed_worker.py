"""A worker that is killed while it seals: the batch and its head are there, or nothing is."""

import os
import signal
from datetime import timedelta

import pytest
from tests.crew.running import children, wait_for
from tests.factories.records import NOON, make_record

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
    made = [make_record(at=NOON, step=step) for step in range(20)]
    jobs.enqueue(crew.die_sealing, table=table)
    workers(1)
    wait_for(lambda: Job.objects.filter(name="crew:die-sealing", state=State.DEAD).exists(), 200)

    assert not Head.objects.exists()
    assert not Leaf.objects.exists()
    assert seal() == 20
    assert set(Leaf.objects.values_list("record_id", flat=True)) == {one.id for one in made}
    assert examine().is_clean


def test_killed_again_and_again_it_seals_everything_once(crew, workers):
    days = 60
    for day in range(days):
        for step in range(20):
            make_record(at=clock.now() - timedelta(days=day + 1), step=step)
    supervisor = workers(2)
    killed = 0
    while killed < 5 and Leaf.objects.count() < 20 * days:
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
    assert Leaf.objects.count() == 20 * days
    found = examine()
    assert found.is_clean
    assert found.size == 20 * days


def unfinished() -> bool:
    return Job.objects.filter(name="transparency:seal", state=State.WAITING).exists()
