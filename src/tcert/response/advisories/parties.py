"""What the case behind an advisory says: who takes part, what is public, when the embargo ends."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tcert.community.directory.models import Team
from tcert.response.cases.enums import (
    EMBARGO_HOLDS,
    CaseEvent,
    ClaimState,
    Consent,
    EmbargoState,
    Presence,
)
from tcert.response.cases.models import Case, CaseClaim, Invitation, Participant
from tcert.response.cases.models.participant import InvitationQuerySet


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What publication asks of a case; without a case there are no parties."""

    teams: tuple[Team, ...] = ()
    is_known: bool = False
    embargo_ends: datetime | None = None
    open_invitations: int = 0


def facts(case_id: UUID | None) -> CaseFacts:
    """Return the facts of a case; a case that retention deleted binds nobody any more."""
    case = Case.objects.select_related("embargo").filter(pk=case_id).first() if case_id else None
    if case is None:
        return CaseFacts()
    known = CaseClaim.objects.filter(
        case=case,
        event__in=[CaseEvent.PUBLIC_AWARE, CaseEvent.EXPLOIT_PUBLIC],
        state=ClaimState.CONFIRMED,
    ).exists()
    holds = EmbargoState(case.embargo.state) in EMBARGO_HOLDS
    taking_part = (
        Participant.objects.filter(case=case, presence=Presence.TAKING_PART, team__isnull=False)
        .exclude(team_id=case.coordinating_team_id)
        .select_related("team__organisation")
    )
    if holds:
        taking_part = taking_part.filter(consent=Consent.SIGNATORY)
    invitations: InvitationQuerySet = Invitation.objects  # type: ignore[assignment]
    return CaseFacts(
        teams=tuple(
            p.team
            for p in taking_part.order_by("team__name")
            if p.team is not None and case.kept_out_by(p.team) is None
        ),
        is_known=known,
        embargo_ends=case.embargo.ends_at if holds else None,
        open_invitations=invitations.waiting().filter(participant__case=case).count(),
    )
