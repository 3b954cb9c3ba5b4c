"""Who acts: plain data, built once per request in `site.principal`, handed down to every rule."""

from collections.abc import Callable, Hashable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from tcert.foundation.kernel import clock

Answer = TypeVar("Answer")


class PrincipalKind(StrEnum):
    """The kinds of actor that a rule can meet."""

    ANONYMOUS = "anonymous"
    FEED_READER = "feed reader"
    """A member's program, by a feed key: only where that is looked at, and never a person."""
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
    is_unlisted: bool = False
    """Its organisation is not on the list: it came by an invitation, or was taken off."""


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
    only_looks: bool = False
    """The request changes nothing, so what a rule found out for it holds until it is answered."""
    _found_out: dict[Hashable, Any] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def once(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """Return what `ask` answers, asked once for a request that only looks.

        For one that may change something it is asked each time: an act looks again under its lock.
        A copy of the principal with other rights begins anew.
        """
        if not self.only_looks:
            return ask()
        if question not in self._found_out:
            self._found_out[question] = ask()
        answer: Answer = self._found_out[question]
        return answer

    @property
    def is_person(self) -> bool:
        """Is this a signed-in person?"""
        return self.kind is PrincipalKind.PERSON

    @property
    def is_in_team(self) -> bool:
        """Is this a person with a second factor who belongs to a team, on the list or not?

        What a team does in its own cases and with its own key asks this; all else asks `is_member`.
        """
        return self.is_person and self.has_second_factor and bool(self.memberships)

    @property
    def is_member(self) -> bool:
        """Is this a person with a second factor who belongs to a team that is on the list?"""
        return self.is_in_team and not all(m.is_unlisted for m in self.memberships)

    @property
    def reads_as_member(self) -> bool:
        """May they read what is published for members: a member, or a member's program?"""
        return self.is_member or self.kind is PrincipalKind.FEED_READER

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
    def acting_team_ids(self) -> frozenset[UUID]:
        """Return the teams for which the person may act in what is sealed to teams now.

        The desk acts in a live staff session only; without one its members see what members see.
        """
        if not self.is_in_team:
            return frozenset()
        return frozenset(
            m.team_id for m in self.memberships if not m.is_desk or self.is_coordinator
        )

    @property
    def organisation_ids(self) -> frozenset[UUID]:
        """Return the organisations of those teams."""
        return frozenset(m.organisation_id for m in self.memberships)

    @property
    def listed_organisation_ids(self) -> frozenset[UUID]:
        """Return those that are on the list: only for these a person declares what they have."""
        return frozenset(m.organisation_id for m in self.memberships if not m.is_unlisted)


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, label="anonymous")
REPORTER = Principal(PrincipalKind.REPORTER, label="reporter")
SYSTEM = Principal(PrincipalKind.SYSTEM, label="hub")
