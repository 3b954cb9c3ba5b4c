"""What a snapshot is made of: claims and rows of reference data, in one form."""

from dataclasses import dataclass
from datetime import date, datetime

from tcert.foundation.identifiers.kinds import Kind
from tcert.response.snapshot.enums import Role, State


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim, or one row of reference data.

    `value` is the canonical form that foundation/identifiers gives for the kind. `party` names who
    answers and is opaque here; for the role *origin* it is the AS that announces a network, as
    `AS64496`, and who answers is looked up among those who claim that number. `source` and `on` say
    where it comes from and of which day it is. It holds from `valid_from` on and no longer at
    `valid_until`; without one it has no such end. `was_verified` tells of a disputed claim that it
    was proven: a dispute takes no place away. `mark` is for whoever compiles the table: it decides
    nothing and comes back with the answer.
    """

    kind: Kind
    value: str
    party: str
    role: Role
    state: State
    source: str
    on: date
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    was_verified: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """An entry without what it is about: what many entries have in common is kept once."""

    party: str
    role: Role
    state: State
    source: str
    on: date
    valid_from: datetime | None
    valid_until: datetime | None
    was_verified: bool
    mark: str = ""

    def is_valid(self, at: datetime) -> bool:
        """Does it hold at a moment?"""
        began = self.valid_from is None or self.valid_from <= at
        return began and (self.valid_until is None or at < self.valid_until)

    @property
    def is_proven(self) -> bool:
        """Is it proven? A dispute takes no proof away."""
        return self.state == State.VERIFIED or (self.state == State.DISPUTED and self.was_verified)

    @property
    def standing(self) -> int:
        """Return its place by state: proven, then claimed, then imported."""
        if self.is_proven:
            return 0
        return 2 if self.state == State.IMPORTED else 1
