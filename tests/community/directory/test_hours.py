"""Weekly hours: what a team is reached at, on days when clocks change too."""

import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tcert.community.directory.hours import (
    DAY,
    MOST_SPANS,
    BadHours,
    Problem,
    Reach,
    Span,
    Week,
    Weekday,
    reach,
    read,
    typed,
)

OFFICE = [(day, "08:00-17:00") for day in list(Weekday)[:5]]
ZONES = [
    "UTC",
    "Europe/Helsinki",
    "America/St_Johns",
    "Australia/Lord_Howe",  # half an hour of summer time
    "Asia/Kathmandu",
    "America/Havana",  # midnight does not exist on one day
    "Africa/Casablanca",
    "Pacific/Apia",
]
moments = st.integers(0, 10 * 366 * 24 * 3600).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@st.composite
def weeks(draw) -> Week:
    """Weeks without overlap: beginnings and ends taken in turn from the minutes of a week.

    A whole day begins at midnight: 00:01-00:01 would say nothing that anybody understands.
    """
    edges = sorted(draw(st.sets(st.integers(0, 7 * DAY - 1), min_size=2, max_size=12)))
    spans = []
    for start, end in zip(edges[::2], edges[1::2], strict=False):
        if end - start < DAY or (end - start == DAY and start % DAY == 0):
            spans.append(Span(start // DAY, start % DAY, start % DAY + end - start))
    return Week(tuple(spans))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@given(weeks())
def test_what_is_stored_is_read_again(week):
    assert read(week.write()) == week


@given(weeks())
def test_what_is_shown_in_the_form_is_typed_again(week):
    shown = [(day, week.on(day)) for day in Weekday]
    if all(text.count(",") < MOST_SPANS for _day, text in shown):
        assert typed(shown) == week


@given(st.lists(st.text(max_size=30), max_size=4))
def test_what_is_stored_wrongly_counts_as_nothing_and_breaks_nothing(stored):
    assert reach(read(stored), "UTC", datetime(2026, 1, 1, tzinfo=UTC)) is None


@given(st.sampled_from(list(Weekday)), st.text(alphabet="0123456789:-–,. ٣४a", max_size=30))
def test_typing_is_understood_or_refused(day, text):
    try:
        week = typed([(day, text)])
    except BadHours:
        return
    assert read(week.write()) == week


@given(weeks(), st.sampled_from(ZONES), moments)
@example(typed([(Weekday.SUNDAY, "02:30-03:30")]), "Europe/Helsinki", at("2026-03-29T00:59Z"))
@example(typed([(Weekday.SUNDAY, "02:30-03:30")]), "Europe/Helsinki", at("2026-10-25T01:10Z"))
def test_a_team_is_in_one_state_until_the_moment_that_is_named(week, zone, moment):
    found = reach(week, zone, moment)
    if not week.spans:
        assert found is None
        return
    turn = found.until if found.now else found.again
    assert turn is not None
    assert turn > moment
    assert reach(week, zone, turn).now is not found.now
    assert reach(week, zone, turn - timedelta(seconds=1)).now is found.now
    for part in (3, 7, 11):
        between = moment + (turn - moment) * part / 13
        assert reach(week, zone, between).now is found.now


@given(weeks(), st.sampled_from(ZONES), moments)
def test_on_days_without_a_change_it_is_what_the_clock_on_the_wall_says(week, zone, moment):
    local = moment.astimezone(zoneinfo.ZoneInfo(zone))
    offsets = {
        (moment + timedelta(hours=h)).astimezone(local.tzinfo).utcoffset() for h in range(-60, 61)
    }
    if len(offsets) > 1 or not week.spans:
        return
    minute = local.weekday() * DAY + local.hour * 60 + local.minute
    inside = any((minute - s.day * DAY - s.start) % (7 * DAY) < s.length for s in week.spans)
    assert reach(week, zone, moment).now is inside


@pytest.mark.parametrize(
    ("hours", "zone", "moment", "expected"),
    [
        (OFFICE, "Europe/Helsinki", "2026-03-27T10:00Z", Reach(True, at("2026-03-27T15:00Z"))),
        # Friday evening before summer time: Monday's eight o'clock comes an hour earlier.
        (
            OFFICE,
            "Europe/Helsinki",
            "2026-03-27T16:00Z",
            Reach(False, None, at("2026-03-30T05:00Z")),
        ),
        # The night in which clocks go from 3 to 4: a night of one hour less.
        (
            [(Weekday.SATURDAY, "22:00-06:00")],
            "Europe/Helsinki",
            "2026-03-28T20:00Z",
            Reach(True, at("2026-03-29T03:00Z")),
        ),
        # A beginning that no clock shows is the moment of the change.
        (
            [(Weekday.SUNDAY, "03:30-05:00")],
            "Europe/Helsinki",
            "2026-03-29T00:00Z",
            Reach(False, None, at("2026-03-29T01:00Z")),
        ),
        # The hour from 3 to 4 comes twice: reached until it is over for the second time.
        (
            [(Weekday.SUNDAY, "03:00-04:00")],
            "Europe/Helsinki",
            "2026-10-25T00:00Z",
            Reach(True, at("2026-10-25T02:00Z")),
        ),
        # Midnight to midnight, seven times, is one span that does not end on the way.
        (
            [(Weekday.SUNDAY, "22:00-24:00"), (Weekday.MONDAY, "00:00-06:00")],
            "UTC",
            "2026-03-29T23:00Z",
            Reach(True, at("2026-03-30T06:00Z")),
        ),
    ],
)
def test_hours_at_a_moment(hours, zone, moment, expected):
    assert reach(typed(hours), zone, at(moment)) == expected


def test_round_the_clock_has_no_end_also_where_it_was_typed_day_by_day():
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert reach(Week(always=True), "UTC", moment) == Reach(now=True)
    daily = typed([(day, "00:00-24:00") for day in Weekday])
    assert reach(daily, "Europe/Helsinki", moment) == Reach(now=True)


def test_a_zone_that_is_gone_is_taken_for_utc():
    week = typed(OFFICE)
    moment = at("2026-03-27T10:00Z")
    assert reach(week, "Mars/Olympus", moment) == reach(week, "UTC", moment)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("8-17, 16-18", Problem.OVERLAP),
        ("8-12, 8-12", Problem.OVERLAP),
        ("8-12, 8-17", Problem.OVERLAP),
        ("8-8", Problem.UNREADABLE),
        ("25-26", Problem.UNREADABLE),
        ("08:60-09:00", Problem.UNREADABLE),
        ("24:00-06:00", Problem.UNREADABLE),
        ("08:00-24:01", Problem.UNREADABLE),
        ("٣-٤", Problem.UNREADABLE),
        ("1-2,3-4,5-6,7-8,9-10", Problem.TOO_MANY),
        ("06:00-05:00, 22:00-23:00", Problem.OVERLAP),
    ],
)
def test_hours_that_cannot_be_are_refused(text, problem):
    with pytest.raises(BadHours) as refused:
        typed([(Weekday.MONDAY, text)])
    assert refused.value.problem is problem


def test_a_night_that_runs_into_the_next_day_overlaps_it_also_over_the_weekend():
    with pytest.raises(BadHours) as refused:
        typed([(Weekday.SUNDAY, "22-07"), (Weekday.MONDAY, "06-14")])
    assert refused.value.day is Weekday.MONDAY


def test_days_with_the_same_hours_are_shown_together():
    week = typed([*OFFICE, (Weekday.SUNDAY, "10-12")])
    assert week.grouped() == [
        (Weekday.MONDAY, Weekday.FRIDAY, "08:00-17:00"),
        (Weekday.SUNDAY, Weekday.SUNDAY, "10:00-12:00"),
    ]
