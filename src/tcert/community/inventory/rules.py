"""Who may see and change what an organisation has."""

from typing import Any

import rules

from tcert.community.directory.rules import leads_in_organisation
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_member


@rules.predicate
def belongs_to(principal: Principal, organisation: Any) -> bool:
    """A person of this organisation; with no organisation, of any."""
    ids = principal.listed_organisation_ids
    return bool(ids) if organisation is None else organisation.id in ids


grant(Permission.INVENTORY_READ, is_coordinator | (is_member & belongs_to))
grant(Permission.INVENTORY_MANAGE, is_coordinator | (is_member & leads_in_organisation))
grant(Permission.INVENTORY_PRODUCTS_READ, is_member)
