"""The arithmetic of a SIM3 assessment: profile reached, gaps, comparison, means. No words.

Levels are whole numbers from 0 to 4, by id of the parameter; what is missing counts as 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tcert.community.maturity.enums import Profile

LOWEST, HIGHEST = 0, 4
Levels = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Gap:
    """A parameter below its target."""

    parameter: str
    level: int
    wanted: int

    @property
    def size(self) -> int:
        """Return how many levels are missing."""
        return self.wanted - self.level


@dataclass(frozen=True, slots=True)
class Change:
    """A parameter whose level is not what it was."""

    parameter: str
    was: int
    now: int

    @property
    def is_better(self) -> bool:
        """Tell whether the level rose."""
        return self.now > self.was


def gaps(levels: Levels, target: Levels) -> list[Gap]:
    """Return what is below a target: the widest first, then in the order of the target."""
    found = [
        Gap(one, levels.get(one, LOWEST), wanted)
        for one, wanted in target.items()
        if levels.get(one, LOWEST) < wanted
    ]
    return sorted(found, key=lambda gap: -gap.size)


def reached(levels: Levels, targets: Mapping[Profile, Levels]) -> Profile | None:
    """Return the highest profile that is fulfilled together with all below it, or None."""
    best = None
    for profile in Profile:
        if gaps(levels, targets[profile]):
            break
        best = profile
    return best


def changes(before: Levels, after: Levels) -> list[Change]:
    """Return what differs between two assessments, in the order of the later one."""
    known = dict.fromkeys([*after, *before])
    pairs = ((one, before.get(one, LOWEST), after.get(one, LOWEST)) for one in known)
    return [Change(one, was, now) for one, was, now in pairs if was != now]


def mean(levels: Levels, parameters: Iterable[str]) -> float:
    """Return the mean level of some parameters; 0 for none."""
    found = [levels.get(one, LOWEST) for one in parameters]
    return sum(found) / len(found) if found else 0.0


def missing(levels: Levels, parameters: Sequence[str]) -> list[str]:
    """Return the parameters without a level, in their order."""
    return [one for one in parameters if one not in levels]
