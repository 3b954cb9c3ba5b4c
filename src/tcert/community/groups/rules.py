"""Who may found a group, know of it, act for a team in it, and steward it; with whom it shares."""

from typing import Any

import rules

from tcert.community.directory.models import Team
from tcert.community.directory.rules import speaks_for
from tcert.community.groups.enums import State
from tcert.community.groups.models import Group, Seat
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_member


@rules.predicate
def acts_for(principal: Principal, about: Any) -> bool:
    """Speaks for this team, or for the team of a seat; with none, for any. Never for the desk."""
    return speaks_for(principal, about.team if isinstance(about, Seat) else about)


@rules.predicate
def knows(principal: Principal, group: Any) -> bool:
    """May know that this group exists; with none, may know of groups at all."""
    return group is None or (isinstance(group, Group) and group.is_visible_to(principal))


@rules.predicate
def stewards(principal: Principal, group: Any) -> bool:
    """Speaks for a listed team that is a steward of this group; with none, for any team."""
    if group is None:
        return speaks_for(principal, None)
    if not isinstance(group, Group) or group.is_closed:
        return False
    seats = group.seats.active().filter(is_steward=True).select_related("team")
    return any(speaks_for(principal, seat.team) for seat in seats)


def shares_with(team: Team, group: Group) -> bool:
    """Tell whether what is addressed to a group reaches a team: the one question of upper rooms."""
    return group.seats.active().filter(team=team, state=State.MEMBER).exists()


grant(Permission.GROUPS_FOUND, is_member & acts_for)
grant(Permission.GROUPS_READ, is_member & knows)
grant(Permission.GROUPS_SEAT_MANAGE, is_member & acts_for)
grant(Permission.GROUPS_STEWARD, is_member & stewards)
