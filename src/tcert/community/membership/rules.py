"""Who may vouch for a team, take a vouch back, and look at teams for which too few stand."""

from typing import Any

import rules

from tcert.community.directory.models import Team
from tcert.community.directory.rules import speaks_for
from tcert.community.directory.ties import tied_houses
from tcert.community.membership.models import Review, Vouch
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_member


@rules.predicate
def gave(principal: Principal, vouch: Any) -> bool:
    """Speaks for the team that gave this vouch; with none, for any team."""
    if vouch is None:
        return speaks_for(principal, None)
    return isinstance(vouch, Vouch) and speaks_for(principal, vouch.from_team)


@rules.predicate
def is_untied(principal: Principal, about: Any) -> bool:
    """Nothing ties the coordinator to a house that the vouch or the review is about."""
    teams: list[Team] = []
    if isinstance(about, Vouch):
        teams = [about.from_team, about.to_team]
    elif isinstance(about, Review):
        teams = [about.team]
    tied = tied_houses(principal) if teams else frozenset()
    return not tied or tied.isdisjoint(team.organisation.house for team in teams)


grant(Permission.MEMBERSHIP_REVIEW, is_coordinator & is_untied)
grant(Permission.MEMBERSHIP_VOUCH_GIVE, is_member & speaks_for)
grant(Permission.MEMBERSHIP_VOUCH_READ, is_member)
grant(Permission.MEMBERSHIP_VOUCH_WITHDRAW, (is_member & gave) | (is_coordinator & is_untied))
