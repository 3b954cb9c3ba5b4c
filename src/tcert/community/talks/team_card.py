"""What a team's page in the directory says of talks: to members alone."""

from tcert.community.directory.models import Team
from tcert.community.directory.team_cards import Card
from tcert.community.talks import queries
from tcert.community.talks.models import Refusal
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal


def card(principal: Principal, team: Team) -> Card | None:
    """Return the way to a talk with the team, or nothing for who has none."""
    if not principal.is_member or team.id in principal.acting_team_ids:
        return None
    found = queries.with_key(Team.objects.on_list().filter(pk=team.id)).first()
    if found is None:
        return None
    refusals = Refusal.objects.visible_to(principal)
    return Card(
        "talks/team_card.html",
        {
            "team": team,
            "has_key": found.can_be_sealed_to,
            "may_open": allowed(principal, Permission.TALKS_OPEN),
            "may_refuse": allowed(principal, Permission.TALKS_REFUSE),
            "refused": refusals.filter(other=team).exists(),
        },
    )
