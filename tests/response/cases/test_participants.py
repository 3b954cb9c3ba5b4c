"""Who comes in, on which terms, and who leaves."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from tests.factories.case_parties import give_key
from tests.factories.cases import (
    END,
    CaseFactory,
    ExclusionFactory,
    InvitationFactory,
    ParticipantFactory,
    ReceivedFactory,
)
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import principal_of

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.cases.domain import embargo, participants, triage
from tcert.response.cases.enums import (
    CaseEvent,
    Consent,
    EmbargoState,
    InvitationState,
    Management,
    ManagementAct,
    Presence,
    Role,
    ThreadPurpose,
)
from tcert.response.cases.jobs import run_clocks
from tcert.response.cases.models import Case, Participant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def at_noon():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def coordinator():
    return principal_of(coordinator_of_desk(), coordinator=True)


@pytest.fixture
def case():
    made = CaseFactory()
    give_key(made.coordinating_team)
    return made


@pytest.fixture
def embargoed():
    made = CaseFactory(parts__embargo=EmbargoState.ACTIVE)
    give_key(made.coordinating_team)
    return made


def invite(coordinator, case, team=None, roles=(Role.VENDOR,)):
    team = team or TeamFactory()
    if not team.keys.exists():
        give_key(team)
    invitation = participants.invite(
        principal=coordinator, case=case, team=team, roles=roles, reason="makes Corevale UDM"
    )
    return invitation, principal_of(member_of(team))


def accept(principal, invitation, end=None, **more):
    return participants.accept(
        principal=principal, invitation=invitation, revision=None, agreed_end=end, **more
    )


def test_an_invitee_sees_nothing_before_it_accepts(coordinator, embargoed):
    invitation, invitee = invite(coordinator, embargoed, roles=(Role.VENDOR, Role.DEPLOYER))
    assert invitation.embargo_ends_at == END
    assert invitation.expires_at == NOW + 72 * HOUR
    assert invitation.is_visible_to(invitee)
    assert not embargoed.is_visible_to(invitee)
    assert not Case.objects.visible_to(invitee).exists()
    participant = accept(invitee, invitation, END)
    assert participant.consent == Consent.SIGNATORY
    assert participant.management == Management.RECEIVED
    assert participant.vendor_aware_at == NOW
    assert participant.role_names == {Role.VENDOR, Role.DEPLOYER}
    assert Case.objects.visible_to(invitee).get() == embargoed
    link = embargoed.threads.get(purpose=ThreadPurpose.DESK)
    assert {r.holder_id for r in link.thread.current_set.recipients.all()} == {
        participant.team_id,
        embargoed.coordinating_team_id,
    }


def test_without_an_embargo_the_terms_are_the_tlp(coordinator, case):
    invitation, invitee = invite(coordinator, case)
    participant = accept(invitee, invitation)
    assert (participant.consent, participant.presence) == (
        Consent.NO_EMBARGO,
        Presence.TAKING_PART,
    )


def test_a_refusal_keeps_out(coordinator, embargoed):
    invitation, invitee = invite(coordinator, embargoed)
    participants.decline(principal=invitee, invitation=invitation, revision=None)
    participant = Participant.objects.get(team=invitation.participant.team)
    assert (participant.presence, participant.consent) == (Presence.DECLINED, Consent.DECLINED)
    assert not embargoed.is_visible_to(invitee)
    with pytest.raises(DomainError, match="answered or withdrawn"):
        accept(invitee, invitation, END)
    again, _principal = invite(coordinator, embargoed, participant.team)
    assert accept(invitee, again, END).consent == Consent.SIGNATORY


def test_the_terms_that_one_accepts_are_those_that_hold(coordinator, embargoed):
    invitation, invitee = invite(coordinator, embargoed)
    embargo.propose_end(
        principal=coordinator,
        case=embargoed,
        by=triage.coordinator_row(embargoed),
        ends_at=END - timedelta(days=7),
        zone="UTC",
        revision=None,
    )
    with pytest.raises(DomainError, match="terms have changed"):
        accept(invitee, invitation, END)
    assert not embargoed.is_visible_to(invitee)
    assert accept(invitee, invitation, END - timedelta(days=7)).consent == Consent.SIGNATORY


def test_a_marking_that_changed_is_read_before_it_is_accepted(coordinator, case):
    invitation, invitee = invite(coordinator, case)
    shown = invitation.revision
    triage.set_tlp(principal=coordinator, case=case, revision=None, tlp=Tlp.RED)
    with pytest.raises(Conflict):
        participants.accept(
            principal=invitee, invitation=invitation, revision=shown, agreed_end=None
        )
    invitation.refresh_from_db()
    assert invitation.tlp == Tlp.RED
    participant = participants.accept(
        principal=invitee, invitation=invitation, revision=invitation.revision, agreed_end=None
    )
    assert participant.presence == Presence.TAKING_PART


def test_an_invitation_lapses_after_72_hours_or_with_the_embargo(coordinator, embargoed):
    invitation, invitee = invite(coordinator, embargoed)
    with clock.frozen(NOW + 72 * HOUR):
        with pytest.raises(DomainError, match="expired"):
            accept(invitee, invitation, END)
        run_clocks()
        run_clocks()
    invitation.refresh_from_db()
    participant = Participant.objects.get(team=invitation.participant.team)
    assert invitation.state == InvitationState.EXPIRED
    assert (participant.presence, participant.consent) == (Presence.EXPIRED, Consent.NO_EMBARGO)
    embargoed.embargo.ends_at = NOW + 5 * HOUR
    embargoed.embargo.save()
    late, _principal = invite(coordinator, embargoed)
    assert late.expires_at == NOW + 5 * HOUR


def test_only_from_accepted_and_only_when_exclusions_are_settled(coordinator):
    received = ReceivedFactory()
    with pytest.raises(DomainError, match="bring others in"):
        invite(coordinator, received)
    for act in (ManagementAct.VALIDATE, ManagementAct.ACCEPT):
        triage.judge(principal=coordinator, case=received, revision=None, act=act)
    with pytest.raises(DomainError, match="First say"):
        invite(coordinator, received)
    triage.settle_exclusions(principal=coordinator, case=received, revision=None)
    invite(coordinator, received)


def test_who_must_not_be_told_is_not_invited(coordinator, case):
    exclusion = ExclusionFactory(case=case)
    with pytest.raises(DomainError, match="must not be told"):
        invite(coordinator, case, exclusion.team)
    assert not case.participants.filter(team=exclusion.team).exists()


def test_only_the_coordinating_team_invites_and_only_the_team_answers(coordinator, case):
    party = ParticipantFactory(case=case, management=Management.ACCEPTED)
    with pytest.raises(PermissionDenied):
        invite(principal_of(member_of(party.team)), case)
    invitation, invitee = invite(coordinator, case)
    stranger = principal_of(member_of(TeamFactory()))
    for principal in (stranger, coordinator):
        with pytest.raises(PermissionDenied):
            accept(principal, invitation)
    accept(invitee, invitation)


def test_a_team_is_asked_once(coordinator, case):
    invitation, invitee = invite(coordinator, case)
    with pytest.raises(DomainError, match="asked already"):
        invite(coordinator, case, invitation.participant.team)
    accept(invitee, invitation)
    with pytest.raises(DomainError, match="asked already"):
        invite(coordinator, case, invitation.participant.team)


@pytest.mark.parametrize("roles", [(), (Role.REPORTER,)])
def test_a_team_has_a_role_that_a_team_can_have(coordinator, case, roles):
    with pytest.raises(DomainError, match="role"):
        invite(coordinator, case, roles=roles)


def test_an_invited_finder_starts_at_accepted(coordinator, case):
    invitation, invitee = invite(coordinator, case, roles=(Role.FINDER,))
    assert accept(invitee, invitation).management == Management.ACCEPTED


def test_a_team_without_a_key_is_told_before_it_accepts(coordinator, case):
    team = TeamFactory()
    invitation = participants.invite(
        principal=coordinator, case=case, team=team, roles=(Role.VENDOR,)
    )
    invitee = principal_of(member_of(team))
    with pytest.raises(DomainError, match="no active key"):
        accept(invitee, invitation)
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.WAITING
    give_key(team)
    accept(invitee, invitation)


def test_withdrawing(coordinator, case):
    invitation, invitee = invite(coordinator, case)
    participants.withdraw(principal=coordinator, invitation=invitation)
    with pytest.raises(DomainError):
        accept(invitee, invitation)
    assert invitation.participant.presence == Presence.WITHDRAWN


@pytest.mark.parametrize("missed", ["lapsed", "declined"])
def test_a_party_that_missed_a_later_embargo_is_put_its_terms_again(coordinator, embargoed, missed):
    row = ParticipantFactory(case=embargoed, consent=Consent.INVITED)
    give_key(row.team)
    principal = principal_of(member_of(row.team))
    first = InvitationFactory(participant=row, embargo_ends_at=END)
    with pytest.raises(DomainError, match="already"):
        invite(coordinator, embargoed, row.team)
    if missed == "declined":
        participants.decline(principal=principal, invitation=first, revision=None)
    else:
        first.expires_at = clock.now()
        first.save()
        run_clocks()
    row.refresh_from_db()
    assert row.presence == Presence.TAKING_PART
    assert not embargoed.is_visible_to(principal)
    invitation, _other = invite(coordinator, embargoed, row.team)
    assert invitation.embargo_ends_at == END
    row.refresh_from_db()
    assert (row.presence, row.consent) == (Presence.TAKING_PART, Consent.INVITED)
    accept(principal, invitation, END)
    assert Case.objects.visible_to(principal).filter(id=embargoed.id).exists()


def test_seeing_is_told_apart_from_silence(coordinator, case):
    invitation, invitee = invite(coordinator, case)
    participants.see(principal=coordinator, invitation=invitation)
    assert invitation.seen_at is None
    participants.see(principal=invitee, invitation=invitation)
    assert invitation.seen_at == NOW


def test_a_removed_team_gets_nothing_new(coordinator, embargoed):
    invitation, invitee = invite(coordinator, embargoed)
    participant = accept(invitee, invitation, END)
    with pytest.raises(DomainError, match="exactly"):
        participants.remove(
            principal=coordinator, participant=participant, typed_name="yes", revision=None
        )
    participants.remove(
        principal=coordinator,
        participant=participant,
        typed_name=f" {participant.team.name.upper()} ",
        revision=None,
    )
    assert not embargoed.is_visible_to(invitee)
    assert not Case.objects.visible_to(invitee).exists()
    link = embargoed.threads.get(purpose=ThreadPurpose.DESK)
    readers = {r.holder_id for r in link.thread.current_set.recipients.all()}
    assert readers == {embargoed.coordinating_team_id}
    with pytest.raises(DomainError, match="removed already"):
        participants.remove(
            principal=coordinator,
            participant=participant,
            typed_name=participant.team.name,
            revision=None,
        )


def test_the_coordinating_team_is_not_removed(coordinator, case):
    with pytest.raises(DomainError, match="cannot be removed"):
        participants.remove(
            principal=coordinator,
            participant=triage.coordinator_row(case),
            typed_name="TCERT desk",
            revision=None,
        )


def test_own_row(coordinator, case):
    invitation, invitee = invite(coordinator, case)
    participant = accept(invitee, invitation)
    participants.manage_own(
        principal=invitee, participant=participant, act=ManagementAct.VALIDATE, revision=None
    )
    with pytest.raises(DomainError, match="can be closed"):
        participants.manage_own(
            principal=invitee, participant=participant, act=ManagementAct.CLOSE, revision=None
        )
    participant.refresh_from_db()
    seen = participant.revision
    participants.describe_own(
        principal=invitee,
        participant=participant,
        tracking_id="  JIRA-1 ",
        shows_itself=True,
        will_not_answer=False,
        revision=seen,
    )
    assert participant.tracking_id == "JIRA-1"
    with pytest.raises(Conflict):
        participants.describe_own(
            principal=invitee,
            participant=participant,
            tracking_id="JIRA-2",
            shows_itself=True,
            will_not_answer=False,
            revision=seen,
        )


def test_a_fix_needs_the_vendor_at_work(coordinator, case):
    invitation, invitee = invite(coordinator, case)
    participant = accept(invitee, invitation)
    with pytest.raises(DomainError, match="its vendor has accepted"):
        participants.reach_step(
            principal=invitee, participant=participant, event=CaseEvent.FIX_READY, revision=None
        )
    for act in (ManagementAct.VALIDATE, ManagementAct.ACCEPT):
        participants.manage_own(principal=invitee, participant=participant, act=act, revision=None)
    with pytest.raises(DomainError, match="before it is deployed"):
        participants.reach_step(
            principal=invitee, participant=participant, event=CaseEvent.FIX_DEPLOYED, revision=None
        )
    participants.reach_step(
        principal=invitee, participant=participant, event=CaseEvent.FIX_READY, revision=None
    )
    participant.refresh_from_db()
    assert participant.fix_ready_at == NOW


def test_invitation_factory_is_open():
    assert InvitationFactory().is_open
