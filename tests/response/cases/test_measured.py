"""The record of the promise: counted from days, over whole months, and only from enough of them."""

import importlib
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from tests.factories.case_parties import give_key, make_report
from tests.factories.directory import DeskFactory, TeamFactory, coordinator_of_desk
from tests.principals import principal_of
from tests.response.cases.test_threads import post

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.sealed.models import Message
from tcert.response.cases.domain import telling
from tcert.response.cases.domain.reports import reporter_left
from tcert.response.cases.enums import ThreadPurpose
from tcert.response.cases.measured import record_in_words, record_of_promise
from tcert.response.cases.models import PromisedAnswer
from tcert.response.cases.promise import (
    ENOUGH_TO_TELL,
    FORGOTTEN_AFTER,
    Owed,
    measure,
    months_measured,
    working_days_between,
)

MONDAY = date(2026, 10, 5)
LATER = date(2026, 11, 24)


def owed(*waits: int | None) -> list[Owed]:
    """Reports of one Monday, answered so many days later, or never."""
    return [Owed(MONDAY, None if w is None else MONDAY + timedelta(days=w)) for w in waits]


def test_weekends_do_not_count():
    friday = date(2026, 10, 9)
    assert working_days_between(friday, friday) == 0
    assert working_days_between(friday, friday + timedelta(days=2)) == 0
    assert working_days_between(friday, friday + timedelta(days=3)) == 1
    assert working_days_between(friday, friday + timedelta(days=10)) == 6


@pytest.mark.parametrize(
    ("waits", "kept", "median"),
    [
        ((0, 3, 4), 2, 3),
        ((0, 1, 1, 3), 4, 1),
        ((0, None, None), 1, None),
        ((0, 1, None, None), 2, 1),
        ((), 0, None),
    ],
)
def test_silence_counts_longer_than_any_answer(waits, kept, median):
    measured = measure(owed(*waits), LATER)
    assert (measured.kept, measured.total, measured.median) == (kept, len(waits), median)


def test_within_a_month_the_figure_never_moves():
    """Who looks every day must not learn on which day somebody wrote to the desk."""
    some = [Owed(date(2026, 10, 1) + timedelta(days=n), None) for n in range(60)]
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(30)]
    assert len({measure(some, day) for day in days}) == 1
    assert measure(some, date(2026, 12, 1)) != measure(some, days[-1])
    answered = [Owed(one.received_on, LATER) for one in some]
    assert measure(answered, LATER) == measure(some, LATER), "a late answer moves nothing either"
    assert months_measured(LATER) == (date(2025, 11, 1), date(2026, 10, 31))


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (ENOUGH_TO_TELL - 1, "too few reports came to tell"),
        (ENOUGH_TO_TELL, "it was kept for 10 of 10 reports. Half of them were answered within 0"),
    ],
)
def test_few_reports_are_not_told(count, words):
    assert words in record_in_words(measure(owed(*[0] * count), LATER))


def test_a_desk_that_is_mostly_silent_is_said_to_be():
    words = record_in_words(measure(owed(*[1] * 4, *[None] * 6), LATER))
    assert "kept for 4 of 10" in words
    assert "Half of them or more had no answer" in words


# From the acts --------------------------------------------------------------------------------

RECEIVED = datetime(2026, 10, 5, 22, tzinfo=UTC)


def reported(key):
    with clock.frozen(RECEIVED):
        return make_report(key)


def measured(at: datetime = RECEIVED + timedelta(days=40)):
    with clock.frozen(at):
        found = record_of_promise()
    return found.kept, found.total


@pytest.mark.django_db
def test_only_the_desk_and_only_a_written_answer_counts():
    desk, key = coordinator_of_desk(), give_key(DeskFactory())
    case, stranger = reported(key)
    reported(key)
    reported(give_key(TeamFactory()))
    link = case.threads.get(purpose=ThreadPurpose.REPORTER)
    with clock.frozen(RECEIVED + timedelta(days=1)):
        post(principal_of(desk, coordinator=True), link, key, [key, stranger])
        while jobs.run_due():
            pass
    assert measured() == (1, 2)
    row = PromisedAnswer.objects.get(case=case)
    assert (row.received_on, row.answered_on) == (MONDAY, MONDAY + timedelta(days=1))


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "left"), [(2, (0, 0)), (9, (0, 1))])
def test_who_deletes_improves_no_record(days, left):
    """A report that was deleted in time was owed nothing; one that waited too long stays."""
    case, _stranger = reported(give_key(DeskFactory()))
    with clock.frozen(RECEIVED + timedelta(days=days)):
        reporter_left(case_id=case.id)
    assert measured() == left
    assert not PromisedAnswer.objects.filter(case=case).exists()


@pytest.mark.django_db
def test_days_are_forgotten_when_no_record_needs_them():
    case, _stranger = reported(give_key(DeskFactory()))
    kept, _other = reported(give_key(DeskFactory()))
    PromisedAnswer.objects.filter(case=case).update(case=None)
    for early, count in ((1, 2), (-1, 1)):
        with clock.frozen(RECEIVED + FORGOTTEN_AFTER - timedelta(days=early)):
            telling.forget_promises()
        assert PromisedAnswer.objects.count() == count
    assert PromisedAnswer.objects.get().case == kept


@pytest.mark.django_db
def test_the_pages_for_strangers_say_it(client):
    give_key(desk := DeskFactory())
    page = client.get(f"/directory/teams/{desk.id}/").content.decode()
    assert "The desk promises an answer within 3 working days." in page
    assert "too few reports came to tell" in page
    assert (
        "promises an answer"
        not in client.get(f"/directory/teams/{TeamFactory().id}/").content.decode()
    )


@pytest.mark.django_db
def test_earlier_reports_are_owed_their_answer_after_an_upgrade():
    desk, key = coordinator_of_desk(), give_key(DeskFactory())
    case, _stranger = reported(key)
    answered, other = reported(key)
    left, _third = reported(key)
    link = answered.threads.get(purpose=ThreadPurpose.REPORTER)
    post(principal_of(desk, coordinator=True), link, key, [key, other])
    reporter_left(case_id=left.id)
    PromisedAnswer.objects.all().delete()
    earlier = importlib.import_module(
        "tcert.response.cases.migrations.0005_promises_of_earlier_reports"
    )
    for _again in range(2):
        earlier.owe_what_was_reported(apps, None)
    today = Message.objects.filter(thread=link.thread).latest("position").created_on
    assert set(PromisedAnswer.objects.values_list("case", "received_on", "answered_on")) == {
        (case.id, MONDAY, None),
        (answered.id, MONDAY, today),
    }
