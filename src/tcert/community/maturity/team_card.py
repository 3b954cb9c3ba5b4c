"""What a team's page says of its maturity: the profile, to whom the team shows it."""

from tcert.community.directory.models import Team
from tcert.community.directory.publicity import MATURITY
from tcert.community.directory.team_cards import Card
from tcert.community.maturity import queries
from tcert.community.maturity.catalogue import PROFILES
from tcert.community.maturity.enums import Profile
from tcert.foundation.kernel.principal import Principal


def card(principal: Principal, team: Team) -> Card | None:
    """Return the profile that the team shows, with its day; to strangers if it chose so."""
    if team.is_desk or not (principal.is_member or MATURITY in team.open_fields):
        return None
    shown = queries.shown_profile(team)
    if shown is None:
        return None
    profile = PROFILES[Profile(shown.reached)]
    return Card("maturity/team_card.html", {"profile": profile, "day": shown.published_at})
