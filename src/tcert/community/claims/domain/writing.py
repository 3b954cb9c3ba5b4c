"""Writing the rows of one part of an import, many at once, in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import uuid4

from tcert.community.claims import queries
from tcert.community.claims.domain import comparing
from tcert.community.claims.domain.states import move
from tcert.community.claims.enums import Act, State
from tcert.community.claims.models import Batch, Claim, Covered
from tcert.community.claims.rows import Row
from tcert.foundation.kernel import bulk, clock
from tcert.foundation.kernel.principal import SYSTEM


def write(batch: Batch, rows: Sequence[Row], *, overlapping: bool) -> int:
    """Enter, change or restore what the rows say; returns how many claims were written.

    It looks again at what the organisation claims now: what was shown may be a day old. Whether
    the rows overlap was found when they were read (`overlapping`).
    """
    known = comparing.standing(batch, rows)
    fresh = [row for row in rows if (row.kind, row.value) not in known]
    _enter(batch, fresh)
    written = len(fresh)
    for row in rows:
        present = known.get((row.kind, row.value))
        if present is not None and _update(batch, row, present):
            written += 1
    if overlapping:
        _mark_overlaps(batch, rows)
    return written


def _enter(batch: Batch, fresh: Sequence[Row]) -> None:
    now = clock.now()
    claims = [(uuid4(), row) for row in fresh]
    bulk.insert(
        Claim,
        fields=_OWN,
        rows=((key, *_own(batch, row, now)) for key, row in claims),
        shared={
            "organisation": batch.organisation_id,
            "team": batch.team_id,
            "source": batch.source,
            "created_at": now,
            "changed_at": now,
        },
    )
    bulk.insert(
        Covered,
        fields=("id", "claim", "space", "prefix"),
        rows=((uuid4(), key, s.space, s.prefix) for key, row in claims for s in row.stretches),
        shared={},
    )


_OWN = ("id", "kind", "value", "tlp", "is_findable", "valid_from", "valid_until", "evidence")


def _own(batch: Batch, row: Row, now: datetime) -> tuple[Any, ...]:
    tlp, begins = row.tlp or batch.tlp, row.valid_from or now
    return row.kind, row.value, tlp, bool(row.findable), begins, row.valid_until, row.evidence


def _update(batch: Batch, row: Row, present: Claim) -> bool:
    changed: dict[str, Any] = comparing.changes(batch, row, present)
    if present.state == State.ENDED:
        return False
    if not present.counts:
        # Claimed anew, it says what the page showed and not what it said before.
        anew = {
            "tlp": row.tlp or batch.tlp,
            "is_findable": bool(row.findable),
            "valid_until": row.valid_until,
        }
        move(principal=SYSTEM, claim=present, act=Act.RESTORE, **(changed | anew))
        return True
    if not changed:
        return False
    for name, value in changed.items():
        setattr(present, name, value)
    present.changed_at = clock.now()
    present.save(update_fields=[*changed, "changed_at"])
    return True


def _mark_overlaps(batch: Batch, rows: Sequence[Row]) -> None:
    """Mark both sides of what overlaps; they are told once, when the import has ended."""
    others = comparing.covered_by_others(batch, rows)
    if not others:
        return
    now = clock.now()
    own = {s for row in rows for s in row.stretches if comparing.meets(s, others)}
    mine = Claim.objects.counting().filter(organisation=batch.organisation_id)
    theirs = Claim.objects.counting().exclude(organisation=batch.organisation_id)
    for stretches, side in ((own, mine), (others, theirs)):
        source = iter(sorted(stretches))
        while some := list(islice(source, comparing.IN_ONE_QUESTION)):
            found = Covered.objects.filter(queries.exactly(some))
            side.filter(id__in=found.order_by().values("claim")).update(overlapped_at=now)
