"""What a team's page says of its maturity: the profile to members if the team shows it."""

from tcert.community.directory.models import Team
from tcert.community.directory.team_cards import Card
from tcert.community.maturity import queries
from tcert.community.maturity.catalogue import PROFILES
from tcert.community.maturity.enums import Profile
from tcert.foundation.kernel.principal import Principal


def card(principal: Principal, team: Team) -> Card | None:
    """Return the profile that the team shows, with its day; nothing for strangers."""
    if not principal.is_member or team.is_desk:
        return None
    shown = queries.shown_profile(team)
    if shown is None:
        return None
    profile = PROFILES[Profile(shown.reached)]
    return Card("maturity/team_card.html", {"profile": profile, "day": shown.published_at})
