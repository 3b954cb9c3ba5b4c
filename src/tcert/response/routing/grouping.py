"""Answers as the page shows them: by what came of a line, then by whom to turn to."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tcert.response.routing.resolving import (
    Answers,
    Candidate,
    Line,
    Party,
    Reading,
    Verdict,
)

MOST_ROWS = 40
"""Of one party; the CSV file has all."""
MOST_NUMBERS = 6
"""Line numbers that are written out."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line that leads to a party, with those who come after it.

    `label` says what it is, in each way to read it that leads there for the same reason.
    """

    line: Line
    label: str
    reading: Reading
    candidate: Candidate
    others: tuple[Candidate, ...]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Return the first few lines on which it stands."""
        return self.line.numbers[:MOST_NUMBERS]

    @property
    def more_numbers(self) -> int:
        """Return on how many more lines it stands."""
        return len(self.line.numbers) - len(self.numbers)


@dataclass(slots=True)
class Group:
    """All that leads to one party; without one, to a name in a public list."""

    name: str
    party: Party | None
    rows: list[Row] = field(default_factory=list)
    count: int = 0
    """Rows in all, shown or not."""

    @property
    def hidden(self) -> int:
        """Return how many rows are in the file alone."""
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows."""

    decided: list[Group]
    waiting: list[Group]
    nobody: list[Line]
    nobody_more: int
    unread: list[int]
    unread_more: int
    counts: dict[str, int]


def grouped(found: Answers) -> Page:
    """Put answers together by what came of them and by party, the parties with most lines first."""
    nobody = [one for one in found.lines if one.verdict == Verdict.NOBODY]
    unread = sorted(n for one in found.lines if one.verdict == Verdict.UNREAD for n in one.numbers)
    return Page(
        decided=_groups(found, Verdict.DECIDED),
        waiting=_groups(found, Verdict.WAITING),
        nobody=nobody[:MOST_ROWS],
        nobody_more=max(0, len(nobody) - MOST_ROWS),
        unread=unread[:MOST_ROWS],
        unread_more=max(0, len(unread) - MOST_ROWS),
        counts={str(verdict): found.count(verdict) for verdict in Verdict},
    )


def _groups(found: Answers, verdict: Verdict) -> list[Group]:
    groups: dict[object, Group] = {}
    for line in found.lines:
        if line.verdict != verdict:
            continue
        for key, row in _rows(line, only_decided=verdict == Verdict.DECIDED):
            party = found.parties.get(key) if isinstance(key, tuple) else None
            group = groups.setdefault(key, Group(row.candidate.name, party))
            group.count += 1
            if len(group.rows) < MOST_ROWS:
                group.rows.append(row)
    return sorted(groups.values(), key=lambda one: (one.party is None, -one.count, one.name))


def _rows(line: Line, *, only_decided: bool) -> Iterator[tuple[object, Row]]:
    alike: dict[tuple[object, str], list[tuple[Reading, Candidate]]] = {}
    for reading in line.readings:
        if only_decided and not reading.decided:
            continue
        for one in reading.first:
            key: object = (one.organisation, one.team) if one.organisation else one.name
            alike.setdefault((key, one.reason), []).append((reading, one))
    for (key, _reason), found in alike.items():
        reading, one = found[0]
        others = tuple(c for c in reading.candidates if c is not one)
        label = ", ".join(dict.fromkeys(read.label for read, _one in found))
        yield key, Row(line, label, reading, one, others)
