"""When drills come: unforeseeable, spread, apart, never in a pause and never at once."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tcert.community.reachability.results import OPEN_FOR
from tcert.community.reachability.schedule import (
    LONGEST_PAUSE,
    Half,
    Span,
    half_of,
    moment_of,
    pause_is_possible,
)

SECRET = b"s" * 32
HALF = Half(2026, is_second=True)
DAY = timedelta(days=1)
halves = st.builds(Half, st.integers(2025, 2060), is_second=st.booleans())
moments = st.integers(0, 35 * 365 * 24 * 3600).map(
    lambda s: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)


@given(halves, st.uuids(), st.binary(min_size=32, max_size=32))
def test_a_drill_begins_and_ends_within_its_half_year_and_is_always_the_same(half, team, secret):
    moment = moment_of(secret, team, half, half.start)
    assert moment is not None
    assert half.start <= moment
    assert moment + OPEN_FOR <= half.end
    assert moment == moment_of(secret, team, half, half.start)


@given(st.uuids(), st.integers(0, 200))
def test_a_drill_never_comes_before_its_time(team, days):
    earliest = HALF.start + DAY * days
    moment = moment_of(SECRET, team, HALF, earliest)
    assert moment is None or moment >= earliest


@given(st.uuids(), st.integers(0, 170), st.integers(0, 13))
def test_a_pause_is_respected_and_moves_a_drill_only_to_after_it(team, begins, length):
    first = HALF.start.date() + DAY * begins
    pause = Span(first, first + DAY * length)
    before = moment_of(SECRET, team, HALF, HALF.start)
    moment = moment_of(SECRET, team, HALF, HALF.start, [pause])
    assert before is not None
    if not pause.holds(before):
        assert moment == before
    else:
        assert moment is None or moment >= pause.over


def test_moments_are_spread_over_days_hours_and_weekends():
    found = [moment_of(SECRET, UUID(int=n), HALF, HALF.start) for n in range(2000)]
    hours = Counter(one.hour for one in found)
    weekdays = Counter(one.weekday() for one in found)
    months = Counter(one.month for one in found)
    assert min(hours[h] for h in range(24)) > 2000 / 24 / 2
    assert min(weekdays[d] for d in range(7)) > 2000 / 7 / 2
    assert min(months[m] for m in range(7, 13)) > 2000 / 6 / 2


def test_another_secret_and_another_half_year_give_other_moments():
    team = UUID(int=1)
    first = moment_of(SECRET, team, HALF, HALF.start)
    assert first != moment_of(b"t" * 32, team, HALF, HALF.start)
    following = Half(2027, is_second=False)
    later = moment_of(SECRET, team, following, following.start)
    assert later - following.start != first - HALF.start


@given(moments)
def test_each_moment_lies_in_one_half_year(moment):
    half = half_of(moment)
    assert half.start <= moment < half.end


TODAY = date(2026, 5, 4)


def ahead(first, last):
    return Span(TODAY + DAY * first, TODAY + DAY * last)


def test_a_pause_is_asked_for_ahead_and_is_short():
    assert pause_is_possible(ahead(1, 3), TODAY, [])
    assert pause_is_possible(ahead(14, 27), TODAY, [])
    assert not pause_is_possible(ahead(0, 3), TODAY, [])
    assert not pause_is_possible(ahead(15, 16), TODAY, [])
    assert not pause_is_possible(ahead(1, 1 + LONGEST_PAUSE.days), TODAY, [])
    assert not pause_is_possible(ahead(3, 2), TODAY, [])


def test_a_team_has_two_pauses_within_a_year_and_they_do_not_meet():
    old, recent = ahead(-366, -360), ahead(-100, -90)
    assert pause_is_possible(ahead(2, 3), TODAY, [recent])
    assert pause_is_possible(ahead(2, 3), TODAY, [recent, old])
    assert not pause_is_possible(ahead(2, 3), TODAY, [recent, ahead(-30, -25)])
    assert not pause_is_possible(ahead(2, 5), TODAY, [ahead(5, 8)])


@given(st.lists(st.tuples(st.integers(1, 14), st.integers(0, 13)), max_size=30), st.data())
def test_however_one_asks_there_are_never_three_within_a_year(asks, data):
    taken, today = [], TODAY
    for first, length in asks:
        today += DAY * data.draw(st.integers(0, 60))
        asked = Span(today + DAY * first, today + DAY * (first + length))
        if pause_is_possible(asked, today, taken):
            taken.append(asked)
    begins = sorted(one.first for one in taken)
    assert all(
        third - first >= timedelta(days=365)
        for first, third in zip(begins, begins[2:], strict=False)
    )
