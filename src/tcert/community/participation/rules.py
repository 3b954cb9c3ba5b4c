"""Who reads how a member takes part, who asks to be excused, and who decides."""

from typing import Any

import rules

from tcert.community.directory.models import Organisation
from tcert.community.directory.rules import speaks_for_organisation
from tcert.community.participation.models import Absence, Office, is_own_or_untied
from tcert.community.participation.ties import kept_from
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_member


def _organisation(about: Any) -> Any:
    return about.organisation if isinstance(about, Absence | Office) else about


@rules.predicate
def reads_detail(principal: Principal, about: Any) -> bool:
    """Own people, and coordinators whom nothing ties to the house; with none, any member."""
    found = _organisation(about)
    if found is None:
        return principal.is_member
    return isinstance(found, Organisation) and is_own_or_untied(principal, found)


@rules.predicate
def speaks_for(principal: Principal, about: Any) -> bool:
    """A representative or deputy of a team of this listed organisation; never of the desk's."""
    return bool(speaks_for_organisation(principal, _organisation(about)))


@rules.predicate
def is_untied(principal: Principal, about: Any) -> bool:
    """Nothing ties the coordinator to the organisation's house."""
    found = _organisation(about)
    return found is None or found.id not in kept_from(principal)


grant(Permission.PARTICIPATION_ABSENCE_ASK, is_member & speaks_for)
grant(Permission.PARTICIPATION_MANAGE, is_coordinator & is_untied)
grant(Permission.PARTICIPATION_OWN_READ, is_member & reads_detail)
grant(Permission.PARTICIPATION_STANDINGS_READ, is_member)
