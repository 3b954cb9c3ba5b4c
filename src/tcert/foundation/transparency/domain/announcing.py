"""Deleting records as announced: their content goes, their leaves stay and the tree verifies."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.transparency.examining import ANNOUNCEMENT
from tcert.foundation.transparency.models import Leaf

_AT_ONCE = 500


@transaction.atomic
def announce_deletion(
    *,
    principal: Principal,
    records: QuerySet[AuditRecord],
    object_kind: str,
    object_id: UUID,
    before: Callable[[Sequence[UUID]], object],
) -> int:
    """Delete those of the records that are sealed, and announce it; returns how many.

    What is not sealed yet stays until its turn has come: else the tree could not tell this
    deletion from one that nobody announced. `before` is called with each portion of ids while the
    records still stand. The caller holds what keeps a second worker from announcing the same ones.
    """
    leaves = Leaf.objects.filter(record_id=OuterRef("pk"), announced_by=None)
    ids = list(records.filter(Exists(leaves)).values_list("id", flat=True))
    if not ids:
        return 0
    act = record(principal, ANNOUNCEMENT, object_kind, object_id, records=len(ids))
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        before(some)
        Leaf.objects.filter(record_id__in=some).update(announced_by=act.id)
        AuditRecord.objects.filter(id__in=some).delete()
    return len(ids)
