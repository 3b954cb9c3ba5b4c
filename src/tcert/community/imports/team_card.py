"""What a team's page says to those who lead it: that another directory says something else."""

from tcert.community.directory.models import Team
from tcert.community.directory.team_cards import Card
from tcert.community.imports.models import Entry
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal


def card(principal: Principal, team: Team) -> Card | None:
    """Return how many entries of other directories are about the team, for who leads it."""
    if not allowed(principal, Permission.IMPORTS_COMPARE, team):
        return None
    count = Entry.objects.filter(team=team).count()
    return Card("imports/team_card.html", {"count": count, "team": team}) if count else None
