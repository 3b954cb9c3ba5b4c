"""Reads of this room: what waits, what is published of years, when the last backup expires."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from heapq import nsmallest
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases.models import Case
from tcert.response.cases.models.case import CaseQuerySet, kept_until
from tcert.response.retention.domain.warning import MONTH_BEFORE
from tcert.response.retention.enums import Counted
from tcert.response.retention.models import COUNTED, Hold, YearCount

FEW = 5
FEWER = _("fewer than five")


def visible_cases(principal: Principal) -> CaseQuerySet:
    """Return the cases that the person may see."""
    cases: CaseQuerySet = Case.objects  # type: ignore[assignment]
    return cases.visible_to(principal)


def soon_deleted(principal: Principal, most: int) -> list[Case]:
    """Return the visible cases that are deleted within a month, the first to go first.

    The database leaves out what has more time: for each length of keeping that was chosen, what
    was closed after a day of its own.
    """
    last = clock.now() + MONTH_BEFORE
    closed = Case.objects.filter(closed_at__isnull=False, held_since=None).order_by()
    near = Q(pk__in=[])
    for days in closed.values_list("keep_days", flat=True).distinct():
        near |= Q(keep_days=days, closed_at__lte=last - timedelta(days=days))
    spared = Q(keep_until__gt=last)
    found = visible_cases(principal).filter(near, closed_at__isnull=False, held_since=None)
    dated = found.exclude(spared).order_by()
    facts = dated.values_list("closed_at", "keep_days", "keep_until", "pk")
    first = nsmallest(
        most,
        (
            (kept_until(closed_at, days, spared_until), key)
            for closed_at, days, spared_until, key in facts
            if closed_at
        ),
    )
    cases = Case.objects.in_bulk([key for _due, key in first])
    return [cases[key] for _due, key in first if key in cases]


def holds_of(case: Case) -> QuerySet[Hold]:
    """Return the holds of a case, the newest first."""
    return case.holds.all()


def gone_from_backups(deleted_on: date) -> date | None:
    """Return the day on which the last backup with it expires; None if the operator has not said.

    The day of the deletion counts: that day's backup may have been made before it.
    """
    days = settings.BACKUP_RETENTION_DAYS
    return deleted_on + timedelta(days=days + 1) if days else None


@dataclass(frozen=True, slots=True)
class Year:
    """What is published of one year: a number from five on, else words."""

    year: int
    cells: list[tuple[Counted, Any, Any]]


def published(number: int) -> Any:
    """Return a count as it may be shown: what is small could point at one report or one team."""
    return number if number >= FEW else FEWER


def years() -> Iterator[Year]:
    """Yield the settled years, the newest first.

    The year that runs is not shown: who looks every day would see a number become the next.
    """
    rows: dict[int, dict[str, int]] = {}
    for row in YearCount.objects.settled():
        rows.setdefault(row.year, {})[row.kind] = row.total or 0
    for year, totals in rows.items():
        cells = [(kind, COUNTED[kind], published(totals.get(kind, 0))) for kind in Counted]
        yield Year(year, cells)
