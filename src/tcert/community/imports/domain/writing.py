"""Writing records as entries, and taking that back; called in the transaction of a part."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from tcert.community.bundle.teamsjson import Team as Record
from tcert.community.directory.models import Team
from tcert.community.imports.enums import Match, Source
from tcert.community.imports.models import Entry, Former, Import
from tcert.foundation.kernel import clock

_KEPT = ("data", "dates", "certificate", "name", "matched_by", "is_open")
_WRITTEN = (*_KEPT, "seen_at", "last_import", "team")


@dataclass(frozen=True, slots=True)
class Judged:
    """A record with the team that it is about, or those that it may be about."""

    place: int
    key: str
    data: Record
    certificate: str
    team: UUID | None
    by: Match | None
    candidates: tuple[UUID, ...]

    def packed(self) -> list[Any]:
        """Return plain values, for a part."""
        team = str(self.team) if self.team else None
        found = list(map(str, self.candidates))
        return [self.place, self.key, self.data, self.certificate, team, self.by, found]

    @classmethod
    def unpacked(cls, values: list[Any]) -> Self:
        """Read what `packed` returned."""
        place, key, data, certificate, team, by, found = values
        return cls(
            place=place,
            key=key,
            data=data,
            certificate=certificate,
            team=UUID(team) if team else None,
            by=Match(by) if by else None,
            candidates=tuple(map(UUID, found)),
        )


def digest(data: Record, certificate: str) -> bytes:
    """Return by what two states of an entry are held against each other."""
    text = json.dumps([data, certificate], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def is_settled(entry: Entry) -> bool:
    """Tell whether it is known about which team an entry is, or that it is about none."""
    return entry.team_id is not None or entry.decided_at is not None


def present(source: Source) -> dict[str, tuple[bytes, bool, bool]]:
    """Return of each entry of a source, by its key: its state, is it settled, is it open."""
    rows = Entry.objects.filter(source=source).order_by()
    some = rows.only("key", "data", "certificate", "team_id", "decided_at", "is_open")
    return {
        one.key: (digest(one.data, one.certificate), is_settled(one), one.is_open)
        for one in some.iterator(chunk_size=1000)
    }


def write(batch: Import, rows: Sequence[Judged]) -> int:
    """Enter records or change entries; returns how many changed. Done again it changes nothing."""
    now = clock.now()
    present = {
        entry.key: entry
        for entry in Entry.objects.select_for_update(of=("self",)).filter(
            source=batch.source, key__in=[row.key for row in rows]
        )
    }
    linkable = _linkable(batch, rows)
    made, changed, former = [], [], []
    for row in rows:
        entry = present.get(row.key)
        if entry is None:
            entry = Entry(source=batch.source, key=row.key, first_seen_at=now)
            was = None
            made.append(entry)
        elif not _moves(entry, row, may_link=row.team in linkable):
            continue
        else:
            was = {name: getattr(entry, name) for name in _KEPT}
            was |= {
                "seen_at": entry.seen_at.isoformat(),
                "team": str(entry.team_id or ""),
                "last_import": str(entry.last_import_id or ""),
            }
            changed.append(entry)
        former.append(Former(batch=batch, entry=entry, was=was))
        _fill(entry, row, batch, may_link=row.team in linkable)
    Entry.objects.bulk_create(made)
    Entry.objects.bulk_update(changed, _WRITTEN)
    Former.objects.bulk_create(former)
    return len(former)


def _moves(entry: Entry, row: Judged, *, may_link: bool) -> bool:
    """Tell whether a record changes an entry: what it says, or about which team it may be."""
    if digest(entry.data, entry.certificate) != digest(row.data, row.certificate):
        return True
    about = row.team is not None or bool(row.candidates)
    return about and not is_settled(entry) and (may_link or not entry.is_open)


def _linkable(batch: Import, rows: Sequence[Judged]) -> set[UUID | None]:
    """Return the teams that are still listed, and that who confirmed is not tied to."""
    teams = Team.objects.on_list().filter(id__in={row.team for row in rows if row.team})
    return set(teams.exclude(organisation__in=batch.tied or []).values_list("id", flat=True))


def _fill(entry: Entry, row: Judged, batch: Import, *, may_link: bool) -> None:
    now = clock.now()
    day = f"{now:%Y-%m-%d}"
    entry.dates = {
        name: entry.dates.get(name, day) if entry.data.get(name) == value else day
        for name, value in row.data.items()
    }
    entry.data, entry.certificate = row.data, row.certificate
    entry.name = row.data["official_name"][:160]
    entry.seen_at, entry.last_import = now, batch
    if is_settled(entry):
        return  # what a person or an earlier import decided stands
    if row.team is not None and may_link:
        entry.team_id, entry.matched_by, entry.is_open = row.team, row.by or "", False
    else:
        entry.is_open = bool(row.candidates) or row.team is not None


def take_back(batch: Import, former: Sequence[Former]) -> int:
    """Put entries back as they were before an import; returns how many stayed as they are.

    One stays if a later import changed it, or a coordinator decided on it since.
    """
    entries = Entry.objects.select_for_update(of=("self",)).in_bulk([f.entry_id for f in former])
    gone, changed, kept = [], [], 0
    for one in former:
        entry = entries[one.entry_id]
        decided = entry.decided_at is not None and entry.decided_at >= (
            batch.confirmed_at or batch.begun_at
        )
        if entry.last_import_id != batch.id or decided:
            kept += 1
        elif one.was is None:
            gone.append(entry.id)
        else:
            for name in _KEPT:
                setattr(entry, name, one.was[name])
            entry.team_id = UUID(one.was["team"]) if one.was["team"] else None
            entry.seen_at = one.was["seen_at"]
            earlier = one.was.get("last_import")  # so that this one can be undone in its turn
            entry.last_import_id = UUID(earlier) if earlier else None
            changed.append(entry)
    Former.objects.filter(id__in=[one.id for one in former]).delete()
    Entry.objects.bulk_update(changed, _WRITTEN)
    Entry.objects.filter(id__in=gone).delete()
    return kept
