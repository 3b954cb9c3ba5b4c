"""What a drill comes to, at each border of its time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.reachability.enums import Result
from tcert.community.reachability.results import OPEN_FOR, failed_in_a_row, result, takes_answer

T0 = datetime(2026, 3, 1, 3, tzinfo=UTC)
TARGET = timedelta(minutes=30)
TICK = timedelta(microseconds=1)
times = st.timedeltas(timedelta(0), timedelta(days=3))


@pytest.mark.parametrize(
    ("answered", "now", "sent", "expected"),
    [
        (None, TARGET, True, Result.WAITING),
        (timedelta(0), timedelta(0), True, Result.IN_TIME),
        (TARGET, TARGET, True, Result.IN_TIME),
        (TARGET + TICK, OPEN_FOR, True, Result.LATE),
        (OPEN_FOR - TICK, OPEN_FOR, True, Result.LATE),
        (OPEN_FOR, OPEN_FOR, True, Result.UNANSWERED),
        (None, OPEN_FOR - TICK, False, Result.WAITING),
        (None, OPEN_FOR, True, Result.UNANSWERED),
        (None, OPEN_FOR, False, Result.UNDELIVERABLE),
        (TARGET, OPEN_FOR, False, Result.IN_TIME),
    ],
)
def test_borders(answered, now, sent, expected):
    at = None if answered is None else T0 + answered
    assert result(T0, at, TARGET, T0 + now, sent=sent) is expected


@given(times, times, st.booleans())
def test_an_answer_counts_exactly_where_it_is_taken(answered, now, sent):
    found = result(T0, T0 + answered, TARGET, T0 + max(answered, now), sent=sent)
    is_taken = takes_answer(T0, T0 + answered)
    assert (found in {Result.IN_TIME, Result.LATE}) == is_taken


@given(st.lists(st.sampled_from(Result), max_size=8))
def test_failures_are_counted_until_the_last_answer(found):
    count = failed_in_a_row(found)
    assert all(one in Result.failed() for one in found[:count])
    assert count == len(found) or found[count] not in Result.failed()
