"""The promise to reporters: by when an answer is due, and that the desk sees it in time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.factories.case_parties import give_key, make_report
from tests.factories.directory import DeskFactory, coordinator_of_desk
from tests.principals import principal_of, sign_in
from tests.response.cases.test_threads import post

from tcert.foundation.kernel import clock
from tcert.foundation.ui.waiting import Urgency, waiting_for
from tcert.foundation.ui.words import weekday
from tcert.response.cases import queries
from tcert.response.cases.domain import triage
from tcert.response.cases.domain.reports import reporter_left
from tcert.response.cases.enums import ManagementAct, ThreadPurpose
from tcert.response.cases.promise import answer_by

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 11, 20, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("received", "last"),
    [
        (date(2026, 11, 20), date(2026, 11, 25)),  # a Friday: the weekend does not count
        (date(2026, 11, 21), date(2026, 11, 25)),
        (date(2026, 11, 23), date(2026, 11, 26)),
    ],
)
def test_the_promised_day_skips_the_weekend(received, last):
    assert answer_by(received) == last


@pytest.fixture
def desk():
    return coordinator_of_desk()


@pytest.fixture
def key():
    return give_key(DeskFactory())


def reported(key, days: int):
    """Let a stranger report some days after that Friday."""
    with clock.frozen(FRIDAY + timedelta(days=days)):
        return make_report(key)


def answered(desk, key, case, stranger) -> None:
    link = case.threads.get(purpose=ThreadPurpose.REPORTER)
    post(principal_of(desk, coordinator=True), link, key, [key, stranger])


def judged(desk, case) -> None:
    triage.judge(
        principal=principal_of(desk, coordinator=True),
        case=case,
        revision=None,
        act=ManagementAct.INVALIDATE,
    )


def lines_of(desk) -> dict[str, tuple]:
    waiting = waiting_for(principal_of(desk, coordinator=True))
    return {
        str(line.title): (line.answer_by, line.urgency)
        for line in waiting
        if "eport" in str(line.title)
    }


def test_my_day_says_by_when_a_report_is_answered_and_the_last_day_comes_first(desk, key):
    """A broken promise sends the reporter elsewhere, or to the public: the desk must see it."""
    later, _reporter = reported(key, 3)
    first, _reporter = reported(key, 0)
    with clock.frozen(FRIDAY + timedelta(days=4)):
        assert list(lines_of(desk).items()) == [
            (f"Report to judge: {first.name}", (date(2026, 11, 25), Urgency.SOON)),
            (f"Report to judge: {later.name}", (date(2026, 11, 26), Urgency.SOON)),
        ]
    with clock.frozen(FRIDAY + timedelta(days=5)):
        urgencies = [urgency for _day, urgency in lines_of(desk).values()]
        assert urgencies == [Urgency.NOW, Urgency.SOON]


def test_a_judgement_is_no_answer(desk, key):
    case, stranger = reported(key, 0)
    with clock.frozen(FRIDAY + timedelta(days=1)):
        judged(desk, case)
        assert list(lines_of(desk)) == [f"Reporter to answer: {case.name}"]
        answered(desk, key, case, stranger)
        assert lines_of(desk) == {}


def test_a_reporter_who_deleted_the_mailbox_waits_for_nothing(desk, key):
    case, _stranger = reported(key, 0)
    judged(desk, case)
    assert lines_of(desk)
    reporter_left(case_id=case.id)
    assert lines_of(desk) == {}


def test_the_board_shows_first_whose_promise_ends_first(desk, key):
    done, stranger = reported(key, 9)
    answered(desk, key, done, stranger)
    later, _reporter = reported(key, 4)
    first, _reporter = reported(key, 0)
    principal = principal_of(desk, coordinator=True)
    assert list(queries.board(principal, {})) == [first, later, done]
    assert list(queries.board(principal, {"sort": "-received"})) == [done, later, first]


def test_the_board_marks_what_is_overdue_and_what_is_answered(client, desk, key):
    with clock.frozen(clock.now() - timedelta(days=30)):
        reported_then, _reporter = make_report(key)
    answered_then, stranger = make_report(key)
    answered(desk, key, answered_then, stranger)
    sign_in(client, desk, coordinator=True)
    page = client.get("/cases/triage/")
    last = answer_by(reported_then.received_on)
    assert [(line[0], line[2]) for line in page.context["lines"]] == [
        (reported_then, last),
        (answered_then, None),
    ]
    html = page.content.decode()
    assert f'<span class="state no bad">overdue since {weekday(last)}</span>' in html
    assert '<span class="state done quiet">answered</span>' in html
