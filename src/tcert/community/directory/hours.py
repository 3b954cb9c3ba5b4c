"""When a team is reached: weekly hours in its own zone, and what they mean at a moment.

Hours are read off the team's clock. Where that clock is put back, a span that ends in the repeated
hour lasts until the hour is over for the second time, and one that starts in it starts at the
first; where it is put forward, a time that does not exist is the moment of the change.
"""

import re
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

ALWAYS = "always"
DAY = 24 * 60
WEEK = 7 * DAY
MOST_SPANS = 4
"""So many spans of one day are taken."""

_SPAN = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))?\s*[-\u2013]\s*([0-9]{1,2})(?:[:.]([0-9]{2}))?")
_STORED = re.compile(r"([a-z]{3}) ([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")
_BETWEEN = re.compile(r"[,;\n]")


class Weekday(StrEnum):
    """Days of the week, from Monday (ISO 8601)."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


_DAYS = list(Weekday)


class Problem(StrEnum):
    """Why hours cannot be taken."""

    UNREADABLE = "unreadable"
    OVERLAP = "overlap"
    TOO_MANY = "too-many"


class BadHours(ValueError):
    """Hours that are not understood, overlap, or are too many; `day` is where."""

    def __init__(self, problem: Problem, day: Weekday) -> None:
        super().__init__(problem)
        self.problem = problem
        self.day = day


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Hours of one weekday: minutes since its midnight; one that ends later goes over midnight."""

    day: int
    start: int
    end: int

    @property
    def length(self) -> int:
        """Return the minutes by the clock on the wall."""
        return self.end - self.start

    def write(self) -> str:
        """Return ``08:00-17:00``."""
        end = self.end if self.end <= DAY else self.end - DAY
        return f"{_clock(self.start)}-{_clock(end)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of a week; with `always` round the clock."""

    spans: tuple[Span, ...] = ()
    always: bool = False

    @property
    def is_stated(self) -> bool:
        """Tell whether a team has said anything of its hours."""
        return self.always or bool(self.spans)

    def on(self, day: Weekday) -> str:
        """Return the hours of one day as a person types them."""
        number = _DAYS.index(day)
        return ", ".join(span.write() for span in self.spans if span.day == number)

    def write(self) -> list[str]:
        """Return the stored form: ``["mon 08:00-17:00", …]`` or ``["always"]``."""
        if self.always:
            return [ALWAYS]
        return [f"{_DAYS[span.day]} {span.write()}" for span in self.spans]

    def grouped(self) -> list[tuple[Weekday, Weekday, str]]:
        """Return runs of days with the same hours, for who reads them: (first, last, hours)."""
        found: list[tuple[Weekday, Weekday, str]] = []
        for number, day in enumerate(_DAYS):
            hours = self.on(day)
            if found and found[-1][2] == hours and _DAYS.index(found[-1][1]) == number - 1:
                found[-1] = (found[-1][0], day, hours)
            elif hours:
                found.append((day, day, hours))
        return found


def read(stored: Sequence[str]) -> Week:
    """Read the stored form; what is not understood counts as no hours."""
    if list(stored) == [ALWAYS]:
        return Week(always=True)
    spans = []
    for line in stored:
        match = _STORED.fullmatch(line)
        if match and match[1] in _DAYS:
            start, end = int(match[2]) * 60 + int(match[3]), int(match[4]) * 60 + int(match[5])
            spans.append(Span(_DAYS.index(Weekday(match[1])), start, _after(start, end)))
    return Week(tuple(sorted(spans)))


def _after(start: int, end: int) -> int:
    return end if end > start else end + DAY


def typed(by_day: Iterable[tuple[Weekday, str]]) -> Week:
    """Read hours as people type them per day: ``8-12, 13:00-17:00``, ``22:00-06:00``.

    Raises:
        BadHours: a day is not understood, has too many spans, or one that overlaps another.

    """
    spans = [span for day, text in by_day for span in _of_day(day, text)]
    spans.sort()
    for number, span in enumerate(spans):
        following = spans[(number + 1) % len(spans)]
        ahead = (_minute(following) - _minute(span)) % WEEK if len(spans) > 1 else WEEK
        if span.length > ahead:
            raise BadHours(Problem.OVERLAP, _DAYS[following.day])
    return Week(tuple(spans))


def _minute(span: Span) -> int:
    return span.day * DAY + span.start


def _of_day(day: Weekday, text: str) -> list[Span]:
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    if len(parts) > MOST_SPANS:
        raise BadHours(Problem.TOO_MANY, day)
    found = []
    for part in parts:
        match = _SPAN.fullmatch(part)
        if not match:
            raise BadHours(Problem.UNREADABLE, day)
        start = int(match[1]) * 60 + int(match[2] or 0)
        end = int(match[3]) * 60 + int(match[4] or 0)
        hours_fit = start < DAY and end <= DAY and start != end
        minutes_fit = all(int(minutes or 0) < 60 for minutes in (match[2], match[4]))  # noqa: PLR2004 - minutes of an hour
        if not (hours_fit and minutes_fit):
            raise BadHours(Problem.UNREADABLE, day)
        found.append(Span(_DAYS.index(day), start, _after(start, end)))
    return found


# Moments -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a team is reached at a moment; until when, or from when again (UTC).

    `until` is None for a team that is reached round the clock.
    """

    now: bool
    until: datetime | None = None
    again: datetime | None = None


def reach(week: Week, zone: str, at: datetime) -> Reach | None:
    """Tell whether a team is reached at an aware moment; None where it states no hours.

    A zone that does not exist any more is taken for UTC.
    """
    if not week.is_stated:
        return None
    if week.always:
        return Reach(now=True)
    until: datetime | None = None
    for start, end in _intervals(week, _zone(zone), at):
        if end <= at and (until is None or end <= until):
            continue
        if until is not None:
            if start > until:
                return Reach(now=True, until=until)
            until = max(until, end)
        elif start <= at:
            until = end
        else:
            return Reach(now=False, again=start)
    return Reach(now=until is not None)


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        return zoneinfo.ZoneInfo("UTC")


def _intervals(
    week: Week, zone: zoneinfo.ZoneInfo, at: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the spans around a moment in the order of their beginnings, as moments in UTC."""
    today = at.astimezone(zone).date()
    for ahead in range(-2, 10):
        day = today + timedelta(days=ahead)
        for span in week.spans:
            if span.day == day.weekday():
                start = _moment(day, span.start, zone, fold=0)
                end = _moment(day, span.end, zone, fold=1)
                if start < end:
                    yield start, end


def _moment(day: date, minutes: int, zone: zoneinfo.ZoneInfo, *, fold: int) -> datetime:
    """Return when a clock in the zone shows a time: the first or the second time that it does."""
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 - the zone follows
    found = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return found
    # No clock shows it. Between the two readings lies the moment at which the clock is put on.
    low = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    high = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        before = middle.astimezone(zone).replace(tzinfo=None) < wall
        low, high = (middle, high) if before else (low, middle)
    return high.replace(microsecond=0)
