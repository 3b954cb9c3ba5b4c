"""Keeping what was changed about a team; called in the transaction of the act."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from tcert.community.directory.models.history import LISTING, TeamChange
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal

Change = tuple[Any, Any]
"""The values before and after; None for nothing."""


def keep(principal: Principal, team_id: UUID, changes: Mapping[str, Change]) -> None:
    """Keep what an act changed, field by field; a field that stayed as it was is left out."""
    _keep(principal, team_id, changes.items())


def keep_each(principal: Principal, team_id: UUID, field: str, changes: Iterable[Change]) -> None:
    """Keep several changes of the same kind that one act made, such as of channels."""
    _keep(principal, team_id, ((field, change) for change in changes))


def _keep(principal: Principal, team_id: UUID, changes: Iterable[tuple[str, Change]]) -> None:
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
        for field, (before, after) in changes
        if before != after
    )


def keep_listing(principal: Principal, team_id: UUID, became: str) -> None:
    """Keep that a team was entered, retired or restored."""
    keep(principal, team_id, {LISTING: (None, became)})
