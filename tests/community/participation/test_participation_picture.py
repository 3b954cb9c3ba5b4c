"""The line of time: all of it lies inside, and says what the standing says."""

from datetime import date, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from tcert.community.participation.leave import Absence
from tcert.community.participation.picture import HEIGHT, WIDTH, draw
from tcert.community.participation.rule_sets import RULES
from tcert.community.participation.standing import Contribution, standing

AT = date(2027, 6, 1)
days = st.lists(st.integers(-400, 900).map(lambda n: AT - timedelta(days=n)), max_size=30)


def stand(*on, absences=(), at=AT):
    acts = [Contribution("mentored", uuid4(), day) for day in on]
    return standing(acts, absences, date(2020, 1, 1), RULES, at)


@given(days, days)
def test_everything_lies_inside_the_picture(on, away):
    absences = [Absence(day, day + timedelta(days=40)) for day in away]
    picture = draw(stand(*on, absences=absences), on, absences)
    xs = [one.x for one in (*picture.months, *picture.spots, *picture.away)]
    xs += [one.x + one.width for one in picture.away] + [picture.today, picture.ends or 0]
    assert all(0 <= x <= WIDTH for x in xs)
    assert all(0 <= one.y <= HEIGHT for one in picture.spots)
    assert sorted(one.x for one in picture.months) == [one.x for one in picture.months]


def test_the_end_is_drawn_where_standing_ends():
    day = AT - timedelta(days=300)
    found = stand(day, day)
    picture = draw(found, [day, day], [])
    assert picture.today < picture.ends
    assert picture.held.width == picture.ends - picture.today
    assert picture.spots[0].y != picture.spots[1].y


def test_who_has_lapsed_has_no_bar_and_no_end():
    picture = draw(stand(), [], [])
    assert (picture.held, picture.ends) == (None, None)
