"""How many records there were of each day and type, and when the first and the last. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from tcert.response.bulk.fields import TIME

MOST = 2_000
"""Pairs of a day and a type that are counted; of more the latest, which are what is reported."""
_TYPE = "classification.type"
Pair = TypeVar("Pair", tuple[date, str], str)


def has_room(seen: dict[Pair, list[Any]], pair: Pair) -> bool:
    """Tell whether a new pair is counted; where there are too many, the oldest gives way to it.

    One that gave way is older than all that are counted from then on, so it never comes back with
    a part of its count.
    """
    if len(seen) < MOST:
        return True
    oldest = min(seen)
    if pair < oldest:
        return False
    del seen[oldest]
    return True


@dataclass(slots=True)
class Days:
    """Counts by day (UTC) and `classification.type`, which is empty where none is named."""

    seen: dict[tuple[date, str], list[Any]] = field(default_factory=dict)

    def add(self, record: Mapping[str, Any], now: datetime) -> None:
        """Count a record as it was routed; `now` stands for the time of one that has none.

        One that is to come counts nowhere: its clock is wrong, and the day's others are right.
        """
        at = record.get(TIME)
        at = at.astimezone(UTC) if isinstance(at, datetime) else now
        if at > now:
            return
        key = at.date(), str(record.get(_TYPE, ""))
        known = self.seen.get(key)
        if known is None:
            if has_room(self.seen, key):
                self.seen[key] = [1, at, at]
            return
        known[0] += 1
        if at < known[1]:
            known[1] = at
        elif at > known[2]:
            known[2] = at

    def rows(self) -> Iterator[tuple[str, str, int, str, str]]:
        """Yield day, type, count, first and last, as a state that is written down keeps them."""
        for (day, of), (count, first, last) in self.seen.items():
            yield day.isoformat(), of, count, *(_written(one) for one in (first, last))


def _written(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
