"""Who may do what in the directory."""

from typing import Any

import rules

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Team
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_anyone, is_coordinator, is_member


@rules.predicate
def leads_team(principal: Principal, team: Any) -> bool:
    """A representative or deputy of this team; with no team, of any."""
    leading = {m.team_id for m in principal.memberships if m.role in TeamRole.leading()}
    return bool(leading) if team is None else isinstance(team, Team) and team.id in leading


grant(Permission.DIRECTORY_READ, is_anyone)
grant(Permission.DIRECTORY_MANAGE, is_coordinator)
grant(Permission.DIRECTORY_TEAM_MANAGE, is_coordinator | (is_member & leads_team))
