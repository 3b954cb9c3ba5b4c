"""Who may take an organisation off the list for what it did, read why, appeal, and decide on it."""

from typing import Any

import rules

from tcert.community.conduct.models import Appeal, Measure
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Organisation
from tcert.community.directory.ties import tied_houses
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_in_team


@rules.predicate
def is_untied(principal: Principal, about: Any) -> bool:
    """Nothing ties the coordinator to the house of the organisation; with none, it is not asked."""
    if isinstance(about, Appeal):
        about = about.measure
    found = about.organisation if isinstance(about, Measure) else about
    if not isinstance(found, Organisation):
        return found is None
    return found.house not in tied_houses(principal)


@rules.predicate
def speaks_for(principal: Principal, measure: Any) -> bool:
    """A representative or deputy of a team of that organisation; with none, of any."""
    leading = {m.organisation_id for m in principal.memberships if m.role in TeamRole.leading()}
    if measure is None:
        return bool(leading)
    return isinstance(measure, Measure) and measure.organisation_id in leading


@rules.predicate
def had_no_part(principal: Principal, appeal: Any) -> bool:
    """The person neither proposed nor confirmed the measure that is appealed."""
    if not isinstance(appeal, Appeal):
        return appeal is None
    measure = appeal.measure
    return principal.person_id not in {measure.proposed_by, measure.confirmed_by}


grant(Permission.CONDUCT_APPEAL, is_in_team & speaks_for)
grant(Permission.CONDUCT_APPEAL_DECIDE, is_coordinator & is_untied & had_no_part)
grant(Permission.CONDUCT_MEASURE_READ, is_in_team)
grant(Permission.CONDUCT_MEASURES_MANAGE, is_coordinator & is_untied)
