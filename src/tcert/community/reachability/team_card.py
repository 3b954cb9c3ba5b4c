"""What a team's page in the directory says of its reachability: to members alone."""

from tcert.community.directory.models import Team
from tcert.community.directory.team_cards import Card
from tcert.community.reachability import queries
from tcert.community.reachability.models import Drill
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal


def card(principal: Principal, team: Team) -> Card | None:
    """Return the last drill and which addresses take no mail, or nothing for a stranger."""
    if not allowed(principal, Permission.REACHABILITY_READ):
        return None
    drills = Drill.objects.visible_to(principal).counted().closed().filter(team=team)
    troubled = [one for one in queries.addresses_of(principal, [team.id]) if one.is_troubled]
    return Card(
        "reachability/team_card.html",
        {
            "drill": drills.first(),
            "troubled": troubled,
            "is_own": team.id in principal.team_ids,
        },
    )
