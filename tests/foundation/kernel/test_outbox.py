from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction

from tcert.foundation.kernel import clock, jobs, numbers, outbox
from tcert.foundation.kernel.jobs import Job, State
from tcert.foundation.kernel.numbers import Series
from tcert.foundation.kernel.outbox import Delivery, Event

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

broken = set()


@outbox.subscribe("test:happened", name="test:count")
def count(event):
    numbers.next_number(f"count-{event.data['step']}", 2026)
    if "count" in broken:
        raise RuntimeError


@outbox.subscribe("test:happened", name="test:other")
def other(event):
    numbers.next_number("other", 2026)


@pytest.fixture(autouse=True)
def _mended():
    broken.clear()


def counted():
    return dict(Series.objects.values_list("name", "last"))


def test_each_handler_is_told_once():
    outbox.emit("test:happened", uuid4(), step="a")
    jobs.run_due()
    jobs.run_due()

    assert counted() == {"count-a": 1, "other": 1}
    assert not Delivery.objects.exists()
    assert not Job.objects.exists()


def test_an_event_is_part_of_the_acts_transaction():
    with transaction.atomic():
        outbox.emit("test:happened", uuid4(), step="a")
        transaction.set_rollback(True)

    assert not Event.objects.exists()
    assert jobs.run_due() == 0


def test_a_handler_that_fails_holds_up_no_other_and_leaves_nothing_half_done():
    broken.add("count")
    outbox.emit("test:happened", uuid4(), step="a")
    jobs.run_due()
    assert counted() == {"other": 1}

    broken.clear()
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        jobs.run_due()
    assert counted() == {"count-a": 1, "other": 1}


def test_a_delivery_whose_worker_died_before_it_said_so_is_not_repeated():
    outbox.emit("test:happened", uuid4(), step="a")
    ids = list(Delivery.objects.values_list("id", flat=True))
    for delivery in ids * 2:
        outbox.deliver(delivery=delivery)

    assert counted() == {"count-a": 1, "other": 1}
    assert jobs.run_due() == 2
    assert counted() == {"count-a": 1, "other": 1}


def test_a_handler_that_is_gone_ends_among_the_dead_jobs():
    event = outbox.emit("test:happened", uuid4(), step="a")
    Delivery.objects.filter(handler="test:count").update(handler="test:removed")
    moment = clock.now()
    for _ in range(12):
        moment += timedelta(hours=7)
        with clock.frozen(moment):
            jobs.run_due()

    assert [j.state for j in Job.objects.all()] == [State.DEAD]
    assert event.deliveries.count() == 1


def test_text_is_refused_as_data():
    with pytest.raises(ValueError, match="never text"):
        outbox.emit("test:happened", uuid4(), step="what a person wrote")


def test_two_handlers_cannot_share_a_name():
    with pytest.raises(ValueError, match="two handlers"):
        outbox.subscribe("test:happened", name="test:count")(other)


def test_events_that_everybody_was_told_are_forgotten():
    outbox.emit("test:happened", uuid4(), step="a")
    outbox.emit("test:nobody-listens", uuid4())
    with clock.frozen(clock.now() + timedelta(days=3)):
        outbox.prune()
        assert Event.objects.get().kind == "test:happened"
        jobs.run_due()
        outbox.prune()
    assert not Event.objects.exists()
