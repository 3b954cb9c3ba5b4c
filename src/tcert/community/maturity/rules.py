"""Who walks the path of a team, judges its maturity, asks for a mentor and becomes one."""

from typing import Any

import rules

from tcert.community.directory.rules import belongs_to_team, leads_team, speaks_for
from tcert.community.maturity.models import MentorRequest
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_in_team, is_member


@rules.predicate
def asked(principal: Principal, request: Any) -> bool:
    """Speaks for the team that asked; with none, for any team."""
    if request is None:
        return speaks_for(principal, None)
    return isinstance(request, MentorRequest) and speaks_for(principal, request.team)


@rules.predicate
def mentors(principal: Principal, request: Any) -> bool:
    """Speaks for the team that said yes; with none, for any team."""
    if request is None:
        return speaks_for(principal, None)
    if not isinstance(request, MentorRequest) or request.mentor is None:
        return False
    return speaks_for(principal, request.mentor)


grant(Permission.MATURITY_ASSESS, is_in_team & leads_team)
grant(Permission.MATURITY_MENTOR_ACCEPT, is_member & speaks_for)
grant(Permission.MATURITY_MENTOR_ASK, is_member & speaks_for)
grant(Permission.MATURITY_MENTOR_END, is_member & (asked | mentors))
grant(Permission.MATURITY_MENTOR_READ, is_member)
grant(Permission.MATURITY_MENTOR_WITHDRAW, is_member & asked)
grant(Permission.MATURITY_PATH_MANAGE, is_in_team & leads_team)
grant(Permission.MATURITY_PATH_READ, is_coordinator | (is_in_team & belongs_to_team))
grant(Permission.MATURITY_PATHS_READ, is_coordinator)
grant(Permission.MATURITY_READ, is_coordinator | (is_in_team & belongs_to_team))
