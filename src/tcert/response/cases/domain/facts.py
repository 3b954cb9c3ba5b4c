"""P, X and A: first claimed with evidence, then confirmed by the coordinating team."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases import protocol
from tcert.response.cases.domain.embargo import hold
from tcert.response.cases.domain.machines import (
    facts_of,
    follow_publicity,
    move_embargo,
    note,
)
from tcert.response.cases.domain.notices import tell_all, tell_team
from tcert.response.cases.enums import (
    CLAIMED_EVENTS,
    CaseEvent,
    ClaimState,
    EmbargoState,
)
from tcert.response.cases.models import Case, CaseClaim, Participant


@transaction.atomic
def claim(
    *,
    principal: Principal,
    case: Case,
    by: Participant,
    event: CaseEvent,
    evidence: str,
    happened_at: datetime | None = None,
) -> CaseClaim:
    """Claim that the flaw or an exploit is public, or that attacks are observed, with evidence."""
    require(principal, Permission.CASES_ROW_MANAGE, by)
    if event not in CLAIMED_EVENTS:
        raise DomainError(_("This is not claimed; a party states it for itself."))
    if not evidence.strip():
        raise DomainError(_("Say where it can be seen: a claim needs evidence."))
    if happened_at is not None and happened_at > clock.now():
        raise DomainError(_("It cannot have happened in the future."))
    if event in facts_of(case):
        raise DomainError(_("This is confirmed already."))
    claimed = CaseClaim.objects.create(
        case=case, event=event, claimed_by=by, evidence=evidence.strip(), happened_at=happened_at
    )
    note(principal, f"claimed-{event}", case, by)
    if by.team_id != case.coordinating_team_id:
        tell_team(case, case.coordinating_team_id, "claim")
    return claimed


@transaction.atomic
def confirm(*, principal: Principal, claimed: CaseClaim, revision: int | None) -> CaseClaim:
    """Confirm a claim: P or X rejects a proposed embargo and ends one that holds.

    An exploit makes the flaw public too, and what is public makes every vendor aware. A confirmed
    attack ends nothing; it asks the parties to decide.
    """
    case = claimed.case
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    embargo = hold(case)
    _decide(principal, claimed, revision, ClaimState.CONFIRMED)
    event = CaseEvent(claimed.event)
    at = claimed.happened_at or clock.now()
    note(principal, f"confirmed-{event}", case)
    emit("cases:fact_confirmed", case.id, fact=event)
    if event is CaseEvent.EXPLOIT_PUBLIC and CaseEvent.PUBLIC_AWARE not in facts_of(case):
        CaseClaim.objects.create(
            case=case,
            event=CaseEvent.PUBLIC_AWARE,
            state=ClaimState.CONFIRMED,
            claimed_by=claimed.claimed_by,
            evidence=claimed.evidence,
            happened_at=at,
            decided_at=clock.now(),
            decided_by=principal.person_id,
        )
        note(principal, "confirmed-P", case, follows=True)
        emit("cases:fact_confirmed", case.id, fact=CaseEvent.PUBLIC_AWARE)
    embargo.claim(None)
    before = EmbargoState(embargo.state)
    act = protocol.embargo_act_after(before, event)
    if act is not None:
        move_embargo(principal=principal, embargo=embargo, act=act, reason=f"fact-{event}")
    if event is not CaseEvent.ATTACKS_OBSERVED:
        follow_publicity(principal=principal, case=case, at=at)
    if act is not None or protocol.prompts_decision(before, event):
        tell_all(case, "embargo")
    return claimed


@transaction.atomic
def set_aside(*, principal: Principal, claimed: CaseClaim, revision: int | None) -> CaseClaim:
    """Set a claim aside that its evidence does not bear out."""
    require(principal, Permission.CASES_CASE_COORDINATE, claimed.case)
    _decide(principal, claimed, revision, ClaimState.SET_ASIDE)
    note(principal, f"set-aside-{claimed.event}", claimed.case)
    return claimed


def _decide(
    principal: Principal, claimed: CaseClaim, revision: int | None, state: ClaimState
) -> None:
    claimed.claim(revision)
    if claimed.state != ClaimState.CLAIMED:
        raise DomainError(_("This claim was decided already."))
    if state is ClaimState.CONFIRMED and CaseEvent(claimed.event) in facts_of(claimed.case):
        raise DomainError(_("The same was confirmed already: set this claim aside."))
    claimed.state = state
    claimed.decided_at, claimed.decided_by = clock.now(), principal.person_id
    claimed.save(update_fields=["state", "decided_at", "decided_by"])
