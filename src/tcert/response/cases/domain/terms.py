"""The terms that a team is asked to accept before it is shown anything."""

from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases import protocol
from tcert.response.cases.domain.machines import note
from tcert.response.cases.domain.notices import tell_team
from tcert.response.cases.enums import InvitationState
from tcert.response.cases.models import Invitation, Participant


def put_terms(*, principal: Principal, participant: Participant, reason: str = "") -> Invitation:
    """Write an invitation with today's terms: TLP, and the embargo's end if one holds.

    It expires after 72 hours, or with the embargo if that ends sooner. An older waiting one of the
    same team is withdrawn, so that a team never agrees to terms that no longer hold.
    """
    case = participant.case
    if participant.team_id is None:
        raise DomainError(_("A reporter is asked in the reporter's own thread."))
    participant.invitations.filter(state=InvitationState.WAITING).update(
        state=InvitationState.WITHDRAWN, answered_at=clock.now()
    )
    ends_at = case.embargo.ends_at if case.has_embargo else None
    now = clock.now()
    invitation = Invitation.objects.create(
        participant=participant,
        tlp=case.tlp,
        embargo_ends_at=ends_at,
        reason=reason,
        invited_at=now,
        invited_by=principal.person_id,
        expires_at=protocol.invitation_expiry(now, ends_at),
    )
    note(principal, "invited", case, participant, expires_at=invitation.expires_at.isoformat())
    tell_team(case, participant.team_id, "invitation")
    return invitation
