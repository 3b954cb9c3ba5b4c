"""Who acts: plain data, built once per request in `site.principal`, handed down to every rule."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tcert.foundation.kernel import clock


class PrincipalKind(StrEnum):
    """The kinds of actor that a rule can meet."""

    ANONYMOUS = "anonymous"
    REPORTER = "reporter"
    PERSON = "person"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's place in one team."""

    team_id: UUID
    organisation_id: UUID
    role: str
    is_desk: bool = False


@dataclass(frozen=True, slots=True)
class Principal:
    """An actor with everything that a rule may ask; it holds no model and touches no database."""

    kind: PrincipalKind
    person_id: UUID | None = None
    label: str = ""
    memberships: tuple[Membership, ...] = field(default=())
    has_second_factor: bool = False
    staff_until: datetime | None = None
    acting_team_id: UUID | None = None
    interests: AbstractSet[UUID] = frozenset()
    """Organisations in which a coordinator has declared an interest; none without the rights.

    The builder may hand in a set that reads itself on first use: few pages ask.
    """

    @property
    def is_person(self) -> bool:
        """Is this a signed-in person?"""
        return self.kind is PrincipalKind.PERSON

    @property
    def is_member(self) -> bool:
        """Is this a person with a second factor who belongs to a team?"""
        return self.is_person and self.has_second_factor and bool(self.memberships)

    @property
    def is_desk(self) -> bool:
        """Does the person belong to the desk team, staff session or not?"""
        return self.is_member and any(m.is_desk for m in self.memberships)

    @property
    def is_coordinator(self) -> bool:
        """Does the person act with coordinator rights now: desk member in a live staff session?"""
        return self.is_desk and self.staff_until is not None and self.staff_until > clock.now()

    @property
    def team_ids(self) -> frozenset[UUID]:
        """Return the teams that the person belongs to."""
        return frozenset(m.team_id for m in self.memberships)

    @property
    def organisation_ids(self) -> frozenset[UUID]:
        """Return the organisations of those teams."""
        return frozenset(m.organisation_id for m in self.memberships)


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, label="anonymous")
REPORTER = Principal(PrincipalKind.REPORTER, label="reporter")
SYSTEM = Principal(PrincipalKind.SYSTEM, label="hub")
