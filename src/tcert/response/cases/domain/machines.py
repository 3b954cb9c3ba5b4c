"""The only code that changes a state of the protocol: one function per machine.

Each checks the move against `protocol`, saves, writes the record and puts the domain event into
the outbox, in the caller's transaction. Callers have claimed the row's revision before.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.response.cases import protocol
from tcert.response.cases.enums import (
    CaseEvent,
    ClaimState,
    ConsentAct,
    EmbargoAct,
    EmbargoState,
    InvitationState,
    Management,
    ManagementAct,
    Presence,
    ProposalState,
    Role,
)
from tcert.response.cases.models import Case, Embargo, Invitation, Participant
from tcert.response.cases.protocol import CaseState
from tcert.response.cases.refusals import in_words

_PATH_FIELDS = {
    CaseEvent.VENDOR_AWARE: "vendor_aware_at",
    CaseEvent.FIX_READY: "fix_ready_at",
    CaseEvent.FIX_DEPLOYED: "fix_deployed_at",
}


def note(
    principal: Principal, act: str, case: Case, participant: Participant | None = None, **data: Any
) -> None:
    """Write the record of an act in a case; the timeline is read from these."""
    if participant is not None:
        data["participant"] = str(participant.id)
    record(principal, f"cases:{act}", "case", case.id, **data)


def facts_of(case: Case) -> frozenset[CaseEvent]:
    """Return the confirmed facts of the case: P, X, A."""
    return frozenset(
        CaseEvent(event)
        for event in case.claims.filter(state=ClaimState.CONFIRMED).values_list("event", flat=True)
    )


def state_of(case: Case, participant: Participant | None = None) -> CaseState:
    """Return the case state as one party stands in it, or as the whole case does.

    The whole case counts a vendor aware, a fix ready or deployed when any party is.
    """
    facts = facts_of(case)
    if participant is not None:
        return protocol.path_state(path=participant.path, facts=facts)
    path = {event for p in case.participants.all() for event in p.path}
    return protocol.path_state(path=path, facts=facts)


def move_management(
    *,
    principal: Principal,
    participant: Participant,
    act: ManagementAct,
    duplicate: bool = False,
) -> Management:
    """Move one participant's report management; raises `MoveRefused`."""
    before = Management(participant.management)
    with in_words():
        after = protocol.manage(before, act, duplicate=duplicate)
    participant.management = after
    participant.save(update_fields=["management"])
    note(principal, f"management-{act}", participant.case, participant, before=before, after=after)
    emit(
        "cases:management_changed",
        participant.case_id,
        participant=participant.id,
        before=before,
        after=after,
    )
    return after


def move_consent(
    *, principal: Principal, participant: Participant, act: ConsentAct, silent: bool = False
) -> None:
    """Move one participant's consent to the embargo; raises `MoveRefused`.

    `silent` leaves out the record where the case's own record says the same of all parties.
    """
    with in_words():
        participant.consent = protocol.consent(participant.consent, act)  # type: ignore[arg-type]
    participant.save(update_fields=["consent"])
    if not silent:
        note(
            principal,
            f"consent-{act}",
            participant.case,
            participant,
            after=participant.consent,
        )


def move_embargo(
    *,
    principal: Principal,
    embargo: Embargo,
    act: EmbargoAct,
    by: Participant | None = None,
    ends_at: datetime | None = None,
    zone: str = "UTC",
    reason: str = "",
) -> EmbargoState:
    """Move the embargo of a case; raises `MoveRefused`.

    An accepted end replaces the earlier one. A terminated embargo closes its open proposals and
    every consent, and tells all; it lifts no TLP and obliges nobody to publish.
    """
    case = embargo.case
    before = EmbargoState(embargo.state)
    with in_words():
        after = protocol.embargo(
            before, act, facts=state_of(case), despite_attacks=case.despite_attacks
        )
    now = clock.now()
    embargo.state = after
    if act is EmbargoAct.ACCEPT and ends_at is not None:
        embargo.ends_at, embargo.zone = ends_at, zone
        embargo.activated_at = embargo.activated_at or now
        # An invitation to an embargo never outlives it.
        Invitation.objects.filter(
            participant__case=case, state=InvitationState.WAITING, expires_at__gt=ends_at
        ).update(expires_at=ends_at)
    if act is EmbargoAct.TERMINATE:
        embargo.ended_at, embargo.ended_by = now, reason
    embargo.save()
    if act is EmbargoAct.TERMINATE or (act is EmbargoAct.REJECT and reason):
        embargo.proposals.filter(state=ProposalState.OPEN).update(
            state=ProposalState.OVERTAKEN, decided_at=now
        )
    if act is EmbargoAct.TERMINATE:
        for participant in case.participants.all():
            move_consent(
                principal=principal, participant=participant, act=ConsentAct.RESET, silent=True
            )
    at = (ends_at or embargo.ends_at) if act is not EmbargoAct.REJECT else None
    note(
        principal,
        f"embargo-{act}",
        case,
        by,
        before=before,
        after=after,
        ends_at=at.isoformat() if at else None,
        reason=reason,
    )
    emit("cases:embargo_changed", case.id, before=before, after=after, reason=reason)
    return after


def move_path(
    *,
    principal: Principal,
    participant: Participant,
    event: CaseEvent,
    at: datetime | None = None,
    forced: bool = False,
) -> None:
    """Set V, F or D of one vendor or deployer; raises `MoveRefused`.

    A fix needs its vendor at Accepted, Deferred or Closed. `forced` is the awareness that follows
    by itself when the flaw became public.
    """
    state = state_of(participant.case, participant)
    with in_words():
        protocol.step(state, event, management=Management(participant.management))
    field = _PATH_FIELDS[event]
    setattr(participant, field, at or clock.now())
    participant.save(update_fields=[field])
    note(principal, f"step-{event}", participant.case, participant, forced=forced)
    emit("cases:step_reached", participant.case_id, participant=participant.id, step=event)


def follow_publicity(*, principal: Principal, case: Case, at: datetime) -> None:
    """Make every vendor and deployer aware once the flaw is public: the rule of the next step."""
    parties = case.participants.filter(
        Q(roles__role__in=[Role.VENDOR, Role.DEPLOYER]),
        vendor_aware_at__isnull=True,
        presence__in=[Presence.TAKING_PART, Presence.INVITED],
    ).distinct()
    for participant in parties:
        move_path(
            principal=principal,
            participant=participant,
            event=CaseEvent.VENDOR_AWARE,
            at=at,
            forced=True,
        )
