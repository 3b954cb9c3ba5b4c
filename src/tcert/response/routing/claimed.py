"""The hub's claims as entries of the compiled table: who answers, since when, and until when.

A claim is proven for a while only, so it is up to three entries: claimed before its proof, proven
while it lasts, claimed after. What happened a year ago is answered as of then, as
`claims.precedence` does it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from tcert.community.claims import enums, queries
from tcert.community.claims.models import Claim, Covered
from tcert.community.claims.spaces import Space, Stretch
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.enums import Role, State

ORGANISATION = "organisation:"
"""Before the key of an organisation that answers; reference data ties operators in the same way."""
_SOURCES = {
    enums.Source.TYPED: "claim, typed",
    enums.Source.CSV: "claim, from a CSV file",
    enums.Source.IR21: "claim, from an IR.21 file",
}
_STREAMED = 5_000
_IN_ONE_QUESTION = 400
"""Stretches; a deeper question is refused by SQLite's parser."""


class Row(NamedTuple):
    """What is read of a claim, in the order of the question."""

    organisation: UUID
    kind: str
    value: str
    state: str
    is_shared: bool
    source: str
    tlp: str
    team: UUID | None
    valid_from: datetime
    valid_until: datetime | None
    verified_from: datetime | None
    verified_until: datetime | None
    created_at: datetime


_FIELDS = (
    "organisation_id",
    "kind",
    "value",
    "state",
    "is_shared",
    "source",
    "tlp",
    "team_id",
    "valid_from",
    "valid_until",
    "verified_from",
    "verified_until",
    "created_at",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What an entry carries of its claim: who may read of it, and which team answers."""

    tlp: Tlp
    team: UUID | None

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        """Read what `written` wrote; nothing else was a claim."""
        tlp, found, team = text.partition("/")
        return cls(Tlp(tlp), UUID(team) if team else None) if found else None


def party_of(organisation: UUID) -> str:
    """Return the name under which an organisation answers."""
    return f"{ORGANISATION}{organisation}"


def organisation_of(party: str) -> UUID | None:
    """Return the organisation that a party is, or None."""
    return UUID(party.removeprefix(ORGANISATION)) if party.startswith(ORGANISATION) else None


def parents() -> dict[str, str]:
    """Return the groups of organisations that are on the list, both by the names of parties."""
    listed = Organisation.objects.filter(
        state=OrganisationState.LISTED, group__state=OrganisationState.LISTED
    )
    pairs = listed.order_by().values_list("id", "group_id")
    return {party_of(member): party_of(group) for member, group in pairs if member != group}


def entries(found: QuerySet[Claim] | None = None) -> Iterator[Entry]:
    """Yield the entries of all claims that count, or of some of them.

    An organisation that is not on the list answers for nothing.
    """
    counting = (Claim.objects.all() if found is None else found).filter(
        state__in=enums.State.counting(), organisation__state=OrganisationState.LISTED
    )
    rows = counting.order_by().values_list(*_FIELDS)
    for row in rows.iterator(chunk_size=_STREAMED):
        yield from entries_of(Row(*row))


def entries_of(row: Row) -> Iterator[Entry]:
    """Yield the entries of one claim."""
    kind, party = Kind(row.kind), party_of(row.organisation)
    role = Role.SHARED if row.is_shared else Role.HOLDER
    disputed = row.state == enums.State.DISPUTED
    source, mark = _SOURCES[enums.Source(row.source)], f"{row.tlp}/{row.team or ''}"
    for begins, ends, proven in _spans(row):
        state = State.VERIFIED if proven else State.CLAIMED
        since = row.verified_from if proven and row.verified_from else row.created_at
        yield Entry(
            kind,
            row.value,
            party,
            role,
            State.DISPUTED if disputed else state,
            source,
            since.date(),
            begins,
            ends,
            disputed and proven,
            mark,
        )


def _spans(row: Row) -> Iterator[tuple[datetime, datetime | None, bool]]:
    """Yield from when until when a claim counts, and whether it is proven then."""
    begins, ends = row.valid_from, row.valid_until
    if row.verified_from is None or row.verified_until is None:
        yield begins, ends, False
        return
    since = max(begins, row.verified_from)
    until = row.verified_until if ends is None else min(ends, row.verified_until)
    if until <= since:
        yield begins, ends, False
        return
    if begins < since:
        yield begins, since, False
    yield since, until, True
    if ends is None or until < ends:
        yield until, ends, False


def beside(values: Collection[UUID]) -> Iterator[Entry]:
    """Yield the entries of all claims that share a stretch with one of some claims.

    Entries replace each other by what they cover, not by how it was written: an address and its
    /32, two ranges with one prefix.
    """
    stretches = iter(
        {
            Stretch(Space(space), prefix)
            for some in _portions(values)
            for space, prefix in Covered.objects.filter(claim__in=some)
            .order_by()
            .values_list("space", "prefix")
        }
    )
    there: set[UUID] = set()
    while some := list(islice(stretches, _IN_ONE_QUESTION)):
        covered = Covered.objects.filter(queries.exactly(some)).order_by()
        there.update(covered.values_list("claim_id", flat=True))
    for claims in _portions(there):
        yield from entries(Claim.objects.filter(id__in=claims))


def _portions(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    source = iter(ids)
    while some := list(islice(source, _IN_ONE_QUESTION)):
        yield some
