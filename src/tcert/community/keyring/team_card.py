"""What a team's page in the directory says of its keys: to members alone."""

from tcert.community.directory.models import Team
from tcert.community.directory.team_cards import Card
from tcert.community.keyring import queries
from tcert.community.keyring.models import LEVELS
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal


def card(principal: Principal, team: Team) -> Card | None:
    """Return the current keys with how each is known, or nothing for a stranger."""
    if not allowed(principal, Permission.KEYRING_READ):
        return None
    keys = [key for key in queries.keys_of(principal, [team.id]) if key.is_current]
    known = queries.verified(keys)
    return Card(
        "keyring/team_card.html",
        {
            "keys": [
                {
                    "key": key,
                    "levels": [LEVELS[level] for level in known[key.name].levels],
                    "strongest": known[key.name].strongest,
                    "teams": known[key.name].teams,
                }
                for key in keys
            ],
            "is_own": team.id in principal.team_ids,
        },
    )
