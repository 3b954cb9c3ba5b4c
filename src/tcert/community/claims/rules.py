"""Who may claim, verify, attest, dispute and decide."""

from typing import Any

import rules

from tcert.community.claims import queries
from tcert.community.claims.models import Claim, Dispute, Verification
from tcert.community.directory.models import Organisation
from tcert.community.directory.rules import leads_in_organisation, speaks_for
from tcert.community.directory.ties import tied_organisations
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_anyone, is_coordinator, is_desk, is_member


@rules.predicate
def was_asked(principal: Principal, asked: Any) -> bool:
    """Speaks for the team whose word was asked for; with none, for any team but the desk."""
    if asked is None:
        return speaks_for(principal, None)
    if not isinstance(asked, Verification) or asked.by_team is None:
        return False
    return speaks_for(principal, asked.by_team)


@rules.predicate
def is_untied(principal: Principal, about: Any) -> bool:
    """Nothing ties the coordinator to who holds the claim, contests it, or claims what overlaps.

    Of an organisation: nothing ties them to its house.
    """
    tied = tied_organisations(principal)
    if not tied or about is None:
        return True
    if isinstance(about, Organisation):
        return about.id not in tied
    claim = about.claim if isinstance(about, Dispute) else about
    if not isinstance(claim, Claim) or not tied.isdisjoint({claim.organisation_id}):
        return False
    if isinstance(about, Dispute) and about.organisation_id in tied:
        return False
    rivals = queries.overlapping(queries.stretches_of(claim), claim.organisation_id)
    return not rivals.filter(organisation__in=tied).exists()


@rules.predicate
def leads_holder(principal: Principal, about: Any) -> bool:
    """Leads in the organisation, or in the one whose claim it is; with none, in any."""
    holder = about.organisation if isinstance(about, Claim) else about
    return bool(leads_in_organisation(principal, holder))


@rules.predicate
def is_for_nobody(_principal: Principal, organisation: Any) -> bool:
    """No organisation is named: the desk speaks for itself only."""
    return organisation is None


grant(Permission.CLAIMS_ATTEST, is_member & was_asked)
grant(
    Permission.CLAIMS_DISPUTE,
    (is_coordinator & is_for_nobody) | (is_member & leads_in_organisation),
)
grant(Permission.CLAIMS_DISPUTE_DECIDE, is_coordinator & is_untied)
grant(Permission.CLAIMS_LINK_USE, is_anyone)
# What an organisation claims keeps cases from those of the desk who are tied to it. So they leave
# its claims alone, coordinator rights on or off; the others of the organisation look after them.
grant(
    Permission.CLAIMS_MANAGE,
    (is_coordinator & is_untied) | (is_member & ~is_desk & leads_holder),
)
grant(Permission.CLAIMS_READ, is_member)
grant(Permission.CLAIMS_VERIFY, is_coordinator & is_untied)
