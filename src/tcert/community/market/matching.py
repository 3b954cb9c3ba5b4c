"""Which offers fit which needs, and why: plain facts held against each other, no score.

An offer and a need of different teams fit when they are about the same subject, and when what
both of them state (domains, languages, regions) has something in common. Who states none of a
thing is open to all of it: that is no reason to fit, and none against it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tcert.community.market.enums import Kind


class Why(StrEnum):
    """In what two entries agree."""

    SUBJECT = "subject"
    DOMAIN = "domain"
    LANGUAGE = "language"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is held against each other; the team only keeps it from fitting itself."""

    id: UUID
    kind: Kind
    team: UUID
    subject: str
    domains: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing in common: in what, and its code."""

    why: Why
    code: str


Reasons = tuple[Reason, ...]


def reasons(one: Facts, other: Facts) -> Reasons | None:
    """Return why two entries fit, in a fixed order; None when they do not."""
    if one.kind is other.kind or one.team == other.team or one.subject != other.subject:
        return None
    found = [Reason(Why.SUBJECT, one.subject)]
    for why, left, right in (
        (Why.DOMAIN, one.domains, other.domains),
        (Why.LANGUAGE, one.languages, other.languages),
        (Why.REGION, one.regions, other.regions),
    ):
        common = left & right
        if left and right and not common:
            return None
        found += [Reason(why, code) for code in sorted(common)]
    return tuple(found)


def matches(one: Facts, others: Iterable[Facts]) -> list[tuple[UUID, Reasons]]:
    """Return what fits an entry with its reasons: what has more in common first, then by id.

    Ids are random, so that a place in the list tells nothing of when or by whom it was entered.
    """
    found = [(other.id, why) for other in others if (why := reasons(one, other)) is not None]
    return sorted(found, key=lambda pair: (-len(pair[1]), pair[0]))


def has_match(own: Collection[Facts], others: Iterable[Facts]) -> bool:
    """Tell whether any of the others fits any of one's own."""
    return any(reasons(one, other) is not None for other in others for one in own)
