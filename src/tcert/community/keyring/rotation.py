"""The picture of a team's keys in time: which counted when, how long an older one helps on. Pure.

A key that was replaced and not revoked stays valid by itself until it expires: what was sealed to
it opens, what it signed can be checked. Where its lane overlaps with its successor's, both help.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH = 620
MOST_LANES = 8
_LEFT, _RIGHT = 20, 600
_LANE, _TOP, _BAR = 40, 40, 12
_AHEAD = timedelta(days=365)
"""So far is shown of what ends later, or never."""


@dataclass(frozen=True, slots=True)
class Span:
    """One key: when it came, when it stopped to count, until when it is valid by itself."""

    name: str
    began: datetime
    ended: datetime | None
    expires: datetime | None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """Where a key is drawn; `after` is the width of what follows once it counts no longer."""

    name: str
    y: int
    x: int
    width: int
    after_x: int
    after: int

    @property
    def bar(self) -> int:
        """Return where the bar is, below the name."""
        return self.y + 6


@dataclass(frozen=True, slots=True)
class Picture:
    """Lanes, the newest first, and where today is."""

    lanes: tuple[Lane, ...]
    today: int
    height: int
    bar: int = _BAR
    width: int = WIDTH


def draw(spans: Sequence[Span], now: datetime) -> Picture | None:
    """Return the picture of a rotation, or None where no key followed another."""
    newest = sorted(spans, key=lambda one: one.began, reverse=True)[:MOST_LANES]
    if len(newest) < 2 or all(one.ended is None for one in newest):  # noqa: PLR2004 - one is no rotation
        return None
    first, last = min(one.began for one in newest), now + _AHEAD
    whole = (last - first) / timedelta(seconds=1)

    def at(moment: datetime | None) -> int:
        moment = min(max(moment or last, first), last)
        return _LEFT + round((_RIGHT - _LEFT) * ((moment - first) / timedelta(seconds=1)) / whole)

    lanes = []
    for number, one in enumerate(newest):
        counted = min((m for m in (one.ended, one.expires) if m), default=None)
        left, stop = at(one.began), at(counted)
        until = stop if one.revoked or one.ended is None else max(at(one.expires), stop)
        y = _TOP + number * _LANE
        lanes.append(Lane(one.name, y, left, max(stop - left, 2), stop, until - stop))
    return Picture(tuple(lanes), at(now), _TOP + len(newest) * _LANE)
