"""Tables of the directory: who is listed, and what is sealed to them."""

from tcert.community.directory.models.history import TeamChange
from tcert.community.directory.models.key import (
    KEY_STATES,
    ROTATE_WITHIN,
    SECOND_CHANNELS,
    WARN_BEFORE_EXPIRY,
    TeamKey,
    TeamKeyShare,
)
from tcert.community.directory.models.organisation import (
    CONFIRM_WITHIN,
    LISTED_TEAM,
    ORGANISATION_KINDS,
    TEAM_KINDS,
    TEAM_ROLES,
    WEEKDAYS,
    Channel,
    Organisation,
    Team,
    TeamMembership,
    kept_from,
)
from tcert.community.directory.models.section import (
    LONGEST_SECTION,
    SECTIONS,
    TeamSection,
    TeamSignature,
)

__all__ = [
    "CONFIRM_WITHIN",
    "KEY_STATES",
    "LISTED_TEAM",
    "LONGEST_SECTION",
    "ORGANISATION_KINDS",
    "ROTATE_WITHIN",
    "SECOND_CHANNELS",
    "SECTIONS",
    "TEAM_KINDS",
    "TEAM_ROLES",
    "WARN_BEFORE_EXPIRY",
    "WEEKDAYS",
    "Channel",
    "Organisation",
    "Team",
    "TeamChange",
    "TeamKey",
    "TeamKeyShare",
    "TeamMembership",
    "TeamSection",
    "TeamSignature",
    "kept_from",
]
