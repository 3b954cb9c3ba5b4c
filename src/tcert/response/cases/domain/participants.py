"""Who comes in, on which terms, how each stands, and who leaves."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.directory.queries import active_key
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.response.cases import protocol
from tcert.response.cases.domain import threads
from tcert.response.cases.domain.embargo import hold, settle_revision
from tcert.response.cases.domain.machines import (
    move_consent,
    move_management,
    move_path,
    note,
)
from tcert.response.cases.domain.notices import tell_team
from tcert.response.cases.domain.terms import put_terms
from tcert.response.cases.domain.triage import check_may_be_told, coordinator_row
from tcert.response.cases.enums import (
    INVITED_ROLES,
    Answer,
    CaseEvent,
    Consent,
    ConsentAct,
    InvitationState,
    Management,
    ManagementAct,
    Presence,
    ProposalState,
    Role,
)
from tcert.response.cases.models import (
    Case,
    EmbargoAnswer,
    Invitation,
    Participant,
    ParticipantRole,
)
from tcert.response.cases.models.case import acting_team_ids
from tcert.response.cases.refusals import in_words

MAY_BE_ASKED_AGAIN = frozenset(
    {Presence.DECLINED, Presence.EXPIRED, Presence.WITHDRAWN, Presence.REMOVED}
)


@transaction.atomic
def invite(
    *,
    principal: Principal,
    case: Case,
    team: Team,
    roles: Collection[Role],
    reason: str = "",
) -> Invitation:
    """Ask a team in. It is shown the terms only; the report waits for its yes.

    Only a participant at Accepted brings others in; who must not be told is refused; a team that
    takes part already is refused, so that the second of two people is told. A party that let the
    terms of a later embargo lapse, or declined them, can be put them again.
    """
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    own = coordinator_row(case)
    with in_words():
        protocol.check_may_bring_in(Management(own.management))
    chosen = set(roles)
    if not chosen or not chosen <= set(INVITED_ROLES):
        raise DomainError(_("Choose at least one role that a team can have."))
    if team.retired_at is not None:
        raise DomainError(_("%(team)s is no longer on the list.") % {"team": team})
    if team.organisation.is_provisional and active_key(team.id, clock.now()) is None:
        # Terms name a case: nobody reads them of whom only a mail address is known.
        raise DomainError(
            _("%(team)s came by an invitation, and its key is not confirmed yet.") % {"team": team}
        )
    # Held, so that a colleague who enters now that the team must not be told comes before or after.
    Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    check_may_be_told(case, team)
    participant, created = Participant.objects.get_or_create(
        case=case, team=team, defaults={"presence": Presence.INVITED}
    )
    participant.claim(None)
    if not created:
        if _lacks_only_consent(participant):
            pass
        elif participant.presence not in MAY_BE_ASKED_AGAIN:
            raise DomainError(
                _("%(team)s has been asked already: %(presence)s.")
                % {"team": team, "presence": participant.get_presence_display()},
                code="conflict",
            )
        else:
            participant.presence, participant.left_at = Presence.INVITED, None
            participant.save(update_fields=["presence", "left_at"])
    _set_roles(participant, chosen)
    if created and Role.FINDER in chosen:
        participant.management = protocol.starting_state(chosen)
        participant.save(update_fields=["management"])
    if case.has_embargo and participant.consent in {
        Consent.NO_EMBARGO,
        Consent.LAPSED,
        Consent.DECLINED,
    }:
        move_consent(
            principal=principal, participant=participant, act=ConsentAct.INVITE, silent=True
        )
    invitation = put_terms(principal=principal, participant=participant, reason=reason)
    emit("cases:participant_invited", case.id, participant=participant.id, team=team.id)
    return invitation


def _lacks_only_consent(participant: Participant) -> bool:
    """Tell whether a party takes part, has not signed what holds, and has no open question."""
    return (
        participant.presence == Presence.TAKING_PART
        and participant.case.has_embargo
        and participant.consent != Consent.SIGNATORY
        and not participant.invitations.filter(state=InvitationState.WAITING).exists()
    )


def _set_roles(participant: Participant, roles: Collection[Role]) -> None:
    participant.roles.exclude(role__in=roles).delete()
    for role in sorted(roles):
        ParticipantRole.objects.get_or_create(participant=participant, role=role)


@transaction.atomic
def see(*, principal: Principal, invitation: Invitation) -> None:
    """Note that somebody of the team has opened its invitation: silence is told apart from that."""
    if (
        invitation.seen_at is None
        and invitation.participant.team_id in acting_team_ids(principal)
        and invitation.is_open
    ):
        invitation.seen_at = clock.now()
        invitation.save(update_fields=["seen_at"])
        note(principal, "seen", invitation.participant.case, invitation.participant)


@transaction.atomic
def accept(
    *,
    principal: Principal,
    invitation: Invitation,
    revision: int | None,
    agreed_end: datetime | None,
    shows_itself: bool = False,
) -> Participant:
    """Accept the TLP terms and, if one holds, the embargo, and join the case.

    `agreed_end` is the end that the page showed: if the embargo changed meanwhile the person looks
    again. From here the team is a party: it has received the report, and a vendor or operator is
    aware of the flaw. The embargo is held, so that none is lengthened past a signatory who joins.
    """
    require(principal, Permission.CASES_INVITATION_ANSWER, invitation)
    hold(invitation.participant.case)
    _check_open(principal, invitation, revision)
    participant = invitation.participant
    case = participant.case
    # It may have come under who must not be told since it was asked; it does not learn that.
    if participant.team is not None and case.kept_out_by(participant.team) is not None:
        raise DomainError(_("This invitation no longer holds. Ask the coordinating team."))
    ends_at = case.embargo.ends_at if case.has_embargo else None
    if agreed_end != ends_at or invitation.tlp != case.tlp:
        raise DomainError(
            _("The terms have changed since you opened this page. Read them again, then decide."),
            code="terms-changed",
        )
    _answer(principal, invitation, InvitationState.ACCEPTED)
    if case.has_embargo:
        # Who was removed and comes back is still bound by its word, and is asked again.
        if participant.consent != Consent.SIGNATORY:
            move_consent(principal=principal, participant=participant, act=ConsentAct.ACCEPT)
        for proposal in case.embargo.proposals.filter(state=ProposalState.OPEN):
            EmbargoAnswer.objects.get_or_create(
                proposal=proposal, participant=participant, defaults={"answer": Answer.WAITING}
            )
    joins = participant.presence != Presence.TAKING_PART
    participant.presence = Presence.TAKING_PART
    participant.shows_itself = shows_itself
    participant.joined_at = participant.joined_at or clock.now()
    participant.last_heard_at = clock.now()
    participant.save()
    if joins:
        _receive(principal, participant)
        threads.open_with_desk(principal=principal, participant=participant)
        note(principal, "joined", case, participant)
        # In time, since an invitation lapses. It names the row and no case: it is counted, no more.
        emit("cases:acknowledged", participant.id, team=participant.team_id)
    tell_team(case, case.coordinating_team_id, "answer")
    emit("cases:participant_joined", case.id, participant=participant.id)
    return participant


def _receive(principal: Principal, participant: Participant) -> None:
    if participant.management == Management.START:
        move_management(principal=principal, participant=participant, act=ManagementAct.RECEIVE)
    acts = {Role.VENDOR, Role.DEPLOYER} & set(participant.role_names)
    if acts and participant.vendor_aware_at is None:
        move_path(principal=principal, participant=participant, event=CaseEvent.VENDOR_AWARE)


@transaction.atomic
def decline(*, principal: Principal, invitation: Invitation, revision: int | None) -> None:
    """Decline: the team stays out and has seen nothing but the terms."""
    _check_open(principal, invitation, revision)
    participant = invitation.participant
    _answer(principal, invitation, InvitationState.DECLINED)
    if participant.consent == Consent.INVITED:
        move_consent(principal=principal, participant=participant, act=ConsentAct.DECLINE)
    if participant.presence == Presence.INVITED:
        participant.presence = Presence.DECLINED
        participant.save(update_fields=["presence"])
    note(principal, "declined", participant.case, participant)
    tell_team(participant.case, participant.case.coordinating_team_id, "answer")


def _check_open(principal: Principal, invitation: Invitation, revision: int | None) -> None:
    require(principal, Permission.CASES_INVITATION_ANSWER, invitation)
    if invitation.participant.team_id not in acting_team_ids(principal):
        raise DomainError(_("Only the invited team answers its invitation."))
    invitation.claim(revision)
    if invitation.state != InvitationState.WAITING:
        raise DomainError(_("This invitation was answered or withdrawn already."))
    if invitation.expires_at <= clock.now():
        raise DomainError(
            _("This invitation has expired. Ask the coordinating team to invite you again.")
        )


def _answer(principal: Principal, invitation: Invitation, state: InvitationState) -> None:
    invitation.state = state
    invitation.answered_at, invitation.answered_by = clock.now(), principal.person_id
    invitation.seen_at = invitation.seen_at or clock.now()
    invitation.save()


@transaction.atomic
def withdraw(*, principal: Principal, invitation: Invitation) -> None:
    """Take an unanswered invitation back."""
    require(principal, Permission.CASES_CASE_COORDINATE, invitation.participant.case)
    invitation.claim(None)
    if invitation.state != InvitationState.WAITING:
        raise DomainError(_("This invitation was answered or withdrawn already."))
    _lapse(principal, invitation, InvitationState.WITHDRAWN, Presence.WITHDRAWN)


@transaction.atomic
def expire(*, invitation: Invitation) -> bool:
    """Let an invitation lapse whose time is over; True if this call did."""
    invitation.claim(None)
    if invitation.state != InvitationState.WAITING or invitation.expires_at > clock.now():
        return False
    _lapse(SYSTEM, invitation, InvitationState.EXPIRED, Presence.EXPIRED)
    tell_team(
        invitation.participant.case,
        invitation.participant.case.coordinating_team_id,
        "answer",
    )
    return True


def _lapse(
    principal: Principal, invitation: Invitation, state: InvitationState, presence: Presence
) -> None:
    participant = invitation.participant
    invitation.state, invitation.answered_at = state, clock.now()
    invitation.save(update_fields=["state", "answered_at"])
    if participant.presence == Presence.INVITED:
        participant.presence = presence
        participant.save(update_fields=["presence"])
        if participant.consent == Consent.INVITED:
            move_consent(
                principal=principal, participant=participant, act=ConsentAct.RESET, silent=True
            )
    note(principal, f"invitation-{state}", participant.case, participant)


@transaction.atomic
def remove(
    *, principal: Principal, participant: Participant, typed_name: str, revision: int | None
) -> None:
    """Remove a party, whose name the person typed: it gets nothing new from now on.

    What it has read cannot be recalled. An embargo that it signed binds it by its own word still,
    but a longer end no longer waits for its answer.
    """
    case = participant.case
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    hold(case)
    if participant.team is None or participant.is_coordinator:
        raise DomainError(_("The reporter and the coordinating team cannot be removed."))
    if " ".join(typed_name.split()).casefold() != participant.team.name.casefold():
        raise DomainError(_("Type the team's name exactly as it stands above."), code="name")
    participant.claim(revision)
    if participant.presence == Presence.REMOVED:
        raise DomainError(_("This team was removed already."))
    participant.invitations.filter(state=InvitationState.WAITING).update(
        state=InvitationState.WITHDRAWN, answered_at=clock.now()
    )
    participant.presence, participant.left_at = Presence.REMOVED, clock.now()
    participant.save(update_fields=["presence", "left_at"])
    EmbargoAnswer.objects.filter(
        participant=participant, proposal__state=ProposalState.OPEN, answer=Answer.WAITING
    ).delete()
    threads.leave_all(principal=principal, participant=participant)
    note(principal, "removed", case, participant)
    settle_revision(principal=principal, case=case)
    tell_team(case, participant.team_id, "removed")
    emit("cases:participant_removed", case.id, participant=participant.id)


@transaction.atomic
def manage_own(
    *, principal: Principal, participant: Participant, act: ManagementAct, revision: int | None
) -> Participant:
    """Move one's own report management: valid, invalid, accepted, deferred, closed."""
    require(principal, Permission.CASES_ROW_MANAGE, participant)
    if participant.is_coordinator:
        raise DomainError(_("The coordinating team judges the report on the triage page."))
    participant.claim(revision)
    move_management(principal=principal, participant=participant, act=act)
    heard(participant)
    return participant


@transaction.atomic
def reach_step(
    *, principal: Principal, participant: Participant, event: CaseEvent, revision: int | None
) -> Participant:
    """Say that one's fix is ready or deployed; the coordinating team may say it for a party."""
    if not participant.case.is_coordinated_by(principal):
        require(principal, Permission.CASES_ROW_MANAGE, participant)
    if not {Role.VENDOR, Role.DEPLOYER} & set(participant.role_names):
        raise DomainError(_("Only a vendor or an operator has a fix to make or to deploy."))
    participant.claim(revision)
    move_path(principal=principal, participant=participant, event=event)
    heard(participant)
    return participant


@transaction.atomic
def describe_own(
    *,
    principal: Principal,
    participant: Participant,
    tracking_id: str,
    shows_itself: bool,
    will_not_answer: bool,
    revision: int | None,
) -> Participant:
    """Keep one's own tracking id and choices: to be seen by the others, not to answer."""
    require(principal, Permission.CASES_ROW_MANAGE, participant)
    participant.claim(revision)
    participant.tracking_id = " ".join(tracking_id.split())[:60]
    participant.shows_itself = shows_itself
    participant.will_not_answer = will_not_answer
    participant.save(update_fields=["tracking_id", "shows_itself", "will_not_answer"])
    note(principal, "own-row", participant.case, participant, shows_itself=shows_itself)
    heard(participant)
    return participant


def heard(participant: Participant) -> None:
    """Note when a party was last heard; a reporter never has an hour."""
    if not participant.is_reporter:
        participant.last_heard_at = clock.now()
        participant.save(update_fields=["last_heard_at"])
