"""Whose are these? One function for the page, the command and calls: texts in, plain data out.

Nothing that is asked is kept, logged or written anywhere, and what comes back is masked. Of a claim
that the asking person may not open they learn whom to turn to and how sure it is, and nothing else:
no range, no state, no source, and nobody who stands behind.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import chain
from uuid import UUID

from tcert.community.claims.models import OPEN_MARKS
from tcert.community.directory import team_facts
from tcert.community.directory.documents.facts import TeamFacts
from tcert.community.directory.enums import Audience, OrganisationState
from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.queries import desk_team
from tcert.foundation.identifiers import countries
from tcert.foundation.identifiers.kinds import Identifier, Kind
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.response.reference import queries as reference
from tcert.response.routing import claimed, corrections, pasted, table, words
from tcert.response.routing.announced import Announcers
from tcert.response.routing.claimed import Mark, organisation_of
from tcert.response.routing.proposals import ProposedRole, fitting_team
from tcert.response.snapshot import resolution
from tcert.response.snapshot.enums import Basis, Role, Side, State
from tcert.response.snapshot.resolution import Candidate as Found
from tcert.response.snapshot.resolution import Resolution
from tcert.response.snapshot.snapshot import Snapshot

MOST_LINES = 5_000
LONGEST_LINE = 512
"""Characters; a longer line is no identifier."""
ATTRIBUTION = (
    "Addresses: ip-location-db (CC BY 4.0), from databases of Route Views, RIPE NCC and DB-IP, "
    "changed and merged; IP Geolocation by DB-IP, https://db-ip.com"
)
_SELLING = {Kind.TAC, Kind.IMEI, Kind.PRODUCT, Kind.CPE, Kind.PURL}
_AFTER_ALL = 100
"""Added to the place of who says that it is not theirs."""
_CUT = {Kind.GT_RANGE, Kind.MSISDN_RANGE}
"""What a cut number is read as; nobody pastes a range."""
_REFERENCE = "reference:"


class Verdict(StrEnum):
    """What came of a line."""

    DECIDED = "decided"
    WAITING = "waiting"
    NOBODY = "nobody"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One who may answer, as the asking person may know of it. `place` 0 stands first.

    `organisation` and `team` are keys of `Answers.parties`, where the party is one of the hub;
    otherwise `name` is what a public list says. Of a claim that is not open to the reader
    `matched`, `source`, `on`, `role` and `state` are empty.
    """

    name: str
    organisation: UUID | None
    team: UUID | None
    basis: Basis
    confidence: int
    place: int
    reason: str
    is_open: bool
    role: Role | None = None
    state: State | None = None
    matched: str = ""
    source: str = ""
    on: date | None = None
    is_denied: bool = False
    """Its own team, or that of the member by which it is one, says that it is not theirs."""

    @property
    def is_disputed(self) -> bool:
        """Is its claim contested, as far as the reader may know?"""
        return self.state == State.DISPUTED

    @property
    def is_party(self) -> bool:
        """Is it one of the hub, to whom somebody can turn?"""
        return self.organisation is not None


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a line. `shown` is masked; `says` is how traffic with it is worded."""

    kind: Kind
    label: str
    shown: str
    says: str
    decided: bool
    candidates: tuple[Candidate, ...]

    @property
    def first(self) -> tuple[Candidate, ...]:
        """Return those who stand first."""
        return tuple(one for one in self.candidates if one.place == 0)

    @property
    def parties(self) -> frozenset[UUID | str]:
        """Return who stands first, by key or by the name of a list."""
        return frozenset(one.organisation or one.name for one in self.first)


@dataclass(frozen=True, slots=True)
class Line:
    """One text, with the lines on which it stood (from 1) and what came of it."""

    numbers: tuple[int, ...]
    verdict: Verdict
    readings: tuple[Reading, ...]
    unanswered: tuple[str, ...] = ()
    """What it may be as well, but nobody is known for it read so."""

    @property
    def is_ambiguous(self) -> bool:
        """Do several ways to read it lead to different parties?"""
        return len({reading.parties for reading in self.readings}) > 1


@dataclass(frozen=True, slots=True)
class Party:
    """Whom to turn to: an organisation and its team, with the steps after it."""

    organisation: Organisation
    team: Team | None
    contact: TeamFacts | None
    chain: tuple[Team, ...]
    """The team, the one of the group that owns it, the desk: each where there is one."""


@dataclass(frozen=True, slots=True)
class Answers:
    """All that was found; it holds for `at`."""

    at: datetime
    lines: tuple[Line, ...]
    parties: Mapping[tuple[UUID, UUID | None], Party] = field(default_factory=dict)
    attribution: str = ""
    """Whom the licence of a list that answered asks to name."""

    def count(self, verdict: Verdict) -> int:
        """Return how many of the lines that were asked came to this."""
        return sum(len(one.numbers) for one in self.lines if one.verdict == verdict)


def answers(
    texts: Iterable[str], *, at: datetime, principal: Principal, side: Side | None = None
) -> Answers:
    """Say whose each text is, as of a moment, in the order in which they came first.

    `side` says whose identifiers these are in what was seen, which changes words alone. A text that
    repeats is resolved once. Empty texts are passed over and count as lines. However many texts and
    claims there are, the database is asked equally often. `principal` is a member, or SYSTEM for
    the operator's own commands, who reads all.

    Raises:
        PermissionDenied: the principal may not ask.

    """
    if principal is not SYSTEM:
        require(principal, Permission.ROUTING_RESOLVE)
    asked: dict[str, list[int]] = {}
    for number, text in enumerate(texts, 1):
        if kept := text.strip():
            asked.setdefault(kept, []).append(number)
    snapshot = replace(table.current(), parents=claimed.parents())
    announcers = Announcers(reference.announcements())
    read = {
        text: [
            (found, _resolved(snapshot, announcers, found, at))
            for found in (pasted.readings(text) if len(text) <= LONGEST_LINE else ())
        ]
        for text in asked
    }
    viewer = _Viewer(principal, _parties_in(read.values()))
    lines = tuple(_line(viewer, tuple(asked[text]), found, side) for text, found in read.items())
    return Answers(at, lines, viewer.parties(), _attribution(lines, announcers))


def _attribution(lines: Iterable[Line], announcers: Announcers) -> str:
    if announcers.listed is None:
        return ""
    source = announcers.listed.source
    told = (c for line in lines for reading in line.readings for c in reading.candidates)
    return ATTRIBUTION if any(one.source == source for one in told) else ""


def _resolved(
    snapshot: Snapshot, announcers: Announcers, found: Identifier, at: datetime
) -> Resolution:
    hits = chain(snapshot.covering(found), announcers.hits(found))
    return resolution.ranked(snapshot, hits, at, resolution.country_of(found))


Read = list[tuple[Identifier, Resolution]]


def _parties_in(every: Iterable[Read]) -> set[UUID]:
    return {
        key
        for read in every
        for _identifier, resolved in read
        for one in resolved.candidates
        if (key := organisation_of(one.party)) is not None
    }


class _Viewer:
    """What one person may know of the parties that were found."""

    def __init__(self, principal: Principal, organisations: Collection[UUID]) -> None:
        self.principal = principal
        seen = Organisation.objects.visible_to(principal).filter(
            state=OrganisationState.LISTED, id__in=_some(organisations)
        )
        self.houses = {one.id: one for one in seen.select_related("group")}
        groups = {one.group_id for one in self.houses.values() if one.group_id}
        self.teams = self._teams({*self.houses, *groups})
        self.desk = desk_team()
        self.corrected = corrections.of(_some(organisations))
        self.turned_to: dict[tuple[UUID, UUID | None], Team | None] = {}

    def _teams(self, organisations: Collection[UUID]) -> dict[UUID, list[Team]]:
        found: dict[UUID, list[Team]] = {}
        seen = Team.objects.visible_to(self.principal).on_list()
        some = seen.filter(organisation__in=_some(organisations))
        for team in some.select_related("organisation__group"):
            found.setdefault(team.organisation_id, []).append(team)
        return found

    def may_open(self, one: Found, house: Organisation) -> bool:
        """Match `Claim.is_visible_to`; what is no claim is a public list, which all may read."""
        mark = Mark.read(one.mark)
        if mark is None or self.principal is SYSTEM or self.principal.is_coordinator:
            return True
        return mark.tlp in OPEN_MARKS or house.id in self.principal.listed_organisation_ids

    def member(self, one: Found) -> Organisation | None:
        """Return the organisation by which a group is a candidate, whose claim it is."""
        key = organisation_of(one.through)
        return self.houses.get(key) if key is not None else None

    def team_for(self, one: Found, house: Organisation, kind: Kind) -> Team | None:
        """Return the team that the claim names if it is seen, else the fitting one."""
        there = self.teams.get(house.id, [])
        mark = Mark.read(one.mark)
        role = ProposedRole.VENDOR if kind in _SELLING else ProposedRole.DEPLOYER
        own = next((team for team in there if mark and team.id == mark.team), None)
        return own or fitting_team(there, role)

    def known(self, resolved: Resolution) -> Resolution:
        """Return what the person may know of a resolution; it decides and ranks by that alone.

        Neither a gap in the places nor what is decided tells of what is kept back: of a closed
        claim not that it is contested either, since a dispute takes no proof away.
        """
        every = [told for one in resolved.candidates if (told := self._known(one)) is not None]
        named = {one.party for one in every if not one.through}
        every = [one for one in every if not (one.through and one.party in named)]
        seen = sorted(map(self._corrected, every), key=lambda one: one.place)
        places = {place: n for n, place in enumerate(sorted({one.place for one in seen}))}
        return Resolution(tuple(replace(one, place=places[one.place]) for one in seen))

    def denied_on(self, one: Found) -> date | None:
        """Return when its organisation said that this is not its own; None if it did not.

        A group is asked because of what its member holds, so the member's word holds for it too.
        What was proven on a later day counts again, whatever is derived from it.
        """
        keys = filter(None, map(organisation_of, (one.party, one.through)))
        days = filter(None, (self.corrected.get((key, one.matched)) for key in keys))
        said = max(days, default=None)
        is_proven = one.confidence > resolution.REFERENCE
        return None if is_proven and one.on and said and one.on > said else said

    def _corrected(self, one: Found) -> Found:
        """Put who says that it is not theirs last, so that it decides nothing."""
        if self.denied_on(one) is None:
            return one
        confidence = min(one.confidence, resolution.AMBIGUOUS)
        return replace(one, confidence=confidence, place=one.place + _AFTER_ALL)

    def _known(self, one: Found) -> Found | None:
        key = organisation_of(one.party)
        house = self.houses.get(key) if key is not None else None
        member = self.member(one)
        if one.through and member is None:
            return None
        if key is None or (house is not None and self.may_open(one, member or house)):
            return one
        if house is None or one.place > 0:
            return None
        return replace(one, state=State.VERIFIED) if one.confidence == resolution.VERIFIED else one

    def candidate(self, one: Found, kind: Kind) -> Candidate:
        """Return one of those whom the person may know of, with the team to turn to."""
        key = organisation_of(one.party)
        if key is None:
            return self._listed(one)
        house, member = self.houses[key], self.member(one)
        is_open = self.may_open(one, member or house)
        reason = _reason(one, member) if is_open else words.kept_back(one.basis)
        denied = self.denied_on(one)
        team = self.team_for(one, house, kind)
        self.turned_to[house.id, team.id if team else None] = team
        return Candidate(
            name=house.name,
            organisation=house.id,
            team=team.id if team else None,
            basis=one.basis,
            confidence=one.confidence,
            place=one.place,
            is_open=is_open,
            reason=reason if denied is None else words.denied(reason, denied),
            is_denied=denied is not None,
            **(_told(one) if is_open else {}),  # type: ignore[arg-type]
        )

    def _listed(self, one: Found) -> Candidate:
        name = one.party.removeprefix(_REFERENCE)
        if one.basis == Basis.COUNTRY:
            name = _country(one.matched)
        return Candidate(
            name=name,
            organisation=None,
            team=None,
            basis=one.basis,
            confidence=one.confidence,
            place=one.place,
            is_open=True,
            reason=_reason(one),
            **_told(one),  # type: ignore[arg-type]
        )

    def parties(self) -> dict[tuple[UUID, UUID | None], Party]:
        """Return the parties that stand in the answers, with all that leads to them."""
        teams = {team.id: team for team in self.turned_to.values() if team is not None}
        knows = self.principal.is_member or self.principal is SYSTEM
        audience = Audience.MEMBERS if knows else Audience.PUBLIC
        facts = {one.id: one for one in team_facts.of_many(list(teams.values()), audience)}
        return {
            (house, key): Party(
                self.houses[house],
                team,
                facts.get(team.id) if team else None,
                self._chain(self.houses[house], team),
            )
            for (house, key), team in self.turned_to.items()
        }

    def _chain(self, house: Organisation, team: Team | None) -> tuple[Team, ...]:
        above = self.teams.get(house.group_id, []) if house.group_id else []
        of_group = fitting_team(above, ProposedRole.DEPLOYER)
        steps = [one for one in (team, of_group, self.desk) if one is not None]
        return tuple({one.id: one for one in steps}.values())


def _some(keys: Collection[UUID]) -> list[UUID]:
    """Return keys for a question that is asked also where there are none: equally often."""
    return sorted(keys) or [UUID(int=0)]


def _told(one: Found) -> dict[str, object]:
    return {
        "role": one.role,
        "state": one.state,
        "matched": one.matched,
        "source": one.source,
        "on": one.on,
    }


def _country(code: str) -> str:
    return f"{countries.name(code)} ({code})"


def _reason(one: Found, member: Organisation | None = None) -> str:
    if one.basis == Basis.COUNTRY:
        return words.of_country(_country(one.matched), one.source)
    said = words.reason(
        role=one.role,
        basis=Basis.DIRECT if member else one.basis,
        state=one.state,
        matched=one.matched,
    )
    return words.above(member.name, said) if member else said


def _line(viewer: _Viewer, numbers: tuple[int, ...], read: Read, side: Side | None) -> Line:
    if not read:
        return Line(numbers, Verdict.UNREAD, ())
    every = [_reading(viewer, found, resolved, side) for found, resolved in read]
    better = [one for one in every if _leads_further(one)] or [o for o in every if o.candidates]
    led = tuple(better)
    unanswered = tuple(one.label for one in every if one not in better)
    return Line(numbers, _verdict(led), led, unanswered)


def _reading(
    viewer: _Viewer, found: Identifier, resolved: Resolution, side: Side | None
) -> Reading:
    known = viewer.known(resolved)
    return Reading(
        kind=found.kind,
        label=words.kind_label(found.kind),
        shown=pasted.shown(found),
        says=str(words.says(side, forgeable=found.forgeable or found.kind in _CUT)),
        # somebody may hold a part of a cut number's range, and the text does not say which it is
        decided=known.is_decided and found.kind not in _CUT,
        candidates=tuple(viewer.candidate(one, found.kind) for one in known.candidates),
    )


def _leads_further(reading: Reading) -> bool:
    """Tell whether it leads to somebody and not to a country, or a bare AS number, alone."""
    return any(one.confidence > resolution.COUNTRY for one in reading.candidates)


def _verdict(readings: Sequence[Reading]) -> Verdict:
    """Tell whether a line is decided: by one reading, and none leads to anybody else."""
    if any(one.decided for one in readings) and len({one.parties for one in readings}) == 1:
        return Verdict.DECIDED
    if any(map(_leads_further, readings)):
        return Verdict.WAITING
    return Verdict.NOBODY
