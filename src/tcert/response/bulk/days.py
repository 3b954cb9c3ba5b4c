"""How many records there were of each day and type, and when the first and the last. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from tcert.response.bulk.fields import TIME

MOST = 2_000
"""Pairs of a day and a type; a feed with more of them has wrong times, and they count nowhere."""
_TYPE = "classification.type"


@dataclass(slots=True)
class Days:
    """Counts by day (UTC) and `classification.type`, which is empty where none is named."""

    seen: dict[tuple[date, str], list[Any]] = field(default_factory=dict)

    def add(self, record: Mapping[str, Any], now: datetime) -> None:
        """Count a record as it was routed; `now` stands for the time of one that has none."""
        at = record.get(TIME)
        at = at.astimezone(UTC) if isinstance(at, datetime) else now
        key = at.date(), str(record.get(_TYPE, ""))
        known = self.seen.get(key)
        if known is None:
            if len(self.seen) < MOST:
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
