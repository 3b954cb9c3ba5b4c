"""What an import would change: each row held against what the organisation and others claim."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Q

from tcert.community.claims import queries
from tcert.community.claims.enums import State, Verdict
from tcert.community.claims.models import Batch, Claim, Covered
from tcert.community.claims.rows import RefusedRow, Row
from tcert.community.claims.spaces import Space, Stretch, above

AT_ONCE = 500
IN_ONE_QUESTION = 300


def compared(
    batch: Batch, rows: Iterable[Row | RefusedRow]
) -> Iterator[tuple[Verdict, Row | RefusedRow]]:
    """Yield each row with what would be done with it, in the order of the file.

    What others claim is read once: a hundred thousand questions would take longer.
    """
    source, others = iter(rows), Others(batch)
    while some := list(islice(source, AT_ONCE)):
        known = standing(batch, [row for row in some if isinstance(row, Row)])
        for row in some:
            if isinstance(row, RefusedRow):
                yield Verdict.REFUSED, row
            else:
                yield _judged(batch, row, known.get((row.kind, row.value)), others)


class Others:
    """The stretches that other organisations claim, sorted, each space when it is first asked."""

    def __init__(self, batch: Batch) -> None:
        self._rows = (
            Covered.objects.filter(claim__state__in=State.counting())
            .exclude(claim__organisation=batch.organisation_id)
            .order_by()
        )
        self._sorted: dict[Space, list[str]] = {}

    def meet(self, stretch: Stretch) -> bool:
        """Tell whether a stretch holds one of them, or lies in one."""
        found = self._in(stretch.space)
        first, last = stretch.bounds
        at = bisect_left(found, first)
        if at < len(found) and found[at] < last:
            return True
        return any(_holds(found, up.prefix) for up in above(stretch))

    def _in(self, space: Space) -> list[str]:
        if space not in self._sorted:
            held = self._rows.filter(space=space).values_list("prefix", flat=True)
            self._sorted[space] = sorted(held.iterator(chunk_size=10_000))
        return self._sorted[space]


def _holds(found: list[str], prefix: str) -> bool:
    at = bisect_left(found, prefix)
    return at < len(found) and found[at] == prefix


def _judged(
    batch: Batch, row: Row, present: Claim | None, others: Others
) -> tuple[Verdict, Row | RefusedRow]:
    if present is not None and present.state == State.ENDED:
        return Verdict.REFUSED, RefusedRow(row.line, row.kind, row.value, "ended")
    if present is None or not present.counts:
        met = any(others.meet(stretch) for stretch in row.stretches)
        return (Verdict.OVERLAPS if met else Verdict.NEW), row
    return (Verdict.CHANGED if changes(batch, row, present) else Verdict.SAME), row


def standing(batch: Batch, rows: Iterable[Row]) -> dict[tuple[str, str], Claim]:
    """Return what the organisation claims already of some rows."""
    values: dict[str, set[str]] = {}
    for row in rows:
        values.setdefault(row.kind, set()).add(row.value)
    wanted = Q(pk=None)
    for kind, some in values.items():  # each is a look-up in the index that keeps claims apart
        wanted |= Q(organisation=batch.organisation_id, kind=kind, value__in=some)
    return {(claim.kind, claim.value): claim for claim in Claim.objects.filter(wanted).order_by()}


def changes(batch: Batch, row: Row, present: Claim) -> dict[str, Any]:
    """Return what a row says otherwise than the claim; a column that says nothing changes nothing.

    The source is the file's, but it alone is no change.
    """
    same_day = row.valid_from and row.valid_from.date() == present.valid_from.date()
    said: dict[str, Any] = {
        "evidence": row.evidence or None,
        "tlp": row.tlp or None,
        "is_findable": row.findable,
        "valid_from": None if same_day else row.valid_from,
        "valid_until": row.valid_until,
        "team_id": batch.team_id,
    }
    return {
        name: value
        for name, value in said.items()
        if value is not None and getattr(present, name) != value
    }


def covered_by_others(batch: Batch, rows: Iterable[Row]) -> set[Stretch]:
    """Return the stretches of others that hold, or lie in, one of some rows."""
    source = iter(sorted({stretch for row in rows for stretch in row.stretches}))
    found: set[Stretch] = set()
    while some := list(islice(source, IN_ONE_QUESTION)):
        others = Covered.objects.filter(
            queries.overlap_of(some), claim__state__in=State.counting()
        ).exclude(claim__organisation=batch.organisation_id)
        pairs = others.order_by().values_list("space", "prefix")
        found |= {Stretch(Space(space), prefix) for space, prefix in pairs}
    return found


def meets(stretch: Stretch, others: set[Stretch]) -> bool:
    """Tell whether a stretch holds one of some others, or lies in one."""
    if any(up in others for up in above(stretch)):
        return True
    return any(
        other.space == stretch.space and other.prefix.startswith(stretch.prefix) for other in others
    )
