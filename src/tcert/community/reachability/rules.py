"""Who may read how teams are reached, look after it, and set a drill off."""

from typing import Any

import rules

from tcert.community.directory.models import Team
from tcert.community.directory.rules import leads_team
from tcert.community.directory.ties import tied_houses
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_anyone, is_coordinator, is_member


@rules.predicate
def is_untied(principal: Principal, team: Any) -> bool:
    """Nothing ties the coordinator to the team's house; with none, it is not asked.

    Who knows when a drill comes could set it off while the right people are awake, and so put off
    the one of the plan.
    """
    if not isinstance(team, Team):
        return team is None
    return team.organisation.house not in tied_houses(principal)


grant(Permission.REACHABILITY_DRILL_START, is_coordinator & is_untied)
grant(Permission.REACHABILITY_LINK_USE, is_anyone)
grant(Permission.REACHABILITY_READ, is_member)
grant(Permission.REACHABILITY_TEAM_MANAGE, is_member & leads_team)
