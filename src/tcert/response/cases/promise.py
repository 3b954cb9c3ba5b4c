"""The promise to reporters: a person answers within three working days. Pure."""

from datetime import date, timedelta

PROMISED_WORKING_DAYS = 3


def working_days_after(start: date, count: int) -> date:
    """Return the day that many working days (Monday to Friday) after a day."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5  # noqa: PLR2004 - Saturday is 5
    return day


def answer_by(received_on: date) -> date:
    """Return the last day on which an answer to a report that came on a day is in time."""
    return working_days_after(received_on, PROMISED_WORKING_DAYS)
