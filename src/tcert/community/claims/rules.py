"""Who may claim, verify, attest, dispute and decide."""

from typing import Any

import rules

from tcert.community.claims.models import Claim, Dispute, Verification
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Organisation
from tcert.community.directory.ties import tied_houses
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_anyone, is_coordinator, is_member


@rules.predicate
def leads_in(principal: Principal, organisation: Any) -> bool:
    """A representative or deputy of a listed team of this organisation; with none, of any."""
    leading = {
        m.organisation_id
        for m in principal.memberships
        if m.role in TeamRole.leading() and not m.is_unlisted
    }
    return bool(leading) if organisation is None else organisation.id in leading


@rules.predicate
def was_asked(principal: Principal, asked: Any) -> bool:
    """Leads the team whose word was asked for; with none, any team but the desk."""
    leading = {
        m.team_id
        for m in principal.memberships
        if m.role in TeamRole.leading() and not m.is_unlisted and not m.is_desk
    }
    if asked is None:
        return bool(leading)
    return isinstance(asked, Verification) and asked.by_team_id in leading


@rules.predicate
def is_untied(principal: Principal, about: Any) -> bool:
    """Nothing ties the coordinator to a house that the claim or the dispute is about."""
    if isinstance(about, Claim):
        houses = {about.organisation.house}
    elif isinstance(about, Dispute):
        houses = set(about.houses)
    elif isinstance(about, Organisation):
        houses = {about.house}
    else:
        return True
    return houses.isdisjoint(tied_houses(principal))


grant(Permission.CLAIMS_ATTEST, is_member & was_asked)
grant(Permission.CLAIMS_DISPUTE, is_coordinator | (is_member & leads_in))
grant(Permission.CLAIMS_DISPUTE_DECIDE, is_coordinator & is_untied)
grant(Permission.CLAIMS_LINK_USE, is_anyone)
grant(Permission.CLAIMS_MANAGE, is_coordinator | (is_member & leads_in))
grant(Permission.CLAIMS_READ, is_member)
grant(Permission.CLAIMS_VERIFY, is_coordinator & is_untied)
