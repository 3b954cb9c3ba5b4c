"""The arithmetic of excused absences: days that do not count as passed (no Django here)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, order=True, slots=True)
class Absence:
    """Whole days, both counted in."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Return how many."""
        return max(0, (self.last - self.first).days + 1)


class Calendar:
    """Counts the days on which a member was expected to take part."""

    def __init__(self, absences: Iterable[Absence]) -> None:
        self.absences = joined(absences)

    def absence_on(self, day: date) -> Absence | None:
        """Return the absence that covers a day."""
        return next((one for one in self.absences if one.first <= day <= one.last), None)

    def elapsed(self, since: date, until: date) -> int:
        """Return how many days count in (since, until]; negative spans count none."""
        if until <= since:
            return 0
        if not self.absences:
            return (until - since).days
        excused = sum(_shared(one, Absence(since + DAY, until)) for one in self.absences)
        return (until - since).days - excused

    def after(self, since: date, days: int) -> date:
        """Return the first day on which so many days have counted since."""
        day = since
        for one in self.absences:
            if one.last <= day:
                continue
            free = max(0, (one.first - day).days - 1)
            if free >= days:
                break
            days -= free
            day = one.last
        return day + timedelta(days=days)


def joined(absences: Iterable[Absence]) -> tuple[Absence, ...]:
    """Return them in order, those that touch or overlap as one; those without a day fall away."""
    found: list[Absence] = []
    for one in sorted(one for one in absences if one.days):
        if found and one.first <= found[-1].last + DAY:
            found[-1] = Absence(found[-1].first, max(found[-1].last, one.last))
        else:
            found.append(one)
    return tuple(found)


def most_used(absences: Iterable[Absence], within: int) -> int:
    """Return how many excused days at most fall into any stretch of so many days."""
    there = joined(absences)
    whole = timedelta(days=within - 1)
    starts = [start for one in there for start in (one.first, one.last - whole)]
    return max((_used(there, start, within) for start in starts), default=0)


def _used(there: tuple[Absence, ...], start: date, within: int) -> int:
    span = Absence(start, start + timedelta(days=within - 1))
    return sum(_shared(one, span) for one in there)


def _shared(one: Absence, other: Absence) -> int:
    return Absence(max(one.first, other.first), min(one.last, other.last)).days
