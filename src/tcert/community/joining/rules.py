"""Who may apply, vouch for an applicant, object, invite, and decide."""

from typing import Any

import rules

from tcert.community.accounts.rules import has_second_factor
from tcert.community.directory.rules import speaks_for
from tcert.community.joining.models import Application, Objection, Sponsorship
from tcert.community.joining.ties import is_at_own_domain, tied_organisations
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_desk, is_member, is_person


@rules.predicate
def is_applicant(principal: Principal, application: Any) -> bool:
    """The person whose application it is; with none, anybody who may have one."""
    if application is None:
        return True
    return isinstance(application, Application) and is_own(principal, application)


def is_own(principal: Principal, application: Application) -> bool:
    """Is it the person's own application?"""
    return application.applicant_id == principal.person_id


@rules.predicate
def was_asked(principal: Principal, sponsorship: Any) -> bool:
    """Speaks for the team that was asked to vouch, and applies not oneself; with none, for any."""
    if sponsorship is None:
        return speaks_for(principal, None)
    if not isinstance(sponsorship, Sponsorship) or is_own(principal, sponsorship.application):
        return False
    return bool(speaks_for(principal, sponsorship.team))


@rules.predicate
def is_untied(principal: Principal, about: Any) -> bool:
    """Nothing ties the coordinator to the house that applies, nor to the team that objects."""
    if about is None:
        return True
    application = about.application if isinstance(about, Objection) else about
    if not isinstance(application, Application):
        return False
    if is_own(principal, application):
        return False
    concerned = {application.group_id}
    if application.team is not None:
        concerned.add(application.team.organisation_id)
    if isinstance(about, Objection):
        concerned.add(about.team.organisation_id)
    if not concerned.isdisjoint(tied_organisations(principal)):
        return False
    return not is_at_own_domain(principal, application.mail_domain)


grant(Permission.JOINING_APPLY, is_person & has_second_factor & ~is_desk & is_applicant)
grant(Permission.JOINING_DECIDE, is_coordinator & is_untied)
grant(Permission.JOINING_INVITE, is_member)
grant(Permission.JOINING_OBJECT, is_member & speaks_for)
grant(Permission.JOINING_READ, is_member)
grant(Permission.JOINING_SPONSOR, is_member & was_asked)
