"""The times of measures and appeals, as plain functions; all moments are UTC."""

from datetime import datetime, timedelta

LONGEST_SUSPENSION = timedelta(days=90)
APPEAL_WITHIN = timedelta(days=30)
ANSWER_WITHIN = timedelta(days=14)
"""Until when the desk decides on an appeal."""


def suspension_ends(imposed_at: datetime, days: int) -> datetime:
    """Return when a suspension of so many days ends.

    Raises:
        ValueError: it is shorter than a day or longer than 90.

    """
    if not 1 <= days <= LONGEST_SUSPENSION.days:
        raise ValueError(days)
    return imposed_at + timedelta(days=days)


def may_appeal(imposed_at: datetime, ended_at: datetime | None, at: datetime) -> bool:
    """Tell whether an appeal comes in time: within 30 days, while the measure stands.

    A moment before the measure is the doing of a clock that was set back, and is in time.
    """
    return ended_at is None and at < imposed_at + APPEAL_WITHIN
