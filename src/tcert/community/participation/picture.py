"""Where things stand on the line of time: numbers only, the template draws them.

Units are those of the picture's own view box. It runs from a year ago to half a year ahead; the
lists on the page say the same in words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from tcert.community.participation.leave import Absence
from tcert.community.participation.standing import Standing

WIDTH, HEIGHT = 620, 118
LEFT, RIGHT = 8, 612
AXIS, MARKS, AWAY = 84, 58, 74
STACK, LOWEST = 13, 4
BACK, AHEAD = timedelta(days=365), timedelta(days=183)
EVERY = 3
"""Every so many months the axis has a word."""
_YEAR = 12


@dataclass(frozen=True, slots=True)
class Month:
    """A mark of the axis at the first day of a month."""

    x: int
    first: date


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the axis."""

    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Spot:
    """One contribution; those of the same days stand above each other."""

    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it."""

    months: tuple[Month, ...]
    spots: tuple[Spot, ...]
    away: tuple[Span, ...]
    held: Span | None
    today: int
    ends: int | None
    width: int = WIDTH
    height: int = HEIGHT
    axis: int = AXIS


def draw(found: Standing, days: Iterable[date], absences: Iterable[Absence]) -> Picture:
    """Return the picture of a standing: its acts by their days, absences, and where it ends."""
    first, last = found.at - BACK, found.at + AHEAD
    ends = found.until if found.until and found.until <= last else None
    held = Span(
        _x(found.at, first, last), _x(ends or last, first, last) - _x(found.at, first, last)
    )
    return Picture(
        months=tuple(Month(_x(day, first, last), day) for day in _months(first, last)),
        spots=_spots([day for day in days if first <= day <= last], first, last),
        away=tuple(_span(one, first, last) for one in absences if _touches(one, first, last)),
        held=held if found.holds else None,
        today=_x(found.at, first, last),
        ends=_x(ends, first, last) if ends and found.holds else None,
    )


def _x(day: date, first: date, last: date) -> int:
    return LEFT + (RIGHT - LEFT) * (day - first).days // (last - first).days


def _spots(days: list[date], first: date, last: date) -> tuple[Spot, ...]:
    found: list[Spot] = []
    for x in sorted(_x(day, first, last) for day in days):
        near = sum(abs(one.x - x) < STACK for one in found)
        found.append(Spot(x, MARKS - STACK * min(near, LOWEST)))
    return tuple(found)


def _touches(one: Absence, first: date, last: date) -> bool:
    return one.first <= last and one.last >= first


def _span(one: Absence, first: date, last: date) -> Span:
    left, right = _x(max(one.first, first), first, last), _x(min(one.last, last), first, last)
    return Span(left, max(3, right - left))


def _months(first: date, last: date) -> list[date]:
    """Return the first days of every third month between two days, with room for its word."""
    start = first.year * _YEAR + first.month
    end = last.year * _YEAR + last.month - 1
    days = [date(n // _YEAR, n % _YEAR + 1, 1) for n in range(start, end + 1) if n % EVERY == 0]
    return [day for day in days if first <= day <= last - timedelta(days=25)]
