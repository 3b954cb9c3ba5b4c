"""Words that a team has given elsewhere and that count for its limit; an upper room counts them.

Who applies to join is no team yet, so no vouch can name it: the room of applications keeps what
teams say for it, and says here how much of their limit that takes.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

Count = Callable[[UUID, datetime], int]

_counts: list[Count] = []


def register(count: Count) -> None:
    """Let a room say how much a team has given there in the 365 days before; call it at start."""
    if count not in _counts:
        _counts.append(count)


def count(team_id: UUID, at: datetime) -> int:
    """Return how many words a team has given elsewhere in the 365 days before a moment."""
    return sum(one(team_id, at) for one in _counts)
