"""From a record to its leaf."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from tcert.foundation.kernel.canonical import canonical
from tcert.foundation.kernel.principal import PrincipalKind
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.transparency import merkle
from tcert.foundation.transparency.models import REPORTERS_WAIT

FORM = "tcert-record-1"
_COLUMNS = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "team_id",
    "act",
    "object_kind",
    "object_id",
    "data",
    "leaf_salt",
)


def committed(record: AuditRecord) -> bytes:
    """Return the one text of a record that its leaf commits to, with the salt; NotCanonical."""
    return _committed([getattr(record, column) for column in _COLUMNS])


def _committed(values: Iterable[object]) -> bytes:
    fields = dict(zip(_COLUMNS, values, strict=True))
    return canonical({"form": FORM, **{name: _plain(value) for name, value in fields.items()}})


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value


def hashes(records: QuerySet[AuditRecord]) -> Iterator[tuple[UUID, bytes]]:
    """Yield id and leaf hash of records.

    Raises:
        NotCanonical: a record was not written by this hub.

    """
    for values in records.values_list(*_COLUMNS).iterator(chunk_size=2000):
        yield values[0], merkle.leaf_hash(_committed(values))


def due(*, after: datetime | None = None, through: datetime) -> QuerySet[AuditRecord]:
    """Return the records whose turn to be sealed comes in (after, through].

    A reporter's act has its turn when its day is over, so that neither its place in the tree nor
    the head that first holds it tells the hour (decided.md 8).
    """
    others = Q(at__lte=through)
    reporters = Q(at__lte=through - REPORTERS_WAIT)
    if after is not None:
        others &= Q(at__gt=after)
        reporters &= Q(at__gt=after - REPORTERS_WAIT)
    by_reporter = Q(actor_kind=PrincipalKind.REPORTER)
    return AuditRecord.objects.filter((by_reporter & reporters) | (~by_reporter & others))


def turn_of(record: AuditRecord) -> datetime:
    """Return the moment from which a record may be sealed; matches `due`."""
    wait = record.actor_kind == PrincipalKind.REPORTER
    return record.at + REPORTERS_WAIT if wait else record.at
