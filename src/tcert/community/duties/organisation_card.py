"""What an organisation's page in the directory says of its duties to report: to members alone."""

from tcert.community.directory.models import Organisation
from tcert.community.directory.team_cards import Card
from tcert.community.duties.models import Duty
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal

SHOWN = 5


def card(principal: Principal, organisation: Organisation) -> Card | None:
    """Return the duties with the shortest terms, or nothing for a stranger."""
    if not allowed(principal, Permission.DUTIES_READ):
        return None
    seen = Duty.objects.visible_to(principal).standing().filter(organisation=organisation)
    found = list(seen[: SHOWN + 1])
    may_declare = allowed(principal, Permission.DUTIES_DECLARE, organisation)
    if not found and not may_declare:
        return None
    return Card(
        "duties/organisation_card.html",
        {"duties": found[:SHOWN], "more": len(found) > SHOWN, "may_declare": may_declare},
    )
