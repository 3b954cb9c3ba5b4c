"""Who may import, and who says which team an entry is about."""

from typing import Any

import rules

from tcert.community.directory.models import Team
from tcert.community.directory.rules import leads_team
from tcert.community.directory.ties import tied_organisations
from tcert.community.imports.models import Entry
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_member


@rules.predicate
def is_untied(principal: Principal, about: Any) -> bool:
    """Nothing ties the coordinator to the house of the team, or of the entry's team."""
    team = about.team if isinstance(about, Entry) else about
    return not isinstance(team, Team) or team.organisation_id not in tied_organisations(principal)


grant(Permission.IMPORTS_COMPARE, is_member & leads_team)
grant(Permission.IMPORTS_DECIDE, is_coordinator & is_untied)
grant(Permission.IMPORTS_MANAGE, is_coordinator)
