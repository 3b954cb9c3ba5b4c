"""Who may read a team's notices and manage its hooks; the link of a page asks nobody."""

from typing import Any

import rules

from tcert.community.directory.rules import leads_team
from tcert.community.notices.models import Notice, acting_teams
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_anyone, is_in_team, is_member


@rules.predicate
def is_of_told_team(principal: Principal, notice: Any) -> bool:
    """Acts for the team that was told; without a notice, for any team."""
    if notice is None:
        return principal.is_in_team
    return isinstance(notice, Notice) and notice.team_id in acting_teams(principal)


grant(Permission.NOTICES_HOOKS_MANAGE, is_member & leads_team)
grant(Permission.NOTICES_LINK_USE, is_anyone)
grant(Permission.NOTICES_NOTICE_READ, is_in_team & is_of_told_team)
