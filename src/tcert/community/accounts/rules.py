"""Who may do what with accounts."""

from typing import Any

import rules

from tcert.community.accounts.models import Person
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_desk, is_in_team, is_person


@rules.predicate
def has_second_factor(principal: Principal, _obj: Any) -> bool:
    """A signed-in person who proved a second factor, with or without a team."""
    return principal.has_second_factor


@rules.predicate
def is_somebody_else(principal: Principal, person: Any) -> bool:
    """Not the principal's own account: nobody renews or closes their own by these acts."""
    return not isinstance(person, Person) or person.id != principal.person_id


grant(Permission.ACCOUNTS_OWN_MANAGE, is_person & has_second_factor)
grant(Permission.ACCOUNTS_PEOPLE_MANAGE, is_coordinator & is_somebody_else)
grant(Permission.ACCOUNTS_SECOND_FACTOR_SET_UP, is_person)
grant(Permission.ACCOUNTS_STAFF_SESSION_OPEN, is_desk)
grant(Permission.ACCOUNTS_VAULT_MANAGE, is_in_team)
