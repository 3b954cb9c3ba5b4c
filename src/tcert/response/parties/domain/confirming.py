"""The desk hears the key's fingerprint through a second, published channel; then come the terms."""

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.domain import keys
from tcert.community.directory.enums import KeyState, SecondChannel
from tcert.community.directory.models import TeamKey
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases.domain import participants
from tcert.response.cases.domain.notices import tell_team
from tcert.response.cases.enums import Role
from tcert.response.cases.models import Invitation
from tcert.response.parties.domain.inviting import move
from tcert.response.parties.enums import WITH_TEAM, PartyAct
from tcert.response.parties.models import PartyInvitation


def waiting_key(invitation: PartyInvitation) -> TeamKey | None:
    """Return the key of the party that waits to be confirmed, if one does."""
    if invitation.team_id is None:
        return None
    return (
        TeamKey.objects.filter(team=invitation.team_id, state=KeyState.PENDING)
        .select_related("team__organisation")
        .first()
    )


@transaction.atomic
def confirm(
    *,
    principal: Principal,
    invitation: PartyInvitation,
    key: TeamKey,
    heard_fingerprint: str,
    channel: SecondChannel,
    contact: str,
    revision: int | None,
) -> Invitation:
    """Let the key count that the page showed, and put the terms to the party: both, or neither.

    Raises:
        DomainError: what was heard is another fingerprint, no contact is named, or the party must
            not be told any more.
        Conflict: a colleague decided on the key a moment ago, or another key was brought since.

    """
    require(principal, Permission.PARTIES_INVITATION_MANAGE, invitation.case)
    if key.team_id != invitation.team_id:
        raise DomainError(_("This key is not the party's."))
    keys.confirm_key(
        principal=principal,
        key=key,
        heard_fingerprint=heard_fingerprint,
        channel=channel,
        contact=contact,
    )
    return ask(principal=principal, invitation=invitation, revision=revision)


@transaction.atomic
def ask(*, principal: Principal, invitation: PartyInvitation, revision: int | None) -> Invitation:
    """Put the terms to a party whose key counts; from here everything goes the ordinary way.

    `participants.invite` refuses a provisional team without a confirmed key, and who must not be
    told: this is no second door past it.
    """
    require(principal, Permission.PARTIES_INVITATION_MANAGE, invitation.case)
    invitation.claim(revision)
    if invitation.team is None:
        raise Conflict(_("Nobody has made an account by this invitation yet."))
    move(invitation, PartyAct.ASK)
    invitation.save(update_fields=["state"])
    return participants.invite(
        principal=principal,
        case=invitation.case,
        team=invitation.team,
        roles=[Role(role) for role in invitation.roles],
        reason=invitation.believed[:500],
    )


@transaction.atomic
def tell_of_key(*, key: TeamKey) -> None:
    """Tell the desk that a party's key waits; the clock of the party has done its part."""
    for invitation in PartyInvitation.objects.filter(
        team=key.team_id, state__in=sorted(WITH_TEAM)
    ).select_related("case"):
        tell_team(invitation.case, invitation.case.coordinating_team_id, "party-key")
