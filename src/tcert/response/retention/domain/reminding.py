"""Gentle reminders to the coordinating team: cases that sleep, holds whose day has come.

Nothing is closed, lifted or deleted by silence.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.cases.domain.telling import tell
from tcert.response.cases.models import Case, CaseThread
from tcert.response.retention.models import Hold

SLEEPS_AFTER = timedelta(days=60)


def asleep(cases: QuerySet[Any]) -> QuerySet[Any]:
    """Return open cases in which nothing was done or written for 60 days.

    It is asked whether there is something newer, not what the newest is: a list takes the first
    few, and the database stops there.
    """
    before = clock.now() - SLEEPS_AFTER
    acts = AuditRecord.objects.filter(object_kind="case", object_id=OuterRef("pk"))
    talks = CaseThread.objects.filter(case=OuterRef("pk"))
    written = talks.filter(thread__messages__created_on__gte=before.date())
    return cases.filter(
        ~Exists(acts.filter(at__gt=before)),
        ~Exists(written),
        closed_at=None,
        received_on__lt=before.date(),
    )


def _last_moments(cases: QuerySet[Any]) -> Iterator[tuple[Case, datetime]]:
    """Yield cases with the last moment at which something was done or written in them."""
    acts = AuditRecord.objects.filter(object_kind="case", object_id=OuterRef("pk")).order_by()
    newest = acts.values("object_id").annotate(last=Max("at")).values("last")
    found = cases.annotate(
        acted_at=Subquery(newest), written_on=Max("threads__thread__messages__created_on")
    )
    for case in found.iterator():
        day = max(case.received_on, case.written_on or case.received_on)
        last = datetime.combine(day, time.max, UTC)
        yield case, max(last, case.acted_at or last)


def holds_to_review() -> QuerySet[Hold]:
    """Return the holds whose day of review has come."""
    return Hold.objects.filter(lifted_at=None, review_on__lte=clock.today()).select_related("case")


def remind() -> None:
    """Tell each coordinating team once of each silence, and of each day of review."""
    for case, last in _last_moments(asleep(Case.objects.all())):
        tell(case.id, case.coordinating_team_id, "asleep", f"asleep:{case.id}:{last:%Y%m%d}")
    for hold in holds_to_review():
        key = f"hold-review:{hold.id}:{hold.review_on:%Y%m%d}"
        tell(hold.case_id, hold.case.coordinating_team_id, "hold-review", key)
