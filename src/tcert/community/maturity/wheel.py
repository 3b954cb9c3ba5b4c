"""Where the parts of a wheel stand: numbers only, the template draws them.

Four quadrants, one for each pillar; in each, one wedge for each parameter, as far out as its level.
The target is an arc across the wedge. Angles are degrees, clockwise from the top; units are those
of the picture's own view box.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from tcert.community.maturity.sim3 import HIGHEST, LOWEST, Levels

HUB = 22
RING = 29
RIM = HUB + RING * HIGHEST
NUMBERED = RIM + 12
HALF = RIM + 23
SIZE = 2 * HALF
CORNER = 24
_QUARTER = 90.0
_GAP = 3.0


@dataclass(frozen=True, slots=True)
class Wedge:
    """One parameter: its filled part, the arc of its target, and its number at the rim."""

    parameter: str
    level: int
    wanted: int
    filled: str
    target: str
    label_x: float
    label_y: float
    turn: float

    @property
    def number(self) -> str:
        """Return its number in its pillar, whose letter stands in the corner."""
        return self.parameter.partition("-")[2]

    @property
    def is_short(self) -> bool:
        """Tell whether the level is below the target."""
        return self.level < self.wanted


@dataclass(frozen=True, slots=True)
class Wheel:
    """All of it: wedges in order, the radii of the rings, the lines between the quadrants."""

    wedges: tuple[Wedge, ...]
    size: int = SIZE
    middle: int = HALF
    rings: tuple[int, ...] = tuple(HUB + RING * n for n in range(HIGHEST + 1))

    @property
    def corners(self) -> list[tuple[str, int, int]]:
        """Return the letter of each quadrant with its corner, clockwise from the upper right."""
        near, far = CORNER, self.size - CORNER
        places = ((far, near), (far, far), (near, far), (near, near))
        letters = dict.fromkeys(wedge.parameter.partition("-")[0] for wedge in self.wedges)
        return [(letter, x, y) for letter, (x, y) in zip(letters, places, strict=False)]

    @property
    def scale(self) -> list[tuple[int, int]]:
        """Return each level with the height at which its number stands, above the middle."""
        return [(n, self.middle - radius) for n, radius in enumerate(self.rings)]


def draw(quadrants: Sequence[Sequence[str]], levels: Levels, target: Levels) -> Wheel:
    """Return the wheel of some levels against a target; four quadrants of parameters."""
    wedges: list[Wedge] = []
    for number, parameters in enumerate(quadrants):
        width = (_QUARTER - 2 * _GAP) / max(len(parameters), 1)
        start = number * _QUARTER + _GAP
        wedges += [
            _wedge(one, start + at * width, start + (at + 1) * width, levels, target)
            for at, one in enumerate(parameters)
        ]
    return Wheel(tuple(wedges))


def _wedge(
    parameter: str, start: float, end: float, levels: Mapping[str, int], target: Levels
) -> Wedge:
    level, wanted = levels.get(parameter, LOWEST), target.get(parameter, LOWEST)
    along = (start + end) / 2
    x, y = _point(NUMBERED, along)
    turned = along - 90  # a word lies along the spoke, and never upside down
    return Wedge(
        parameter=parameter,
        level=level,
        wanted=wanted,
        filled=_ring_part(HUB + RING * level, start, end) if level else "",
        target=_arc(HUB + RING * wanted, start, end),
        label_x=x,
        label_y=y,
        turn=round(turned if turned <= _QUARTER else turned - 180, 1),
    )


def _ring_part(radius: float, start: float, end: float) -> str:
    """Return the outline of what lies between the hub and a radius, with a hair to each side."""
    hair = min(0.4, (end - start) / 8)
    start, end = start + hair, end - hair
    (ax, ay), (bx, by) = _point(HUB, start), _point(radius, start)
    (cx, cy), (dx, dy) = _point(radius, end), _point(HUB, end)
    outer, inner = f"A{radius} {radius} 0 0 1 {cx} {cy}", f"A{HUB} {HUB} 0 0 0 {ax} {ay}"
    return f"M{ax} {ay}L{bx} {by}{outer}L{dx} {dy}{inner}Z"


def _arc(radius: float, start: float, end: float) -> str:
    (ax, ay), (bx, by) = _point(radius, start), _point(radius, end)
    return f"M{ax} {ay}A{radius} {radius} 0 0 1 {bx} {by}"


def _point(radius: float, angle: float) -> tuple[float, float]:
    turned = angle * pi / 180
    return round(HALF + radius * sin(turned), 2), round(HALF - radius * cos(turned), 2)
