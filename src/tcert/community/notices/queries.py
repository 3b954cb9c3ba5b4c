"""Reads of notices that pages and upper rooms share."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from tcert.community.notices.models import Notice


def acknowledged(about: UUID, team_ids: Iterable[UUID | None]) -> dict[UUID, datetime]:
    """Return when each of some teams last acknowledged a notice about a case."""
    found = Notice.objects.filter(
        about=about, team__in=[t for t in team_ids if t], acknowledged_at__isnull=False
    )
    return dict(
        found.order_by()
        .values("team_id")
        .annotate(at=Max("acknowledged_at"))
        .values_list("team_id", "at")
    )
