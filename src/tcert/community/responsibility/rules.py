"""Who reads a responsibility matrix, changes it, stands by an entry, and looks over all."""

from typing import Any

import rules

from tcert.community.directory.rules import speaks_for_organisation
from tcert.community.responsibility.inside import is_inside, own_organisations
from tcert.community.responsibility.models import Entry
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_anyone, is_coordinator, is_member


@rules.predicate
def belongs_to(principal: Principal, organisation: Any) -> bool:
    """A person of this listed organisation; with none, of any."""
    own = own_organisations(principal)
    return bool(own) if organisation is None else organisation.id in own


@rules.predicate
def reads_all_of(principal: Principal, organisation: Any) -> bool:
    """One of its own people, or a coordinator nothing ties to its house; with none, of any."""
    if organisation is None:
        return bool(own_organisations(principal)) or principal.is_coordinator
    return is_inside(principal, organisation.id)


@rules.predicate
def is_named(principal: Principal, entry: Any) -> bool:
    """The person whose account the entry names, while they have not left."""
    if entry is None:
        return True
    named = isinstance(entry, Entry) and entry.left_at is None
    return named and entry.person_id is not None and entry.person_id == principal.person_id


grant(Permission.RESPONSIBILITY_CONFIRM, is_member & is_named)
grant(Permission.RESPONSIBILITY_INSIDE_READ, is_member & reads_all_of)
grant(Permission.RESPONSIBILITY_LINK_USE, is_anyone)
grant(Permission.RESPONSIBILITY_MANAGE, is_member & speaks_for_organisation)
grant(Permission.RESPONSIBILITY_OWN_READ, is_member & belongs_to)
grant(Permission.RESPONSIBILITY_READ, is_member)
grant(Permission.RESPONSIBILITY_REVIEW, is_coordinator)
