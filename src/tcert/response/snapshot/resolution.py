"""Whose an identifier is: ranked candidates with reason, source, date and confidence. Pure.

The order is that of claims (community/claims/precedence): proven before claimed before imported,
then what lies nearer, then the longer prefix; what ties is all an answer, and a dispute takes no
place away. Only what is proven of the identifier itself decides; anything else waits for a person.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from tcert.community.claims.spaces import Space
from tcert.foundation.identifiers import countries
from tcert.foundation.identifiers.kinds import Identifier, Kind
from tcert.foundation.identifiers.numbers import region
from tcert.response.snapshot.entries import Route
from tcert.response.snapshot.enums import Basis, Role, Side, State
from tcert.response.snapshot.snapshot import Hit, Key, Snapshot

VERIFIED, GROUP, DERIVED, REFERENCE, PORTED, AMBIGUOUS, COUNTRY = 95, 85, 70, 50, 40, 35, 20
"""Percent, after design/routing.md; one that is claimed and not proven counts as a reference."""

_MOST = {
    Basis.DIRECT: VERIFIED,
    Basis.DERIVED: DERIVED,
    Basis.PORTED: PORTED,
    Basis.AMBIGUOUS: AMBIGUOUS,
    Basis.COUNTRY: COUNTRY,
}
_ANNOUNCED = 1
"""Group of the holders of the AS that announces an address: after those of the address itself."""

CLAIMS_TO_COME = "traffic that claims to come from"
CLAIMS_TO_CONCERN = "traffic that claims to concern"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may answer. `place` is shared by those who tie; 0 stands first.

    `on` is the day of the source; `matched` what of the table covers the identifier, never more of
    the identifier than that. Of a group, `through` is the member by which it is one.
    """

    party: str
    role: Role
    basis: Basis
    state: State
    matched: str
    source: str
    on: date | None
    confidence: int
    place: int
    mark: str = ""
    through: str = ""

    @property
    def reason(self) -> str:
        """Say in words why it is a candidate."""
        if self.basis == Basis.COUNTRY:
            what = _BELONGS.get(self.source, "number")
            where = f"{countries.name(self.matched)} ({self.matched})"
            return f"the {what} belongs to a range of {where}; no team is known"
        if self.role == Role.ORIGIN:
            return f"announced by {self.party}, which nobody here claims"
        said = f"{self.role} of {self.matched} ({self.state})"
        if self.basis == Basis.GROUP:
            return f"group or parent of {self.through}, {said}"
        return said + _REMARKS.get(self.basis, "")


_REMARKS = {
    Basis.DERIVED: ", which is derived from the identifier",
    Basis.PORTED: ", the range only: numbers are ported",
    Basis.AMBIGUOUS: ", the less likely reading of a code of unknown length",
}


@dataclass(frozen=True)
class Resolution:
    """The candidates, best first, and the time around the event for which they are the same.

    It holds from `since` on and before `until`; None is without end.
    """

    candidates: tuple[Candidate, ...]
    since: datetime | None = None
    until: datetime | None = None

    @cached_property
    def first(self) -> tuple[Candidate, ...]:
        """Return those who stand first: more than one if they tie."""
        return tuple([one for one in self.candidates if one.place == 0])

    @property
    def is_disputed(self) -> bool:
        """Is one of those who stand first contested?"""
        return any(one.state == State.DISPUTED for one in self.first)

    @property
    def is_decided(self) -> bool:
        """Does it need no person: proven of the identifier itself, undisputed, no contradiction?

        Lessor and lessee are both parties and contradict nobody; two holders do.
        """
        first = self.first
        for one in first:
            if one.confidence != VERIFIED or one.state == State.DISPUTED:
                return False
        if len(first) < 2:  # noqa: PLR2004 - one contradicts nobody
            return bool(first)
        parties: dict[Role, set[str]] = {}
        for one in first:
            parties.setdefault(one.role, set()).add(one.party)
        return all(len(parties.get(role, ())) <= 1 for role in Role.exclusive())

    def holds(self, at: datetime) -> bool:
        """Is it the answer for another moment as well?"""
        began = self.since is None or self.since <= at
        return began and (self.until is None or at < self.until)


def resolve(snapshot: Snapshot, found: Identifier, at: datetime) -> Resolution:
    """Return who may answer for an identifier that was seen at a moment."""
    return ranked(snapshot, snapshot.covering(found), at, country_of(found))


class Country(NamedTuple):
    """A country by its ISO 3166 code, and what says that an identifier belongs to it."""

    code: str
    source: str


def ranked(
    snapshot: Snapshot, hits: Iterable[Hit], at: datetime, country: Country | None = None
) -> Resolution:
    """Return the candidates of what covers an identifier; `country` is the last resort.

    Behind each whom the table names stands its group or parent, if that is known: never surer than
    what names the member. It stands there as well where the table names it itself: to leave it out
    would tell a reader who may not open that other claim that there is one.
    """
    hits = tuple(_with_holders(snapshot, tuple(hits), at))
    best: dict[tuple[str, Role], tuple[Rank, Hit, Route]] = {}
    for hit in hits:
        for route in hit.routes:
            if not route.is_valid(at):
                continue
            rank = (route.standing, hit.group, -hit.length, _ITSELF)
            key = route.party, route.role
            known = best.get(key)
            if (
                known is None
                or rank < known[0]
                or (rank == known[0] and _tie(hit, route) < _tie(known[1], known[2]))
            ):
                best[key] = (rank, hit, route)
    if any(role != Role.ORIGIN for _party, role in best):
        best = {key: found for key, found in best.items() if key[1] != Role.ORIGIN}
    above = _above(snapshot.parents, best) if snapshot.parents else {}
    ranks = {rank for rank, *_ in (*best.values(), *above.values())}
    places = {rank: n for n, rank in enumerate(sorted(ranks))}
    members = [_candidate(hit, route, places[rank]) for rank, hit, route in best.values()]
    groups = [
        _of_group(group, _candidate(hit, route, places[rank]))
        for group, (rank, hit, route) in above.items()
    ]
    found = sorted([*members, *groups], key=lambda one: (one.place, one.party, one.role))
    if not found and country:
        found.append(_of_country(country))
    return Resolution(tuple(found), *_span(hits, at))


Rank = tuple[int, int, int, int]
"""Standing, group, length as a negative, and whether it is the one named or who stands above it."""
_ITSELF, _ABOVE = 0, 1


def _above(
    parents: Mapping[str, str], best: Mapping[tuple[str, Role], tuple[Rank, Hit, Route]]
) -> dict[str, tuple[Rank, Hit, Route]]:
    """Return the groups of whom the table names, each by the member that stands first."""
    found: dict[str, tuple[Rank, Hit, Route]] = {}
    for rank, hit, route in best.values():
        group = parents.get(route.party)
        if group is None or route.role == Role.ORIGIN:
            continue
        known = found.get(group)
        order = (rank[:3], *_tie(hit, route), route.party, route.role)
        if known is None or order < (
            known[0][:3],
            *_tie(known[1], known[2]),
            known[2].party,
            known[2].role,
        ):
            found[group] = ((*rank[:3], _ABOVE), hit, route)
    return found


def _of_group(group: str, member: Candidate) -> Candidate:
    return replace(
        member,
        party=group,
        through=member.party,
        basis=Basis.GROUP,
        confidence=min(GROUP, member.confidence),
    )


def country_of(found: Identifier) -> Country | None:
    """Return the country of a number, network code or point code, None where there is none."""
    if not found.geographic:
        return None
    if code := found.parts.get("region", ""):
        return Country(code, _NUMBERS)
    if code := found.parts.get("country", ""):  # a national point code says whose network it is
        return Country(code, NATIONAL)
    if code := countries.of_area(found.parts.get("sanc", "")):
        return Country(code, countries.AREAS)
    mcc = found.parts.get("mcc") or found.parts.get("plmn", "")[:3]
    code = countries.of_mcc(mcc)
    return Country(code, countries.SOURCE) if code else None


def country_of_number(digits: str) -> Country | None:
    """Return the country of an international number; raises IdentifierRefused if it is none."""
    code = region(digits)
    return Country(code, _NUMBERS) if code else None


_NUMBERS = "phonenumbers"
NATIONAL = "the code as it was given"
_BELONGS = {
    countries.SOURCE: "network code",
    countries.AREAS: "point code",
    NATIONAL: "point code",
}


def worded(found: Identifier, side: Side) -> str:
    """Say whose traffic it is: what the sender writes is no proof of who sent it."""
    if not found.forgeable:
        return ""
    return CLAIMS_TO_COME if side == Side.SOURCE else CLAIMS_TO_CONCERN


def _tie(hit: Hit, route: Route) -> tuple[str, ...]:
    """Order entries of one party that rank alike, so that the answer is always the same."""
    span = f"{route.valid_from}", f"{route.valid_until}"
    return hit.basis, str(hit.key), route.state, route.source, str(route.on), *span, route.mark


def _with_holders(snapshot: Snapshot, hits: tuple[Hit, ...], at: datetime) -> Iterator[Hit]:
    """Add the holders of the AS that announces the longest network; the AS itself comes last.

    Announcements of shorter networks say nothing then, but stay last as well: they may be the
    longest at another moment, which the span must know.
    """
    announced = False
    for hit in hits:
        origins = tuple([route for route in hit.routes if route.role == Role.ORIGIN])
        if not origins:
            yield hit
            continue
        if len(origins) < len(hit.routes):
            others = tuple([route for route in hit.routes if route.role != Role.ORIGIN])
            yield Hit(hit.basis, hit.group, hit.length, hit.space, hit.key, others)
        yield Hit(hit.basis, _NEVER, hit.length, hit.space, hit.key, origins)
        if announced:
            continue
        for origin in origins:
            if origin.is_valid(at):
                announced = True
                number = origin.party.removeprefix("AS")
                holders = snapshot.holders_of(Space.ASN, number)
                yield Hit(Basis.DERIVED, _ANNOUNCED, hit.length, Space.ASN, number, holders)


_NEVER = 9
"""A group after all others: the AS itself, which is a lead and no party."""


def _candidate(hit: Hit, route: Route, place: int) -> Candidate:
    most = _MOST[hit.basis] if route.role != Role.ORIGIN else COUNTRY
    confidence = min(most, VERIFIED if route.is_proven else REFERENCE)
    return Candidate(
        party=route.party,
        role=route.role,
        basis=hit.basis,
        state=route.state,
        matched=_matched(hit.space, hit.key),
        source=route.source,
        on=route.on,
        confidence=confidence,
        place=place,
        mark=route.mark,
    )


def _of_country(country: Country) -> Candidate:
    return Candidate(
        party=f"country:{country.code}",
        role=Role.HOLDER,
        basis=Basis.COUNTRY,
        state=State.IMPORTED,
        matched=country.code,
        source=country.source,
        on=None,
        confidence=COUNTRY,
        place=0,
    )


def _matched(space: Space | Kind, key: Key) -> str:
    if isinstance(key, str):
        value = key.partition(":")[2] if space in {Space.POINT_CODE, Space.PLACE} else key
        return f"AS{value}" if space == Space.ASN else value
    if space in {Space.TITLE, Space.MSISDN}:
        return f"+{key[0]:0{key[1]}}"
    address = IPv4Address(key[0]) if space == Space.ADDRESS_4 else IPv6Address(key[0])
    return f"{address}/{key[1]}"


def _span(hits: Iterable[Hit], at: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the moments around one between which no entry begins or ends."""
    since: datetime | None = None
    until: datetime | None = None
    for hit in hits:
        for route in hit.routes:
            for moment in (route.valid_from, route.valid_until):
                if moment is None:
                    continue
                if moment <= at:
                    since = moment if since is None else max(since, moment)
                else:
                    until = moment if until is None else min(until, moment)
    return since, until
