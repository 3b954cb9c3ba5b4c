"""What a newer list would change: rows added, removed and altered. Pure.

A row has no key of its own: several operators share a code, and names are what changes. Within a
code and country, rows that are equal stay; of the others, those with the same operator are the
same row altered, then those that are left are paired in order; what has no partner came or went.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tcert.response.reference.enums import Turn
from tcert.response.reference.networks import COLUMNS, Row

Versions = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one row; `before` is None for one that comes, `after` for one that goes."""

    before: Row | None
    after: Row | None

    @property
    def turn(self) -> Turn:
        """Say whether it comes, goes or is altered."""
        if self.before is None:
            return Turn.ADDED
        return Turn.REMOVED if self.after is None else Turn.ALTERED

    @property
    def row(self) -> Row:
        """Return the row as it will be, or was."""
        found = self.after or self.before
        assert found is not None  # noqa: S101 - one of the two is always there
        return found

    @property
    def fields(self) -> tuple[tuple[str, str, str], ...]:
        """Return name, old and new value of each field that is altered."""
        if self.before is None or self.after is None:
            return ()
        pairs = ((n, getattr(self.before, n), getattr(self.after, n)) for n in COLUMNS)
        return tuple((name, old, new) for name, old, new in pairs if old != new)


def compare(before: Iterable[Row], after: Iterable[Row]) -> tuple[Change, ...]:
    """Return what changes from one list to another, by network code."""
    old, new = _grouped(before), _grouped(after)
    found: list[Change] = []
    for key in sorted(old.keys() | new.keys()):
        found += _of_group(old.get(key, []), new.get(key, []))
    return tuple(found)


def _grouped(rows: Iterable[Row]) -> Mapping[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(rows):
        found[row.plmn, row.country].append(row)
    return found


def _of_group(old: Sequence[Row], new: Sequence[Row]) -> list[Change]:
    gone = [row for row in old if row not in new]
    come = [row for row in new if row not in old]
    changes = []
    for row in list(gone):
        same = next((one for one in come if one.operator == row.operator), None)
        if same is not None:
            changes.append(Change(row, same))
            gone.remove(row)
            come.remove(same)
    paired = min(len(gone), len(come))
    changes += [Change(a, b) for a, b in zip(gone, come, strict=False)]
    changes += [Change(row, None) for row in gone[paired:]]
    changes += [Change(None, row) for row in come[paired:]]
    return changes


def counted(changes: Iterable[Change]) -> dict[str, int]:
    """Return how many rows come, go and are altered."""
    counts = {str(turn): 0 for turn in Turn}
    for change in changes:
        counts[change.turn] += 1
    return counts


def packed(changes: Iterable[Change]) -> list[list[dict[str, Any] | None]]:
    """Return changes as they are kept with a edition."""
    return [[asdict(one) if one else None for one in (c.before, c.after)] for c in changes]


def unpacked(kept: Iterable[Sequence[dict[str, Any] | None]]) -> tuple[Change, ...]:
    """Return changes that were kept."""
    return tuple(Change(*(Row(**one) if one else None for one in pair)) for pair in kept)


def number_of(version: str) -> Versions:
    """Return a version as numbers that can be compared; what is none comes before all."""
    parts = version.split(".")
    usable = all(part.isascii() and part.isdecimal() and len(part) < 16 for part in parts)  # noqa: PLR2004 - digits of a date with time
    return tuple(int(part) for part in parts) if usable else ()
