"""When a team is drilled: twice a year, at moments that nobody can foresee. Pure.

The moment follows from a secret of the half-year and the team, by HMAC-SHA-256 (RFC 2104), spread
evenly over days, hours and weekends. It stands nowhere: who reads the database without the field
keys does not learn it either. Where it does not suit, the next draw of the same secret counts.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from tcert.community.reachability.results import OPEN_FOR

MONTH_OF_SECOND_HALF = 7
FIRST_AFTER = timedelta(days=14)
"""A team that has just become reachable at all hours has so long to get used to it."""
APART = timedelta(days=60)
"""So far two drills of a team lie apart at least."""
LONGEST_PAUSE = timedelta(days=14)
PAUSE_AHEAD = timedelta(days=14)
"""A pause begins on one of so many days after the one on which it is asked for."""
PAUSES_A_YEAR = 2
_YEAR = timedelta(days=365)
_DRAWS = 200


@dataclass(frozen=True, slots=True)
class Half:
    """Half a year, in UTC."""

    year: int
    is_second: bool

    @property
    def name(self) -> str:
        """Return it as it is written: 2026-H2."""
        return f"{self.year}-H{2 if self.is_second else 1}"

    @property
    def start(self) -> datetime:
        """Return its first moment."""
        return datetime(self.year, MONTH_OF_SECOND_HALF if self.is_second else 1, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """Return the first moment after it."""
        if self.is_second:
            return datetime(self.year + 1, 1, 1, tzinfo=UTC)
        return datetime(self.year, MONTH_OF_SECOND_HALF, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included, on which a team is not drilled."""

    first: date
    last: date

    def holds(self, moment: datetime) -> bool:
        """Tell whether a drill that starts at a moment would run into these days (UTC)."""
        return self.first <= (moment + OPEN_FOR).date() and moment.date() <= self.last

    @property
    def over(self) -> datetime:
        """Return the first moment after these days."""
        return datetime.combine(self.last + timedelta(days=1), time(), UTC)


def half_of(moment: datetime) -> Half:
    """Return the half-year of a moment."""
    at = moment.astimezone(UTC)
    return Half(at.year, at.month >= MONTH_OF_SECOND_HALF)


def moment_of(
    secret: bytes, team: UUID, half: Half, not_before: datetime, pauses: Sequence[Span] = ()
) -> datetime | None:
    """Return when a team is drilled in a half-year, to the minute; None: not in this one.

    Args:
        secret: The secret of the half-year.
        team: Whose drill it is.
        half: The half-year.
        not_before: From when on the team may be drilled. It must not depend on the present: else
            a drill would be put off for ever.
        pauses: Days that the team has asked to be spared.

    """
    minutes = int((half.end - OPEN_FOR - half.start) / timedelta(minutes=1))
    earliest = not_before
    for draw in range(_DRAWS):
        said = f"{half.name}:{team}:{draw}".encode()
        number = int.from_bytes(hmac.digest(secret, said, hashlib.sha256))
        moment = half.start + timedelta(minutes=number % minutes)
        if moment < earliest:
            continue
        hit = [pause.over for pause in pauses if pause.holds(moment)]
        if not hit:
            return moment
        # Only what lies after the pause: an earlier draw would set the drill off at once, and
        # who asks for a pause would learn from it when the drill was to be.
        earliest = max(earliest, *hit)
    return None


def pause_is_possible(asked: Span, today: date, earlier: Sequence[Span]) -> bool:
    """Tell whether a team may be spared on these days: asked ahead, not long, not often."""
    return (
        today < asked.first <= today + PAUSE_AHEAD
        and timedelta(0) <= asked.last - asked.first < LONGEST_PAUSE
        and pauses_within_year(asked.first, earlier) < PAUSES_A_YEAR
        and not any(one.first <= asked.last and asked.first <= one.last for one in earlier)
    )


def pauses_within_year(day: date, pauses: Sequence[Span]) -> int:
    """Count the pauses that began within the 365 days before a day, or begin after it."""
    return sum(1 for one in pauses if one.first > day - _YEAR)
