"""Writing the rows of one part of an import, many at once, in the caller's transaction."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from tcert.community.claims import queries
from tcert.community.claims.domain import comparing
from tcert.community.claims.domain.states import move
from tcert.community.claims.enums import Act, State
from tcert.community.claims.models import Batch, Claim, Covered
from tcert.community.claims.rows import Row
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM


def write(batch: Batch, rows: Sequence[Row], *, overlapping: bool) -> int:
    """Enter, change or restore what the rows say; returns how many claims were written.

    It looks again at what the organisation claims now: what was shown may be a day old. Whether
    the rows overlap was found when they were read (`overlapping`).
    """
    known = comparing.standing(batch, rows)
    fresh = [row for row in rows if (row.kind, row.value) not in known]
    claims = _enter(batch, fresh)
    written = len(claims)
    for row in rows:
        present = known.get((row.kind, row.value))
        if present is not None and _update(batch, row, present):
            written += 1
    if overlapping:
        _mark_overlaps(batch, rows)
    return written


def _enter(batch: Batch, fresh: Sequence[Row]) -> list[Claim]:
    now = clock.now()
    claims = [
        Claim(
            organisation=batch.organisation,
            team_id=batch.team_id,
            kind=row.kind,
            value=row.value,
            source=batch.source,
            tlp=row.tlp or batch.tlp,
            is_findable=bool(row.findable),
            valid_from=row.valid_from or now,
            valid_until=row.valid_until,
            evidence=row.evidence,
            created_at=now,
            changed_at=now,
        )
        for row in fresh
    ]
    Claim.objects.bulk_create(claims)
    Covered.objects.bulk_create(
        Covered(claim=claim, space=one.space, prefix=one.prefix)
        for claim, row in zip(claims, fresh, strict=True)
        for one in row.stretches
    )
    return claims


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
