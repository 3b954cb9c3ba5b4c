"""What a team's page in the directory says of vouches: to members alone."""

from tcert.community.directory.models import Team
from tcert.community.directory.team_cards import Card
from tcert.community.membership import queries, trust
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal


def card(principal: Principal, team: Team) -> Card | None:
    """Return who vouches for the team and for whom it vouches, or nothing for a stranger."""
    if not allowed(principal, Permission.MEMBERSHIP_VOUCH_READ) or not queries.takes_part(team):
        return None
    now = clock.now()
    around = queries.around(principal, team, now)
    houses = queries.count_houses(team, around, now)
    return Card(
        "membership/team_card.html",
        {
            "received": [one for one in around if one.to_team_id == team.id],
            "given": [one for one in around if one.from_team_id == team.id],
            "houses": houses,
            "is_thin": houses < trust.ENOUGH_HOUSES,
            "is_own": team.id in principal.team_ids,
            "may_vouch": team.id not in principal.team_ids
            and allowed(principal, Permission.MEMBERSHIP_VOUCH_GIVE),
            "has_team": any(not m.is_desk and not m.is_unlisted for m in principal.memberships),
        },
    )
