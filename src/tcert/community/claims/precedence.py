"""Who holds an identifier, of all who claim it: one function, the same answer in whatever order.

A verified claim comes before one that is only claimed, and only then a more specific before a
less specific one: otherwise whoever claims a narrower range would take away what another proved.
A claim under dispute keeps the place it had and is marked; if it lost it, a dispute would be a way
to take a number from its holder for as long as it lasts. Nobody wins by being first, and claims
that tie are all answers. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tcert.community.claims.enums import State


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim that covers what is asked for.

    `group` is 0 for the nearest space (`spaces.covering`), `length` that of the stretch that
    covers it. `valid_until` and `verified_until` are the first moments at which they are over.
    """

    claim: UUID
    organisation: UUID
    state: State
    group: int
    length: int
    valid_from: datetime
    valid_until: datetime | None = None
    verified_from: datetime | None = None
    verified_until: datetime | None = None

    def is_valid(self, at: datetime) -> bool:
        """Does it count at a moment?"""
        if self.state not in State.counting():
            return False
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)

    def is_verified(self, at: datetime) -> bool:
        """Is it proven at a moment? A dispute takes no proof away."""
        if self.verified_from is None or self.verified_until is None:
            return False
        return self.verified_from <= at < self.verified_until

    def rank(self, at: datetime) -> tuple[int, int, int]:
        """Return its place: the smaller comes first."""
        return (0 if self.is_verified(at) else 1, self.group, -self.length)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its place: 0 holds, as far as the hub knows; others follow."""

    candidate: Candidate
    place: int
    verified: bool

    @property
    def disputed(self) -> bool:
        """Is somebody contesting it? Then a person decides, whatever its place."""
        return self.candidate.state is State.DISPUTED


def ranked(candidates: Iterable[Candidate], at: datetime) -> tuple[Ranked, ...]:
    """Return all candidates that count at a moment, best first; those that tie share a place.

    A claim that covers it by several stretches counts by its best. Within a place the order is by
    id, which says nothing.
    """
    best: dict[UUID, Candidate] = {}
    for one in candidates:
        known = best.get(one.claim)
        if one.is_valid(at) and (known is None or one.rank(at) < known.rank(at)):
            best[one.claim] = one
    places = {rank: place for place, rank in enumerate(sorted({c.rank(at) for c in best.values()}))}
    found = [Ranked(one, places[one.rank(at)], one.is_verified(at)) for one in best.values()]
    return tuple(sorted(found, key=lambda one: (one.place, str(one.candidate.claim))))


def is_decided(found: Iterable[Ranked]) -> bool:
    """Tell whether one organisation alone stands first, proven and undisputed."""
    first = [one for one in found if one.place == 0]
    holders = {one.candidate.organisation for one in first}
    return len(holders) == 1 and all(one.verified and not one.disputed for one in first)
