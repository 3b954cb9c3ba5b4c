"""Who reads reference data, who takes a newer list, and who says which operator is whom."""

from typing import Any

import rules

from tcert.community.directory.models import Organisation
from tcert.community.directory.ties import tied_organisations
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_member
from tcert.response.reference.models import Tie


@rules.predicate
def is_untied(principal: Principal, about: Any) -> bool:
    """Nothing ties the coordinator to the house of the organisation."""
    organisation = about.organisation if isinstance(about, Tie) else about
    if not isinstance(organisation, Organisation):
        return True
    return organisation.id not in tied_organisations(principal)


grant(Permission.REFERENCE_READ, is_member)
grant(Permission.REFERENCE_REFRESH, is_coordinator)
grant(Permission.REFERENCE_TIE, is_coordinator & is_untied)
