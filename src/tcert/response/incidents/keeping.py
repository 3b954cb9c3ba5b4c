"""Until when an incident is kept: pure functions of days."""

from datetime import date, timedelta

WARNED = timedelta(days=30)
"""How long before an incident is deleted its teams are told."""
SHORTEST_WARNING = timedelta(days=8)
"""Who was told late, because the worker stood or a hold ended, has this time at least."""
LONGEST_HOLD = timedelta(days=366)
"""For how long a team can keep an incident before it says so again."""


def deletes_on(last: date, keep: timedelta, warned: date | None, today: date) -> date:
    """Return the day from which on an incident that nobody holds is deleted.

    Args:
        last: The day of its last change or message.
        keep: For how long it is kept after that.
        warned: The day on which its teams were told, or None.
        today: The present day: who was not told yet is told first.

    """
    return max(last + keep, (warned or today) + SHORTEST_WARNING)


def is_near(last: date, keep: timedelta, today: date) -> bool:
    """Tell whether its teams are to be told now."""
    return last + keep - WARNED <= today
