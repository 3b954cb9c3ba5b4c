"""What a year counts: read from the records once the year is over, and kept from then on.

When records are deleted before that, they are counted first.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.advisories.models import Release
from tcert.response.retention.enums import Counted
from tcert.response.retention.models import AuthorityRequest, YearCount

ACTS = {
    "cases:received": Counted.RECEIVED,
    "cases:numbered": Counted.VALIDATED,
    "cases:closed": Counted.CLOSED,
    "intake:withdraw": Counted.WITHDRAWN,
    "retention:delete": Counted.DELETED,
    "cases:held": Counted.HELD,
    "cases:hold-lifted": Counted.LIFTED,
    "requests:information:accepted": Counted.INFORMATION_ACCEPTED,
    "requests:information:partly": Counted.INFORMATION_PARTLY,
    "requests:information:refused": Counted.INFORMATION_REFUSED,
    "requests:information:withdrawn": Counted.INFORMATION_NO_ANSWER,
    "requests:information:lapsed": Counted.INFORMATION_NO_ANSWER,
    "requests:preservation:accepted": Counted.PRESERVATION_ACCEPTED,
    "requests:preservation:partly": Counted.PRESERVATION_PARTLY,
    "requests:preservation:refused": Counted.PRESERVATION_REFUSED,
    "requests:preservation:withdrawn": Counted.PRESERVATION_NO_ANSWER,
    "requests:preservation:lapsed": Counted.PRESERVATION_NO_ANSWER,
    "requests:assistance:accepted": Counted.ASSISTANCE_ACCEPTED,
    "requests:assistance:partly": Counted.ASSISTANCE_PARTLY,
    "requests:assistance:refused": Counted.ASSISTANCE_REFUSED,
    "requests:assistance:withdrawn": Counted.ASSISTANCE_NO_ANSWER,
    "requests:assistance:lapsed": Counted.ASSISTANCE_NO_ANSWER,
}
"""By act. Requests between members are counted by kind and outcome together, and never summed up:
a sum beside its parts would tell what “fewer than five” hides."""
SETTLING = timedelta(days=7)
"""Time for what belongs into the old year and is entered late: a request of its last day."""


def keep(ids: Iterable[UUID]) -> None:
    """Count records that are about to be deleted, as far as their year is not settled."""
    found: Counter[tuple[int, Counted]] = Counter()
    counted = AuditRecord.objects.filter(id__in=list(ids), act__in=ACTS)
    for act, at in counted.values_list("act", "at"):
        found[at.astimezone(UTC).year, ACTS[act]] += 1
    for (year, kind), number in found.items():
        row, _made = YearCount.objects.get_or_create(year=year, kind=kind)
        YearCount.objects.filter(pk=row.pk, total=None).update(gone=F("gone") + number)


def settle_years() -> int:
    """Settle every year that is over, from the first of which anything is known; returns how many.

    A settled year does not change any more.
    """
    last = (clock.now() - SETTLING).year - 1
    oldest = AuditRecord.objects.order_by("at").values_list("at", flat=True).first()
    if oldest is None:
        return 0
    known = set(YearCount.objects.settled().values_list("year", flat=True))
    years = [year for year in range(oldest.year, last + 1) if year not in known]
    for year in years:
        _settle(year)
    return len(years)


@transaction.atomic
def _settle(year: int) -> None:
    for kind in Counted:
        YearCount.objects.get_or_create(year=year, kind=kind)
    # Held before anything is counted: a sweep that deletes counted records waits, or is waited for.
    rows = list(YearCount.objects.select_for_update().filter(year=year).order_by("kind"))
    totals = _from_records(year)
    for row in rows:
        if row.total is None:
            row.total = row.gone + totals[Counted(row.kind)]
            row.save(update_fields=["total"])


def _from_records(year: int) -> Counter[Counted]:
    first = datetime(year, 1, 1, tzinfo=UTC)
    span = (first, datetime(year + 1, 1, 1, tzinfo=UTC))
    found: Counter[Counted] = Counter()
    records = AuditRecord.objects.filter(act__in=ACTS, at__gte=span[0], at__lt=span[1])
    for act in records.values_list("act", flat=True).iterator():
        found[ACTS[act]] += 1
    releases = Release.objects.filter(
        version=1, published_at__gte=span[0], published_at__lt=span[1]
    )
    found[Counted.ADVISORIES] = releases.count()
    days = (date(year, 1, 1), date(year, 12, 31))
    found[Counted.REQUESTS] = AuthorityRequest.objects.filter(received_on__range=days).count()
    return found


def is_settled(year: int) -> bool:
    """Tell whether a year's counts are published and do not change any more."""
    return YearCount.objects.settled().filter(year=year).exists()
