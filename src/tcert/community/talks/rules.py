"""Who may begin a talk, read it, write into it, and act on a team's place in one."""

from typing import Any

import rules

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Team
from tcert.community.talks.enums import State
from tcert.community.talks.models import Place, Talk
from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_member

SPEAKING = frozenset({TeamRole.REPRESENTATIVE, TeamRole.DEPUTY, TeamRole.DUTY_OFFICER})


@rules.predicate
def speaks_for(principal: Principal, about: Any) -> bool:
    """A representative, deputy or duty officer of this listed team; with none, of any.

    Of a place: of the team whose place it is. For the desk in a staff session only.
    """
    speaking = {
        m.team_id
        for m in principal.memberships
        if m.role in SPEAKING and not m.is_unlisted and m.team_id in principal.acting_team_ids
    }
    if about is None:
        return bool(speaking)
    if isinstance(about, Place):
        return about.team_id in speaking
    return isinstance(about, Team) and about.id in speaking


@rules.predicate
def leads(principal: Principal, team: Any) -> bool:
    """A representative or deputy of this team; with none, of any. For the desk in a session."""
    leading = {
        m.team_id
        for m in principal.memberships
        if m.role in TeamRole.leading() and m.team_id in principal.acting_team_ids
    }
    return bool(leading) if team is None else isinstance(team, Team) and team.id in leading


@rules.predicate
def reads(principal: Principal, talk: Any) -> bool:
    """Belongs to a team that reads this talk; with none, to a team."""
    return talk is None or (isinstance(talk, Talk) and talk.is_read_by(principal))


@rules.predicate
def is_open(_principal: Principal, talk: Any) -> bool:
    """Can anything still be written into it?"""
    return talk is None or (isinstance(talk, Talk) and talk.state is State.OPEN)


grant(Permission.TALKS_OPEN, is_member & speaks_for)
grant(Permission.TALKS_PLACE_MANAGE, is_member & speaks_for)
grant(Permission.TALKS_POST, is_member & reads & is_open)
grant(Permission.TALKS_READ, is_member & reads)
grant(Permission.TALKS_REFUSE, is_member & leads)
