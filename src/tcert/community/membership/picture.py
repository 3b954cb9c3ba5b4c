"""Where the boxes and arrows of a path of trust stand: numbers only, the template draws them.

Units are those of the picture's own view box. Teams that are equally far from the start stand in
one row, two of which fit into a phone; the picture takes the first paths only, the list beside it
names all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width
from uuid import UUID

from tcert.community.membership.queries import Step

BOX_WIDTH, BOX_HEIGHT = 136, 64
GAP_ACROSS, GAP_DOWN = 10, 44
MARGIN = 3
MOST_DRAWN = 3
LONGEST_LINE = 16
_HEAD = 7


@dataclass(frozen=True, slots=True)
class Box:
    """One team: the corner of its box, its name in one or two lines, and its organisation."""

    x: int
    y: int
    name: tuple[str, ...]
    house: str
    is_end: bool
    width: int = BOX_WIDTH
    height: int = BOX_HEIGHT

    @property
    def middle(self) -> int:
        """Return where its words are centred."""
        return self.x + BOX_WIDTH // 2

    @property
    def lines(self) -> list[tuple[int, str]]:
        """Return the lines of the name with where each stands."""
        first = self.y + (28 if len(self.name) == 1 else 21)
        return [(first + 16 * at, line) for at, line in enumerate(self.name)]

    @property
    def house_at(self) -> int:
        """Return where the organisation stands, below the name."""
        return self.lines[-1][0] + 17


@dataclass(frozen=True, slots=True)
class Arrow:
    """One vouch, from the lower edge of a box to the upper edge of one in the next row."""

    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def head(self) -> str:
        """Return the corners of its point, which always looks down."""
        left, right, top = self.x2 - _HEAD // 2 - 1, self.x2 + _HEAD // 2 + 1, self.y2 - _HEAD
        return f"{left},{top} {right},{top} {self.x2},{self.y2}"


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it, with its size."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(paths: Sequence[Sequence[Step]]) -> Picture | None:
    """Return the picture of the first paths, all of one length; None without any."""
    shown = [path for path in paths[:MOST_DRAWN] if path]
    if not shown:
        return None
    rows = _rows(shown)
    widest = max(len(row) for row in rows)
    width = 2 * MARGIN + widest * BOX_WIDTH + (widest - 1) * GAP_ACROSS
    boxes = {
        team: _box(row, at, number, width, is_end=number in {0, len(rows) - 1})
        for number, row in enumerate(rows)
        for at, team in enumerate(row)
    }
    arrows = {
        (step.giver.id, step.receiver.id): _arrow(boxes[step.giver.id], boxes[step.receiver.id])
        for path in shown
        for step in path
    }
    height = 2 * MARGIN + len(rows) * BOX_HEIGHT + (len(rows) - 1) * GAP_DOWN
    return Picture(width, height, tuple(boxes.values()), tuple(arrows.values()))


Row = dict[UUID, tuple[str, str]]


def _rows(paths: Sequence[Sequence[Step]]) -> list[Row]:
    """Return the teams of each row with name and organisation, each once."""
    rows: list[Row] = [{} for _ in range(len(paths[0]) + 1)]
    for path in paths:
        teams = [path[0].giver, *(step.receiver for step in path)]
        for row, team in zip(rows, teams, strict=True):
            row[team.id] = (team.name, team.organisation.short_name)
    return rows


def _box(row: Row, at: int, number: int, width: int, *, is_end: bool) -> Box:
    across = len(row) * BOX_WIDTH + (len(row) - 1) * GAP_ACROSS
    name, house = list(row.values())[at]
    return Box(
        x=(width - across) // 2 + at * (BOX_WIDTH + GAP_ACROSS),
        y=MARGIN + number * (BOX_HEIGHT + GAP_DOWN),
        name=_short(name, 2),
        house=_cut(house),
        is_end=is_end,
    )


def _arrow(above: Box, below: Box) -> Arrow:
    return Arrow(above.middle, above.y + BOX_HEIGHT, below.middle, below.y)


def _short(text: str, lines: int) -> tuple[str, ...]:
    """Break a name into so many lines and cut the rest; the list beside has it whole."""
    found = [""]
    for word in text.split():
        joined = f"{found[-1]} {word}".strip()
        if not found[-1] or _wide(joined) <= LONGEST_LINE or len(found) == lines:
            found[-1] = joined
        else:
            found.append(word)
    return tuple(_cut(line) for line in found)


def _cut(line: str) -> str:
    if _wide(line) <= LONGEST_LINE:
        return line
    while line and _wide(line) >= LONGEST_LINE:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _wide(text: str) -> int:
    """Return how many columns a line takes: a Chinese or Japanese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
