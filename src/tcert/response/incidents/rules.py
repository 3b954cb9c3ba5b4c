"""Who may report an incident, know of it, act for a team in it, and steer it."""

from typing import Any

import rules

from tcert.community.talks.rules import speaks_for
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_member
from tcert.response.incidents.enums import Standing
from tcert.response.incidents.models import Incident, Party


@rules.predicate
def knows(principal: Principal, incident: Any) -> bool:
    """May know of this incident; with none, of incidents at all."""
    return incident is None or (
        isinstance(incident, Incident) and incident.is_visible_to(principal)
    )


@rules.predicate
def acts_for(principal: Principal, party: Any) -> bool:
    """Speaks for the team of this row, which was told; with none, for any team.

    A duty officer speaks: incidents do not wait for the morning.
    """
    if party is None:
        return speaks_for(principal, None)
    if not isinstance(party, Party) or party.standing not in Standing.told():
        return False
    own = {p.pk for p in party.incident.own_parties(principal)}
    return party.pk in own and speaks_for(principal, party.team)


@rules.predicate
def steers(principal: Principal, incident: Any) -> bool:
    """Speaks for the team that reported this incident or coordinates it; with none, for any."""
    if incident is None:
        return speaks_for(principal, None)
    if not isinstance(incident, Incident):
        return False
    return any(
        p.team_id in incident.steering_ids
        and p.standing == Standing.READS
        and speaks_for(principal, p.team)
        for p in incident.own_parties(principal)
    )


grant(Permission.INCIDENTS_PROGRAM, is_member)
grant(Permission.INCIDENTS_READ, is_member & knows)
grant(Permission.INCIDENTS_REPORT, is_member & speaks_for)
grant(Permission.INCIDENTS_STEER, is_member & steers)
grant(Permission.INCIDENTS_TAKE_PART, is_member & acts_for)
