"""What an import would change: each row held against what the organisation and others claim."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from tcert.community.claims import queries
from tcert.community.claims.enums import State, Verdict
from tcert.community.claims.models import Batch, Claim, Covered
from tcert.community.claims.rows import RefusedRow, Row
from tcert.community.claims.spaces import Space, Stretch, above

AT_ONCE = 500


def compared(
    batch: Batch, rows: Iterable[Row | RefusedRow]
) -> Iterator[tuple[Verdict, Row | RefusedRow]]:
    """Yield each row with what would be done with it, in the order of the file."""
    source = iter(rows)
    while some := list(islice(source, AT_ONCE)):
        known = standing(batch, [row for row in some if isinstance(row, Row)])
        fresh = [row for row in some if isinstance(row, Row) and (row.kind, row.value) not in known]
        rivalled = overlapped(batch, fresh)
        for row in some:
            if isinstance(row, RefusedRow):
                yield Verdict.REFUSED, row
            else:
                yield _judged(batch, row, known.get((row.kind, row.value)), rivalled)


def _judged(
    batch: Batch, row: Row, present: Claim | None, rivalled: set[int]
) -> tuple[Verdict, Row | RefusedRow]:
    if present is None:
        return (Verdict.OVERLAPS if row.line in rivalled else Verdict.NEW), row
    if present.state == State.ENDED:
        return Verdict.REFUSED, RefusedRow(row.line, row.kind, row.value, "ended")
    if not present.counts:
        return Verdict.NEW, row
    return (Verdict.CHANGED if changes(batch, row, present) else Verdict.SAME), row


def standing(batch: Batch, rows: Iterable[Row]) -> dict[tuple[str, str], Claim]:
    """Return what the organisation claims already of some rows."""
    values = {row.value for row in rows}
    found = Claim.objects.filter(organisation=batch.organisation_id, value__in=values)
    return {(claim.kind, claim.value): claim for claim in found.order_by()}


def changes(batch: Batch, row: Row, present: Claim) -> dict[str, Any]:
    """Return what a row says otherwise than the claim; a column that says nothing changes nothing.

    The source is the file's, but it alone is no change.
    """
    said: dict[str, Any] = {
        "evidence": row.evidence or None,
        "tlp": row.tlp or None,
        "is_findable": row.findable,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "team_id": batch.team_id,
    }
    return {
        name: value
        for name, value in said.items()
        if value is not None and getattr(present, name) != value
    }


def overlapped(batch: Batch, rows: Iterable[Row]) -> set[int]:
    """Return the lines of the rows that overlap with what other organisations claim."""
    found = covered_by_others(batch, rows)
    if not found:
        return set()
    return {row.line for row in rows if any(meets(stretch, found) for stretch in row.stretches)}


def covered_by_others(batch: Batch, rows: Iterable[Row]) -> set[Stretch]:
    """Return the stretches of others that hold, or lie in, one of some rows."""
    stretches = {stretch for row in rows for stretch in row.stretches}
    if not stretches:
        return set()
    others = Covered.objects.filter(
        queries.overlap_of(stretches), claim__state__in=State.counting()
    ).exclude(claim__organisation=batch.organisation_id)
    return {
        Stretch(Space(space), prefix)
        for space, prefix in others.order_by().values_list("space", "prefix")
    }


def meets(stretch: Stretch, others: set[Stretch]) -> bool:
    """Tell whether a stretch holds one of some others, or lies in one."""
    if any(up in others for up in above(stretch)):
        return True
    return any(
        other.space == stretch.space and other.prefix.startswith(stretch.prefix) for other in others
    )
