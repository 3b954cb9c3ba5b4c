"""The hub's own table: claims and public lists compiled, kept by each process, and never stale.

Every act on a claim, a tie or a list leaves a record in its own transaction. So each look-up asks
which of these records of late it has not taken in: what they are about goes into an overlay at
once, and a while later into a new table. Which records are known is a set and no highest number,
since a transaction that began earlier may end later. Nothing is kept beside the claims, and no room
below knows that there is a table.
"""

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from django.db.models import Count, Max

from tcert.community.claims.models import Claim
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.reference import queries as reference
from tcert.response.reference.models import Edition, Tie
from tcert.response.routing import claimed
from tcert.response.snapshot.compiling import compiled, overlaid
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.snapshot import Snapshot

MOST_BESIDE = 1_000
"""So many changed claims an overlay takes; the others wait for the next table."""
AGAIN_AFTER = timedelta(seconds=60)
"""So long at most does what one act changed in bulk, as an import, wait for a new table."""
OLDEST = timedelta(hours=12)
"""No answer comes from a table that was compiled longer ago."""
LATE = timedelta(hours=1)
"""No transaction that changes claims takes longer, and no clock goes more wrong."""

_CLAIM, _IMPORT = "claim", "claims-batch"
_LISTS = ("reference-edition", "reference-tie")
_APPLIED = "claims:batch:apply"
Networks = Mapping[str, tuple[Entry, ...]]


@dataclass(frozen=True, slots=True)
class _Record:
    id: UUID
    kind: str
    about: UUID | None
    act: str


@dataclass(frozen=True, slots=True)
class _Base:
    """A compiled table, and what was taken into it."""

    snapshot: Snapshot
    made_at: datetime
    known: frozenset[UUID]
    listed: frozenset[UUID]
    networks: Networks

    def is_fresh(self, now: datetime) -> bool:
        return timedelta(0) <= now - self.made_at < OLDEST


@dataclass(frozen=True, slots=True)
class _Change:
    """What happened since a table was compiled."""

    records: tuple[_Record, ...]
    listed: frozenset[UUID]


class _Table:
    """The table of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._base: _Base | None = None
        self._beside: tuple[_Base, _Change, Snapshot, bool] | None = None
        self._generation = 0

    def current(self) -> Snapshot:
        """Return the table as of now."""
        now = clock.now()
        base = self._base
        if base is None or not base.is_fresh(now):
            with self._lock:
                base = self._base
                if base is None or not base.is_fresh(now):
                    base = self._anew(now)
        change = _changed(base)
        if not change.records and change.listed == base.listed:
            return base.snapshot
        snapshot, is_whole = self._with(base, change)
        if is_whole or now - base.made_at < AGAIN_AFTER or not self._lock.acquire(blocking=False):
            return snapshot
        try:
            return self._anew(now).snapshot
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Begin anew at the next look-up."""
        self._base = self._beside = None

    def _anew(self, now: datetime) -> _Base:
        """Compile; what is read last holds all that was known first, and more does no harm."""
        known = frozenset(one.id for one in _records(now - LATE))
        listed = _listed()
        networks = _networks()
        self._generation += 1
        of_networks = chain.from_iterable(networks.values())
        snapshot = compiled(chain(claimed.entries(), of_networks), self._generation)
        self._base = _Base(snapshot, now, known, listed, networks)
        self._beside = None
        return self._base

    def _with(self, base: _Base, change: _Change) -> tuple[Snapshot, bool]:
        """Return the table with what changed, and whether that is all of it; made once."""
        beside = self._beside
        if beside is not None and beside[0] is base and beside[1] == change:
            return beside[2], beside[3]
        self._generation += 1
        snapshot, is_whole = _overlaid(base, change, self._generation)
        self._beside = base, change, snapshot, is_whole
        return snapshot, is_whole


_table = _Table()
current = _table.current
forget = _table.forget


def entire() -> Snapshot:
    """Compile claims and all public lists, with who announces which address, for a run over files.

    The list of addresses alone is some 700,000 networks, so the table that pages use is without it:
    see `announced`. Organisations bear their names here, since folders are named by them.
    """
    listed = Organisation.objects.filter(state=OrganisationState.LISTED).order_by()
    names = {
        claimed.party_of(key): f"{name} ({key})" for key, name in listed.values_list("id", "name")
    }
    systems = chain(reference.asn_entries(), reference.origin_entries())
    every = chain(claimed.entries(), reference.entries(), systems)
    made = compiled(replace(one, party=names.get(one.party, one.party), mark="") for one in every)
    ties = claimed.parents().items()  # asked later: who was listed in between has no name here
    groups = {names[one]: names[above] for one, above in ties if one in names and above in names}
    return replace(made, parents=groups)


def stamp() -> str:
    """Return what is another as soon as claims, lists or who is listed are, for runs that go on."""
    claims = Claim.objects.aggregate(n=Count("id"), at=Max("changed_at"))
    editions = Edition.objects.order_by("id").values_list("id", flat=True)
    ties = Tie.objects.filter(ended_at=None).order_by("id").values_list("id", flat=True)
    said = (claims["n"], claims["at"], *editions, *ties, *sorted(_listed()))
    return hashlib.sha256(" ".join(map(str, said)).encode()).hexdigest()


def _records(since: datetime) -> list[_Record]:
    """Return records of what changes the table, the latest first."""
    kinds = (_CLAIM, _IMPORT, *_LISTS)
    found = AuditRecord.objects.filter(at__gte=since, object_kind__in=kinds).order_by("-at")
    rows = found.values_list("id", "object_kind", "object_id", "act")
    return [_Record(*row) for row in rows if row[1] != _IMPORT or row[3] == _APPLIED]


def _listed() -> frozenset[UUID]:
    found = Organisation.objects.filter(state=OrganisationState.LISTED).order_by()
    return frozenset(found.values_list("id", flat=True))


def _networks() -> Networks:
    found: dict[str, tuple[Entry, ...]] = {}
    for entry in reference.entries():
        found[entry.value] = (*found.get(entry.value, ()), entry)
    return found


def _changed(base: _Base) -> _Change:
    fresh = tuple(one for one in _records(base.made_at - LATE) if one.id not in base.known)
    return _Change(fresh, _listed())


def _overlaid(base: _Base, change: _Change, generation: int) -> tuple[Snapshot, bool]:
    """Return a table in which what changed is as it is now, as far as an overlay takes it."""
    moved = base.listed ^ change.listed
    rows, is_whole = _claims_changed(change.records, moved)
    is_whole = is_whole and all(one.kind != _IMPORT for one in change.records)
    is_whole = is_whole and _are_there(base.listed - change.listed)
    networks = base.networks
    if moved or any(one.kind in _LISTS for one in change.records):
        networks = _networks()
    codes = {
        code
        for code in base.networks.keys() | networks.keys()
        if networks is not base.networks and base.networks.get(code) != networks.get(code)
    }
    changed = [(Kind(kind), value) for kind, value in rows.values()]
    changed += [(Kind.PLMN, code) for code in codes]
    entries = _now(rows, networks, changed)
    return overlaid(base.snapshot, changed, entries, generation), is_whole


def _claims_changed(
    records: Iterable[_Record], moved: frozenset[UUID]
) -> tuple[dict[UUID, tuple[str, str]], bool]:
    """Return kind and value of the claims that records, or moves of their holders, are about."""
    about = list(dict.fromkeys(r.about for r in records if r.kind == _CLAIM and r.about))
    rows: dict[UUID, tuple[str, str]] = {}
    wanted = [Claim.objects.filter(id__in=about[:MOST_BESIDE])] if about else []
    if moved:
        wanted.append(Claim.objects.filter(organisation__in=moved))
    is_whole = len(about) <= MOST_BESIDE
    for found in wanted:
        some = list(found.order_by().values_list("id", "kind", "value")[: MOST_BESIDE + 1])
        is_whole = is_whole and len(some) <= MOST_BESIDE
        rows |= {key: (kind, value) for key, kind, value in some[:MOST_BESIDE]}
    return rows, is_whole


def _are_there(gone: frozenset[UUID]) -> bool:
    """Tell whether organisations that left the list are stored still, and so their claims."""
    return not gone or Organisation.objects.filter(id__in=gone).count() == len(gone)


def _now(
    rows: Mapping[UUID, tuple[str, str]], networks: Networks, changed: Iterable[tuple[Kind, str]]
) -> Iterator[Entry]:
    """Yield all entries that count now for what changed, each once.

    Codes that changed in the public list are claimed by others too, and the other way round.
    """
    codes = {value for kind, value in changed if kind == Kind.PLMN}
    claims = Claim.objects.filter(kind=Kind.PLMN, value__in=codes)
    beside = {*rows, *(claims.values_list("id", flat=True) if codes else ())}
    yield from claimed.beside(beside)
    for code in codes:
        yield from networks.get(code, ())
