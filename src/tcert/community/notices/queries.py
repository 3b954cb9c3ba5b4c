"""Reads of notices that pages and upper rooms share."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from tcert.community.notices.enums import Told
from tcert.community.notices.models import NOT_REACHED, TOLD, WOULD_BE_TOLD, Notice


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


def last_told(about: UUID, team_id: UUID) -> tuple[str, str] | None:
    """Say to who sends in a case how the last notice reached a team, and what to do if it did not.

    Two sentences; the second is empty for a team that reads its notices. None before the first.
    """
    last = Notice.objects.filter(about=about, team=team_id).order_by("-hour", "-id").first()
    if last is None:
        return None
    told = Told(last.told)
    return str(TOLD[told]), str(NOT_REACHED.get(told, ""))


def not_reached(told: Told) -> str:
    """Say what to do about a team that a mail would not tell more than that there is something."""
    if told not in NOT_REACHED:
        return ""
    return f"{str(WOULD_BE_TOLD[told]).capitalize()}. {NOT_REACHED[told]}"
