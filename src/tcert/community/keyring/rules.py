"""Who may attest keys, take that back, and manage what a team publishes."""

from typing import Any

import rules

from tcert.community.directory.rules import leads_team, speaks_for
from tcert.community.keyring.models import Attestation
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_anyone, is_in_team, is_member


@rules.predicate
def gave(principal: Principal, attestation: Any) -> bool:
    """Speaks for the team that attested; with none, for any team."""
    if attestation is None:
        return speaks_for(principal, None)
    return isinstance(attestation, Attestation) and speaks_for(principal, attestation.from_team)


grant(Permission.KEYRING_ATTEST, is_member & speaks_for)
grant(Permission.KEYRING_ATTEST_WITHDRAW, is_member & gave)
grant(Permission.KEYRING_MANAGE, is_in_team & leads_team)
grant(Permission.KEYRING_PUBLIC_READ, is_anyone)
grant(Permission.KEYRING_READ, is_member)
