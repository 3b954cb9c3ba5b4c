"""Until when a talk is kept: a pure function of days."""

from datetime import date, timedelta

WARNED = timedelta(days=30)
"""How long before a talk is deleted its teams are told."""


def deletes_on(last: date, closed: date | None, keep: timedelta) -> date:
    """Return the day on which a talk is deleted.

    Args:
        last: The day of its last message, or of its opening.
        closed: The day on which it was closed, or None.
        keep: For how long silence is kept.

    """
    return max(last, closed or last) + keep


def is_near(deletes: date, today: date) -> bool:
    """Tell whether its teams are to be told now."""
    return deletes - WARNED <= today
