"""Numbers of the directory that tell of nobody: small groups are put together. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

LEAST = 3
"""A smaller group is not told apart from others: it would be nearly a name."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Groups that are told with their numbers, the larger first, and what all others come to."""

    told: tuple[tuple[str, int], ...] = ()
    groups: int = 0
    others: int = 0


def counted(numbers: Mapping[str, int], least: int = LEAST) -> Counted:
    """Tell the groups apart that have `least` members or more, and put the others together.

    The rest is never one group alone, nor fewer than `least` members, while there are others to
    put with it: whoever takes the told ones from the whole would know it.
    """
    there = {name: number for name, number in numbers.items() if number > 0}
    ordered = sorted(there.items(), key=lambda pair: (-pair[1], pair[0]))
    told = [pair for pair in ordered if pair[1] >= least]
    rest = [pair for pair in ordered if pair[1] < least]
    while rest and told and (len(rest) == 1 or sum(n for _name, n in rest) < least):
        rest.append(told.pop())
    return Counted(tuple(told), len(rest), sum(number for _name, number in rest))
