"""Records of acts at given moments, sealed when a test wants them to be."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.transparency.domain.sealing import SETTLING, seal
from tcert.foundation.transparency.models import Head

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def make_record(
    principal: Principal = SYSTEM, at: datetime = NOON, act: str = "test:act", **data: object
) -> AuditRecord:
    """Record an act as it would be recorded at that moment."""
    with clock.frozen(at):
        return record(principal, act, "thing", uuid4(), **data)


def seal_at(at: datetime) -> Head | None:
    """Seal what is due at a moment, and return the newest head."""
    with clock.frozen(at):
        seal()
    return Head.objects.order_by("number").last()


def sealed_records(count: int, *, heads: int = 1) -> list[AuditRecord]:
    """Make so many records under each of so many heads, an hour apart."""
    made = []
    for hour in range(heads):
        at = NOON + timedelta(hours=hour)
        made += [make_record(at=at, step=step) for step in range(count)]
        seal_at(at + SETTLING)
    return made
