"""Who may do what with the desk's watch over itself."""

from typing import Any

import rules

from tcert.community.accounts.models import StaffSession
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_desk


@rules.predicate
def is_of_another(principal: Principal, session: Any) -> bool:
    """A staff session of somebody else; without one, of anybody: nobody reviews their own."""
    return not isinstance(session, StaffSession) or session.person_id != principal.person_id


grant(Permission.DESK_ACTS_DECIDE, is_coordinator)
grant(Permission.DESK_DEPUTY_NAME, is_coordinator)
grant(Permission.DESK_INTERESTS_DECLARE, is_desk)
grant(Permission.DESK_INTERESTS_READ, is_coordinator)
grant(Permission.DESK_SESSION_REVIEW, is_coordinator & is_of_another)
