"""Who may read how teams are reached, look after it, and set a drill off."""

from tcert.community.directory.rules import leads_team
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.rules import is_anyone, is_coordinator, is_member

grant(Permission.REACHABILITY_DRILL_START, is_coordinator)
grant(Permission.REACHABILITY_LINK_USE, is_anyone)
grant(Permission.REACHABILITY_READ, is_member)
grant(Permission.REACHABILITY_TEAM_MANAGE, is_member & leads_team)
