"""Who may invite beyond the hub, and who sees how their own invitation stands."""

from typing import Any

import rules

from tcert.community.accounts.rules import has_second_factor
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_person
from tcert.response.cases.models import Case


@rules.predicate
def coordinates_for_the_desk(principal: Principal, case: Any) -> bool:
    """Coordinates this case of the desk; without a case, may coordinate some.

    The desk alone: it also confirms the key, and a chosen team has no published second channel
    that others could rely on.
    """
    if case is None:
        return True
    return (
        isinstance(case, Case)
        and case.coordinating_team.is_desk
        and case.is_coordinated_by(principal)
    )


grant(Permission.PARTIES_INVITATION_MANAGE, is_coordinator & coordinates_for_the_desk)
grant(Permission.PARTIES_OWN_READ, is_person & has_second_factor)
