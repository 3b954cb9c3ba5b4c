"""Reads of the directory that pages and upper rooms share."""

from datetime import datetime
from uuid import UUID

from tcert.community.directory.enums import KeyState
from tcert.community.directory.models import Team, TeamKey


def desk_team() -> Team | None:
    """Return the triage desk, or None before the hub is set up."""
    return Team.objects.select_related("organisation").filter(is_desk=True).first()


def active_key(team_id: UUID, at: datetime) -> TeamKey | None:
    """Return the key that counts for sealing to a team at a moment, or None."""
    key = TeamKey.objects.filter(team_id=team_id, state=KeyState.ACTIVE).first()
    if key is None or (key.expires_at is not None and key.expires_at <= at):
        return None
    return key
