"""Holding records, leaves and heads against each other: what was changed, taken out, put in.

Everything is computed anew from the rows, in one pass that holds a few thousand of them at a
time. The steps between heads are examined apart: one changed leaf does not hide another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from tcert.foundation.kernel.canonical import NotCanonical
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.transparency import leaves, merkle
from tcert.foundation.transparency.enums import Signed
from tcert.foundation.transparency.merkle import Peaks
from tcert.foundation.transparency.models import Head, Leaf
from tcert.foundation.transparency.signing import Keys

ANNOUNCEMENT = "transparency:announce-deletion"
"""The act whose record lets leaves stand without their records: it names each of them by
`Leaf.announced_by`, and their number in its data (`records`), so that none is added later."""

_AT_ONCE = 2000


class _Row(NamedTuple):
    position: int
    record_id: UUID
    hash: bytes
    announced_by: UUID | None


@dataclass(slots=True)
class Examination:
    """What was looked through, and everything in it that should not be."""

    size: int = 0
    newest: Head | None = None
    announced: int = 0
    changed: list[UUID] = field(default_factory=list)
    missing: list[UUID] = field(default_factory=list)
    inserted: list[UUID] = field(default_factory=list)
    absent_leaves: list[str] = field(default_factory=list)
    surplus_leaves: list[int] = field(default_factory=list)
    changed_leaves: list[str] = field(default_factory=list)
    broken_heads: list[int] = field(default_factory=list)
    false_signatures: list[int] = field(default_factory=list)
    missing_signatures: list[int] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether every record stands as it was sealed."""
        return not any(
            getattr(self, name)
            for name in self.__slots__
            if name not in {"size", "newest", "announced"}
        )


def examine() -> Examination:
    """Look through all records, leaves and heads, as they were at one moment.

    The worker seals meanwhile: what it puts in between two questions would look put in by others.
    """
    with _one_moment():
        return _examine()


@contextmanager
def _one_moment() -> Iterator[None]:
    """Have all questions see the database as it was at the first, and hold up no writer."""
    if connection.in_atomic_block:  # the caller's own moment
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        # Django's own transaction would take the one writer's place at once.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _examine() -> Examination:
    found = Examination()
    heads = list(Head.objects.order_by("number"))
    found.newest = heads[-1] if heads else None
    _examine_heads(heads, found)
    _examine_leaves(heads, found)
    if found.newest:
        without = ~Exists(Leaf.objects.filter(record_id=OuterRef("pk")))
        late = leaves.due(through=found.newest.through).filter(without)
        found.inserted = list(late.values_list("id", flat=True))
    return found


def _examine_heads(heads: list[Head], found: Examination) -> None:
    """Each head names its predecessor, is no smaller, and carries the hub's signature."""
    keys = Keys()
    for head in heads:
        match keys.judge(head.said, head.signature):
            case Signed.FALSE:
                found.false_signatures.append(head.number)
            case Signed.MISSING:
                found.missing_signatures.append(head.number)
    for before, head in zip([None, *heads], heads, strict=False):
        if not (_is_whole(head) and _follows(before, head)):
            found.broken_heads.append(head.number)


def _is_whole(head: Head) -> bool:
    try:
        return head.tree.size == head.size
    except ValueError:
        return False


def _follows(before: Head | None, head: Head) -> bool:
    if before is None:
        return head.number == 1 and not head.previous
    return (
        bytes(head.previous) == before.said.digest
        and head.number == before.number + 1
        and head.size >= before.size
        and head.through > before.through
    )


def _examine_leaves(heads: list[Head], found: Examination) -> None:
    steps = iter(heads)
    head = next(steps, None)
    start, step = Peaks(), list[bytes]()
    announced: dict[UUID, list[UUID]] = {}
    expected = 0
    for rows in _in_portions():
        _compare(rows, found, announced)
        for row in rows:
            while head is not None and row.position >= head.size:
                start, step = _close(head, start, step, found), []
                head = next(steps, None)
            if head is None or row.position < 0:
                found.surplus_leaves.append(row.position)
                continue
            if row.position != expected:
                found.absent_leaves.append(_range(expected, row.position - 1))
            expected = row.position + 1
            step.append(row.hash)
    while head is not None:
        start, step = _close(head, start, step, found), []
        head = next(steps, None)
    size = heads[-1].size if heads else 0
    if expected < size:
        found.absent_leaves.append(_range(expected, size - 1))
    found.size = size
    _settle(announced, found)


def _close(head: Head, start: Peaks, step: list[bytes], found: Examination) -> Peaks:
    """Compare a head with the leaves since the one before, and go on from what it says."""
    grown = start.grown(step)
    try:
        tree = head.tree
    except ValueError:
        return grown  # named as broken
    complete = head.size - start.size == len(step)
    if complete and grown.root != tree.root:
        found.changed_leaves.append(_range(start.size, head.size - 1))
    return tree


def _in_portions() -> Iterator[list[_Row]]:
    last = -1 << 62
    while True:
        rows = [
            _Row(position, record_id, bytes(leaf), announced_by)
            for position, record_id, leaf, announced_by in Leaf.objects.filter(position__gt=last)
            .order_by("position")
            .values_list("position", "record_id", "hash", "announced_by")[:_AT_ONCE]
        ]
        if not rows:
            return
        yield rows
        last = rows[-1].position


def _compare(rows: list[_Row], found: Examination, announced: dict[UUID, list[UUID]]) -> None:
    """Hold leaves against their records."""
    present = _present([row.record_id for row in rows])
    for row in rows:
        if row.record_id in present:
            if present[row.record_id] != row.hash:
                found.changed.append(row.record_id)
        elif row.announced_by is not None:
            announced.setdefault(row.announced_by, []).append(row.record_id)
        else:
            found.missing.append(row.record_id)


def _present(ids: list[UUID]) -> dict[UUID, bytes]:
    """Return the leaf hash of each record; nothing fits one that has no canonical text."""
    records = AuditRecord.objects.filter(id__in=ids)
    try:
        return dict(leaves.hashes(records))
    except NotCanonical:
        return {record.id: _hash(record) for record in records}


def _hash(record: AuditRecord) -> bytes:
    try:
        return merkle.leaf_hash(leaves.committed(record))
    except NotCanonical:
        return b""


def _settle(announced: dict[UUID, list[UUID]], found: Examination) -> None:
    """Count records whose deletion was announced as gone, the others as missing."""
    acts = AuditRecord.objects.filter(id__in=announced, act=ANNOUNCEMENT)
    said = {act.id: act.data.get("records") for act in acts}
    named = Counter(
        Leaf.objects.filter(announced_by__in=announced).values_list("announced_by", flat=True)
    )
    for act_id, record_ids in announced.items():
        if act_id in said and said[act_id] == named[act_id]:
            found.announced += len(record_ids)
        else:
            found.missing.extend(record_ids)


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
