"""Who may do what in a case: small predicates, composed; the test tables every combination."""

from typing import Any

import rules

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import is_coordinator, is_in_team
from tcert.response.cases.enums import Management, Presence
from tcert.response.cases.models import Case, CaseThread, Invitation, Participant
from tcert.response.cases.models.case import acting_team_ids


@rules.predicate
def coordinates(principal: Principal, case: Any) -> bool:
    """Coordinates this case now; without a case, may coordinate some."""
    if case is None:
        return bool(acting_team_ids(principal))
    return isinstance(case, Case) and case.is_coordinated_by(principal)


@rules.predicate
def takes_part(principal: Principal, case: Any) -> bool:
    """Belongs to a team that takes part in this case and may read it; without a case, to a team."""
    if case is None:
        return principal.is_in_team
    return isinstance(case, Case) and case.is_joined_by(principal)


@rules.predicate
def may_bring_in(principal: Principal, case: Any) -> bool:
    """Belongs to a participant at Accepted."""
    if case is None:
        return principal.is_in_team
    return isinstance(case, Case) and any(
        p.team_id in acting_team_ids(principal)
        and p.presence == Presence.TAKING_PART
        and p.management == Management.ACCEPTED
        for p in case.participants.all()
    )


@rules.predicate
def is_own_row(principal: Principal, participant: Any) -> bool:
    """Belongs to the participant's team, which takes part; without one, to a team."""
    if participant is None:
        return principal.is_in_team
    return (
        isinstance(participant, Participant)
        and participant.team_id in acting_team_ids(principal)
        and participant.presence == Presence.TAKING_PART
        and (
            participant.case.is_joined_by(principal)
            or participant.case.is_coordinated_by(principal)
        )
    )


@rules.predicate
def is_invited(principal: Principal, invitation: Any) -> bool:
    """Belongs to the invited team; without an invitation, to a team."""
    if invitation is None:
        return principal.is_in_team
    return isinstance(invitation, Invitation) and invitation.participant.team_id in acting_team_ids(
        principal
    )


@rules.predicate
def reads_thread(principal: Principal, thread: Any) -> bool:
    """Belongs to a team that reads this thread; without a thread, to a team."""
    if thread is None:
        return principal.is_in_team
    return isinstance(thread, CaseThread) and thread.is_visible_to(principal)


grant(Permission.CASES_BOARD_READ, is_coordinator)
grant(Permission.CASES_CASE_COORDINATE, is_in_team & coordinates)
grant(Permission.CASES_INVITATION_ANSWER, is_in_team & is_invited)
grant(Permission.CASES_CASE_INVITE, is_in_team & coordinates & may_bring_in)
grant(Permission.CASES_CASE_READ, is_in_team & (coordinates | takes_part))
grant(Permission.CASES_ROW_MANAGE, is_in_team & is_own_row)
grant(Permission.CASES_THREAD_POST, is_in_team & reads_thread)
