"""The promise to reporters: a person answers within three working days. Pure.

Its record is measured over the twelve whole months before this one. Within a month it never
changes, so that nobody who looks every day learns on which day somebody wrote to the desk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low

PROMISED_WORKING_DAYS = 3
ENOUGH_TO_TELL = 10
FORGOTTEN_AFTER = timedelta(days=430)
_SATURDAY = 5


def working_days_after(start: date, count: int) -> date:
    """Return the day that many working days (Monday to Friday) after a day."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < _SATURDAY
    return day


def working_days_between(start: date, end: date) -> int:
    """Return how many working days lie after a day, up to another one and with it."""
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(day.weekday() < _SATURDAY for day in days)


def answer_by(received_on: date) -> date:
    """Return the last day on which an answer to a report that came on a day is in time."""
    return working_days_after(received_on, PROMISED_WORKING_DAYS)


@dataclass(frozen=True, slots=True)
class Owed:
    """A report by the day it came and the day of its first answer."""

    received_on: date
    answered_on: date | None


@dataclass(frozen=True, slots=True)
class Measured:
    """How well the promise was kept; `median` is in working days, None when most got no answer.

    `until` is the last day of the measured months.
    """

    kept: int
    total: int
    median: int | None
    until: date

    @property
    def tells(self) -> bool:
        """Were there enough reports to give away nobody among them?"""
        return self.total >= ENOUGH_TO_TELL


def months_measured(today: date) -> tuple[date, date]:
    """Return the first and the last day of the twelve whole months before a day's own."""
    first = today.replace(day=1)
    return first.replace(year=first.year - 1), first - timedelta(days=1)


def measure(owed: Iterable[Owed], today: date) -> Measured:
    """Measure the reports whose last day for an answer lies in the measured months.

    What was answered after these months counts as not answered: the figure stands for the month.
    """
    first, last = months_measured(today)
    kept, waits = 0, []
    for one in owed:
        if not first <= answer_by(one.received_on) <= last:
            continue
        answered = one.answered_on if one.answered_on and one.answered_on <= last else None
        kept += answered is not None and answered <= answer_by(one.received_on)
        waited = working_days_between(one.received_on, answered or last)
        waits.append((answered is None, waited))
    unanswered, wait = median_low(waits) if waits else (True, 0)
    return Measured(kept, len(waits), None if unanswered else wait, last)
