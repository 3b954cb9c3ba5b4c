"""Tables of the directory: who is listed, and what is sealed to them."""

from tcert.community.directory.models.key import (
    ROTATE_WITHIN,
    SECOND_CHANNELS,
    TeamKey,
    TeamKeyShare,
)
from tcert.community.directory.models.organisation import (
    ORGANISATION_KINDS,
    TEAM_KINDS,
    TEAM_ROLES,
    Channel,
    Organisation,
    Team,
    TeamMembership,
    kept_from,
)

__all__ = [
    "ORGANISATION_KINDS",
    "ROTATE_WITHIN",
    "SECOND_CHANNELS",
    "TEAM_KINDS",
    "TEAM_ROLES",
    "Channel",
    "Organisation",
    "Team",
    "TeamKey",
    "TeamKeyShare",
    "TeamMembership",
    "kept_from",
]
