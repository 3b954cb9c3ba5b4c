"""What an organisation's page says of responsibility: to strangers that it takes part, no more."""

from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation
from tcert.community.directory.rules import speaks_for_organisation
from tcert.community.directory.team_cards import Card
from tcert.community.responsibility.models import Matrix
from tcert.foundation.kernel.principal import Principal


def card(principal: Principal, organisation: Organisation) -> Card | None:
    """Return whether the organisation takes part, and for members the way to its page."""
    if organisation.state != OrganisationState.LISTED:
        return None
    takes_part = Matrix.objects.filter(organisation=organisation).exists()
    may_begin = principal.is_member and speaks_for_organisation(principal, organisation)
    if not takes_part and not may_begin:
        return None
    told = {"takes_part": takes_part, "is_member": principal.is_member, "pk": organisation.id}
    return Card("responsibility/organisation_card.html", told)
