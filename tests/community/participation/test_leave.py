"""Days that do not count: the sums agree with counting them one by one."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tcert.community.participation.leave import Absence, Calendar, joined, most_used

START = date(2027, 1, 1)
DAY = timedelta(days=1)
days = st.integers(0, 300).map(lambda n: START + timedelta(days=n))
absences = st.lists(
    st.builds(
        lambda first, n: Absence(first, first + timedelta(days=n)), days, st.integers(-3, 90)
    ),
    max_size=5,
)


def covered(found, day):
    return any(one.first <= day <= one.last for one in found)


def each(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@given(absences, days, days)
def test_elapsed_is_what_counting_gives(found, since, until):
    counted = sum(not covered(found, day) for day in each(since + DAY, until))
    assert Calendar(found).elapsed(since, until) == counted


@given(absences, days, st.integers(1, 200))
def test_after_is_the_first_day_on_which_so_many_have_counted(found, since, number):
    calendar = Calendar(found)
    day = calendar.after(since, number)
    assert calendar.elapsed(since, day) == number
    assert calendar.elapsed(since, day - DAY) == number - 1


@given(absences)
def test_joined_ones_cover_the_same_days_and_do_not_touch(found):
    whole = joined(found)
    span = each(START, START + timedelta(days=400))
    assert [covered(found, day) for day in span] == [covered(whole, day) for day in span]
    assert all(a.last + DAY < b.first for a, b in pairwise(whole))


@given(absences, st.integers(1, 120))
def test_most_used_is_the_worst_stretch(found, within):
    span = each(START - timedelta(days=130), START + timedelta(days=400))
    away = [covered(found, day) for day in span]
    worst = max(sum(away[n : n + within]) for n in range(len(away) - within))
    assert most_used(found, within) == worst


def test_a_day_in_an_absence_is_told_by_it():
    away = Absence(START, START + DAY)
    assert Calendar([away]).absence_on(START + DAY) == away
    assert Calendar([away]).absence_on(START + 2 * DAY) is None
