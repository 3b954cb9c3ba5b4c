"""Keeping what was changed about a team; called in the transaction of the act."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tcert.community.directory.models.history import LISTING, TeamChange
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal

Change = tuple[Any, Any]
"""The values before and after; None for nothing."""


def keep(principal: Principal, team_id: UUID, changes: Mapping[str, Change]) -> None:
    """Keep what an act changed, field by field; a field that stayed as it was is left out."""
    now = clock.now()
    TeamChange.objects.bulk_create(
        TeamChange(
            team_id=team_id,
            at=now,
            by=principal.person_id,
            by_desk=principal.is_coordinator,
            field=field,
            before=before,
            after=after,
        )
        for field, (before, after) in changes.items()
        if before != after
    )


def keep_listing(principal: Principal, team_id: UUID, became: str) -> None:
    """Keep that a team was entered, retired or restored."""
    keep(principal, team_id, {LISTING: (None, became)})
