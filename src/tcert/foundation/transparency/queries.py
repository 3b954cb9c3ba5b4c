"""Where records stand in the tree, for pages and files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import OuterRef, Subquery

from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.transparency import leaves
from tcert.foundation.transparency.models import Head, Leaf


class Standing(StrEnum):
    """Whether a record is sealed."""

    SEALED = "sealed"
    WAITING = "waiting"
    LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True)
class Place:
    """A record's place in the tree: its position and the first head above it, once sealed."""

    standing: Standing
    position: int | None = None
    head: int | None = None


def places(records: Iterable[AuditRecord]) -> dict[UUID, Place]:
    """Return the place of each record, in two queries.

    A record whose turn passed without a leaf was put in later: `LEFT_OUT`.
    """
    wanted = list(records)
    above = Head.objects.filter(size__gt=OuterRef("position")).order_by("number")
    rows = Leaf.objects.filter(record_id__in=[record.id for record in wanted]).values_list(
        "record_id", "position", Subquery(above.values("number")[:1])
    )
    sealed = {
        record_id: Place(Standing.SEALED, position, head) for record_id, position, head in rows
    }
    newest = Head.objects.order_by("number").last()
    return {
        record.id: sealed.get(record.id)
        or Place(
            Standing.LEFT_OUT
            if newest and leaves.turn_of(record) <= newest.through
            else Standing.WAITING
        )
        for record in wanted
    }


def sealed_leaves(size: int) -> list[bytes]:
    """Return the leaf hashes of the tree of that size, in order."""
    rows = Leaf.objects.filter(position__lt=size).order_by("position")
    return [bytes(leaf) for leaf in rows.values_list("hash", flat=True).iterator(chunk_size=5000)]
