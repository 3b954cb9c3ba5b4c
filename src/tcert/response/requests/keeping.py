"""Until when a request is kept, and when it ends by itself: pure functions of days."""

from datetime import date, timedelta

WARNED = timedelta(days=14)
"""How long before a request is deleted its two teams are told."""
SHORTEST_WARNING = timedelta(days=7)
"""Who was told late, because the worker stood, has this time at least."""
SILENT = timedelta(days=90)
"""After how much silence a request that nobody ends, ends by itself."""


def deletes_on(ended: date, keep_days: int, warned: date | None) -> date:
    """Return the day on which a request that is over is deleted with all that it holds."""
    due = ended + timedelta(days=keep_days)
    return due if warned is None else max(due, warned + SHORTEST_WARNING)


def ends_by_itself_on(deadline: date, changed: date, held_until: date | None) -> date:
    """Return the day on which a request ends that both teams leave alone.

    Else what was handed over would be kept for ever where nobody presses *Close*.
    """
    return max(deadline, changed, held_until or changed) + SILENT
