"""Where the boxes and arrows of a path of trust stand: numbers only, the template draws them.

Units are those of the picture's own view box. Teams that are equally far from the start stand in
one row; the picture takes the first paths only, the list beside it names all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tcert.community.membership.queries import Step

BOX_WIDTH, BOX_HEIGHT = 148, 50
GAP_ACROSS, GAP_DOWN = 14, 44
MARGIN = 4
MOST_DRAWN = 3
LONGEST_LINE = 21
_HEAD = 7


@dataclass(frozen=True, slots=True)
class Box:
    """One team: the corner of its box, the middle of its words, and the words."""

    x: int
    y: int
    name: str
    house: str
    is_end: bool
    width: int = BOX_WIDTH
    height: int = BOX_HEIGHT

    @property
    def middle(self) -> int:
        """Return where its words are centred."""
        return self.x + BOX_WIDTH // 2


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
        name=_short(name),
        house=_short(house),
        is_end=is_end,
    )


def _arrow(above: Box, below: Box) -> Arrow:
    return Arrow(above.middle, above.y + BOX_HEIGHT, below.middle, below.y)


def _short(text: str) -> str:
    """Cut what does not fit into a box; the list beside the picture has it whole."""
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1].rstrip() + "…"
