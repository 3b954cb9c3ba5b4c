"""The rules of standing as data, each with the day from which it holds (no Django here).

A rule that has held is never changed: a new set is added with a later day, so that what was told
of the past stays true, and members read of a change before it holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Weight:
    """So many acts of a kind make one contribution, and at most so many of these count."""

    needs: int = 1
    most: int | None = None

    def points(self, acts: int) -> int:
        """Return how many contributions so many acts make."""
        made = acts // self.needs
        return made if self.most is None else min(made, self.most)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of the rules; all spans are days. Source: design/community.md, Participation."""

    number: int
    effective: date
    meetings_needed: int = 2
    meetings_of: int = 4
    contributions_needed: int = 2
    window: int = 365
    grace: int = 365
    warning: int = 60
    absence_most: int = 180
    absence_within: int = 730
    weights: Mapping[str, Weight] = field(default_factory=dict)
    """What this version says of single kinds; of others their room's own word holds."""


RULES: tuple[RuleSet, ...] = (RuleSet(number=1, effective=date(2026, 1, 1)),)


def in_force(rules: Sequence[RuleSet], at: date) -> RuleSet | None:
    """Return the set that holds on a day: the one with the latest day that has come."""
    there = [one for one in rules if one.effective <= at]
    return max(there, key=lambda one: (one.effective, one.number), default=None)
