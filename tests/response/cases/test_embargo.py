"""The embargo's life: proposals, answers, what ends it (decided.md 10)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.factories.case_parties import give_key
from tests.factories.cases import END, CaseFactory, InvitationFactory, ParticipantFactory
from tests.factories.directory import coordinator_of_desk, member_of
from tests.principals import principal_of, sign_in

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.outbox import Event
from tcert.response.cases.domain import embargo, facts, participants, triage
from tcert.response.cases.enums import (
    Answer,
    CaseEvent,
    ClaimState,
    Consent,
    EmbargoState,
    ProposalState,
    Role,
)
from tcert.response.cases.jobs import run_clocks

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def coordinator():
    return principal_of(coordinator_of_desk(), coordinator=True)


def party(case, consent=Consent.NO_EMBARGO):
    participant = ParticipantFactory(case=case, consent=consent)
    return participant, principal_of(member_of(participant.team))


def propose(principal, by, ends_at, **more):
    return embargo.propose_end(
        principal=principal,
        case=by.case,
        by=by,
        ends_at=ends_at,
        zone="UTC",
        revision=None,
        **more,
    )


def fresh(case):
    case.embargo.refresh_from_db()
    return case.embargo.state, case.embargo.ends_at


def test_the_coordinating_teams_yes_makes_it_active_and_binds_who_agreed(coordinator):
    case = CaseFactory()
    vendor, of_vendor = party(case)
    operator, _of_operator = party(case)
    proposal = propose(of_vendor, vendor, NOW + 30 * DAY)
    assert fresh(case) == (EmbargoState.PROPOSED, None)
    desk = triage.coordinator_row(case)
    embargo.answer(principal=coordinator, proposal=proposal, by=desk, agrees=True, revision=None)
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 30 * DAY)
    for participant in (vendor, operator, desk):
        participant.refresh_from_db()
    assert vendor.consent == Consent.SIGNATORY
    assert desk.consent == Consent.SIGNATORY
    # Silence is not consent: who said nothing is asked, and bound by nothing.
    assert operator.consent == Consent.INVITED
    invitation = operator.invitations.get()
    assert invitation.embargo_ends_at == NOW + 30 * DAY
    assert not case.is_joined_by(_of_operator)
    assert case.is_joined_by(of_vendor)


def test_the_coordinating_teams_no_rejects(coordinator):
    case = CaseFactory()
    vendor, of_vendor = party(case)
    proposal = propose(of_vendor, vendor, NOW + 30 * DAY)
    embargo.answer(
        principal=coordinator,
        proposal=proposal,
        by=triage.coordinator_row(case),
        agrees=False,
        revision=None,
    )
    assert fresh(case)[0] == EmbargoState.NONE
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.REJECTED
    with pytest.raises(DomainError, match="decided already"):
        embargo.answer(
            principal=of_vendor, proposal=proposal, by=vendor, agrees=True, revision=None
        )


def test_of_two_proposals_the_shorter_holds_and_the_longer_is_a_revision(coordinator):
    case = CaseFactory()
    vendor, of_vendor = party(case)
    operator, of_operator = party(case)
    longer = propose(of_vendor, vendor, NOW + 60 * DAY)
    propose(of_operator, operator, NOW + 20 * DAY)
    embargo.answer(
        principal=coordinator,
        proposal=longer,
        by=triage.coordinator_row(case),
        agrees=True,
        revision=None,
    )
    assert fresh(case) == (EmbargoState.REVISE, NOW + 20 * DAY)
    longer.refresh_from_db()
    assert longer.state == ProposalState.OPEN


def active(coordinator, days=30):
    case = CaseFactory(parts__embargo=EmbargoState.ACTIVE)
    case.embargo.ends_at = NOW + days * DAY
    case.embargo.save()
    return case


def test_shortening_holds_at_once(coordinator):
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    propose(of_vendor, vendor, NOW + 10 * DAY)
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 10 * DAY)
    with pytest.raises(DomainError, match="72 hours"):
        propose(of_vendor, vendor, NOW + 2 * DAY)
    propose(coordinator, triage.coordinator_row(case), NOW + 2 * DAY)
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 2 * DAY)


def test_lengthening_needs_all_signatories(coordinator):
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    operator, of_operator = party(case, Consent.SIGNATORY)
    proposal = propose(of_vendor, vendor, NOW + 60 * DAY)
    assert fresh(case) == (EmbargoState.REVISE, NOW + 30 * DAY)
    answers = dict(proposal.answers.values_list("participant_id", "answer"))
    assert answers[vendor.id] == Answer.ACCEPTED
    assert answers[operator.id] == Answer.WAITING
    desk = triage.coordinator_row(case)
    embargo.answer(principal=coordinator, proposal=proposal, by=desk, agrees=True, revision=None)
    assert fresh(case) == (EmbargoState.REVISE, NOW + 30 * DAY)
    embargo.answer(
        principal=of_operator, proposal=proposal, by=operator, agrees=True, revision=None
    )
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 60 * DAY)


def test_a_removed_signatory_is_not_waited_for(coordinator):
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    gone, _of_gone = party(case, Consent.SIGNATORY)
    participants.remove(
        principal=coordinator, participant=gone, typed_name=gone.team.name, revision=None
    )
    proposal = propose(of_vendor, vendor, NOW + 60 * DAY)
    assert not proposal.answers.filter(participant=gone).exists()
    desk = triage.coordinator_row(case)
    embargo.answer(principal=coordinator, proposal=proposal, by=desk, agrees=True, revision=None)
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 60 * DAY)


def remove(coordinator, participant):
    participants.remove(
        principal=coordinator,
        participant=participant,
        typed_name=participant.team.name,
        revision=None,
    )


def agree(principal, proposal, by):
    embargo.answer(principal=principal, proposal=proposal, by=by, agrees=True, revision=None)


def test_removing_whose_answer_alone_was_missing_settles(coordinator):
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    silent, _of_silent = party(case, Consent.SIGNATORY)
    other_silent, _of_other = party(case, Consent.SIGNATORY)
    proposal = propose(of_vendor, vendor, NOW + 60 * DAY)
    agree(coordinator, proposal, triage.coordinator_row(case))
    remove(coordinator, silent)
    assert fresh(case) == (EmbargoState.REVISE, NOW + 30 * DAY), "another answer is missing"
    Event.objects.all().delete()
    remove(coordinator, other_silent)
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 60 * DAY)
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.IN_FORCE
    told = Event.objects.filter(kind="cases:notice", data__what="embargo")
    assert {e.data["team"] for e in told} == {
        str(case.coordinating_team_id),
        str(vendor.team_id),
    }


def test_the_desks_silence_is_no_consent_when_it_removes(coordinator):
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    silent, _of_silent = party(case, Consent.SIGNATORY)
    propose(of_vendor, vendor, NOW + 60 * DAY)
    remove(coordinator, silent)
    assert fresh(case) == (EmbargoState.REVISE, NOW + 30 * DAY)


def test_a_removal_makes_no_embargo_active(coordinator):
    case = CaseFactory()
    vendor, of_vendor = party(case)
    gone, _of_gone = party(case)
    propose(of_vendor, vendor, NOW + 30 * DAY)
    remove(coordinator, gone)
    assert fresh(case) == (EmbargoState.PROPOSED, None)


def test_of_two_agreed_ends_a_removal_puts_the_longest_in_force(coordinator):
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    silent, _of_silent = party(case, Consent.SIGNATORY)
    desk = triage.coordinator_row(case)
    agreed = [propose(of_vendor, vendor, NOW + days * DAY) for days in (60, 50)]
    for proposal in agreed:
        agree(coordinator, proposal, desk)
    waiting = propose(of_vendor, vendor, NOW + 80 * DAY)
    remove(coordinator, silent)
    assert fresh(case) == (EmbargoState.REVISE, NOW + 60 * DAY)
    for proposal in (*agreed, waiting):
        proposal.refresh_from_db()
    assert [p.state for p in (*agreed, waiting)] == [
        ProposalState.IN_FORCE,
        ProposalState.OVERTAKEN,
        ProposalState.OPEN,
    ]


@pytest.mark.parametrize("way", ["declines", "lapses"])
def test_an_invitation_that_comes_to_nothing_is_not_waited_for(coordinator, way):
    """Only who has signed is asked: an invitee's no or silence leaves no gap among the answers."""
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    stranger, of_stranger = party(case, Consent.INVITED)
    invitation = InvitationFactory(participant=stranger, embargo_ends_at=NOW + 30 * DAY)
    proposal = propose(of_vendor, vendor, NOW + 60 * DAY)
    agree(coordinator, proposal, triage.coordinator_row(case))
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 60 * DAY)
    longer = propose(of_vendor, vendor, NOW + 70 * DAY)
    if way == "declines":
        participants.decline(principal=of_stranger, invitation=invitation, revision=None)
    else:
        with clock.frozen(invitation.expires_at):
            assert participants.expire(invitation=invitation)
    agree(coordinator, longer, triage.coordinator_row(case))
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 70 * DAY)


def test_a_signatory_that_comes_back_is_asked_again(coordinator):
    case = active(coordinator)
    give_key(case.coordinating_team)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    back, of_back = party(case, Consent.SIGNATORY)
    give_key(back.team)
    proposal = propose(of_vendor, vendor, NOW + 60 * DAY)
    remove(coordinator, back)
    invitation = participants.invite(
        principal=coordinator, case=case, team=back.team, roles=[Role.VENDOR]
    )
    back = participants.accept(
        principal=of_back, invitation=invitation, revision=None, agreed_end=NOW + 30 * DAY
    )
    agree(coordinator, proposal, triage.coordinator_row(case))
    assert fresh(case) == (EmbargoState.REVISE, NOW + 30 * DAY), "it has not agreed to more"
    agree(of_back, proposal, back)
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 60 * DAY)


def test_an_invitation_does_not_outlive_a_shortened_embargo(coordinator):
    case = active(coordinator)
    soon, later = party(case, Consent.INVITED)[0], party(case, Consent.INVITED)[0]
    long = InvitationFactory(participant=soon, expires_at=NOW + 3 * DAY)
    short = InvitationFactory(participant=later, expires_at=NOW + DAY / 2)
    elsewhere = InvitationFactory(expires_at=NOW + 3 * DAY)
    propose(coordinator, triage.coordinator_row(case), NOW + DAY)
    for invitation in (long, short, elsewhere):
        invitation.refresh_from_db()
    assert long.expires_at == NOW + DAY
    assert short.expires_at == NOW + DAY / 2
    assert elsewhere.expires_at == NOW + 3 * DAY


def test_one_no_keeps_the_earlier_end(coordinator):
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    operator, of_operator = party(case, Consent.SIGNATORY)
    proposal = propose(of_vendor, vendor, NOW + 60 * DAY)
    embargo.answer(
        principal=of_operator, proposal=proposal, by=operator, agrees=False, revision=None
    )
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 30 * DAY)


def test_a_shorter_end_during_a_revision_keeps_the_revision_open(coordinator):
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    propose(of_vendor, vendor, NOW + 60 * DAY)
    propose(coordinator, triage.coordinator_row(case), NOW + 20 * DAY)
    assert fresh(case) == (EmbargoState.REVISE, NOW + 20 * DAY)


def test_who_has_not_signed_cannot_move_the_end(coordinator):
    case = active(coordinator)
    stranger, of_stranger = party(case, Consent.INVITED)
    with pytest.raises(Exception, match=r".*"):
        propose(of_stranger, stranger, NOW + 10 * DAY)
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 30 * DAY)


@pytest.mark.parametrize("event", [CaseEvent.PUBLIC_AWARE, CaseEvent.EXPLOIT_PUBLIC])
def test_a_confirmed_fact_ends_it_and_resets_every_consent(coordinator, event):
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    tlp = case.tlp
    claimed = facts.claim(
        principal=of_vendor, case=case, by=vendor, event=event, evidence="seen on a list"
    )
    assert fresh(case)[0] == EmbargoState.ACTIVE  # a claim alone ends nothing
    facts.confirm(principal=coordinator, claimed=claimed, revision=None)
    assert fresh(case)[0] == EmbargoState.EXITED
    vendor.refresh_from_db()
    case.refresh_from_db()
    assert vendor.consent == Consent.NO_EMBARGO
    assert vendor.vendor_aware_at is not None
    assert case.tlp == tlp  # leaving an embargo never lifts TLP
    confirmed = set(case.claims.filter(state=ClaimState.CONFIRMED).values_list("event", flat=True))
    assert CaseEvent.PUBLIC_AWARE in confirmed  # an exploit makes the flaw public
    with pytest.raises(DomainError, match="never comes back"):
        propose(coordinator, triage.coordinator_row(case), NOW + 10 * DAY)


def test_a_confirmed_fact_rejects_what_is_proposed(coordinator):
    case = CaseFactory()
    vendor, of_vendor = party(case)
    proposal = propose(of_vendor, vendor, NOW + 30 * DAY)
    claimed = facts.claim(
        principal=of_vendor, case=case, by=vendor, event=CaseEvent.PUBLIC_AWARE, evidence="blog"
    )
    facts.confirm(principal=coordinator, claimed=claimed, revision=None)
    proposal.refresh_from_db()
    assert fresh(case)[0] == EmbargoState.NONE
    assert proposal.state == ProposalState.OVERTAKEN
    with pytest.raises(DomainError, match="No new embargo"):
        propose(of_vendor, vendor, NOW + 20 * DAY)


def test_attacks_ask_for_a_decision_and_end_nothing(coordinator):
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    claimed = facts.claim(
        principal=of_vendor,
        case=case,
        by=vendor,
        event=CaseEvent.ATTACKS_OBSERVED,
        evidence="seen in our signalling",
    )
    facts.confirm(principal=coordinator, claimed=claimed, revision=None)
    assert fresh(case)[0] == EmbargoState.ACTIVE
    told = Event.objects.filter(kind="cases:notice", object_id=case.id, data__what="embargo")
    assert told.count() == 2


def test_after_attacks_only_by_explicit_decision(coordinator):
    case = CaseFactory()
    desk = triage.coordinator_row(case)
    claimed = facts.claim(
        principal=coordinator,
        case=case,
        by=desk,
        event=CaseEvent.ATTACKS_OBSERVED,
        evidence="partner feed",
    )
    facts.confirm(principal=coordinator, claimed=claimed, revision=None)
    with pytest.raises(DomainError, match="explicit decision"):
        propose(coordinator, desk, NOW + 30 * DAY)
    propose(coordinator, desk, NOW + 30 * DAY, despite_attacks=True)
    assert fresh(case)[0] == EmbargoState.PROPOSED


def test_an_end_proposed_before_the_attacks_wants_the_decision_too(coordinator):
    case = CaseFactory()
    vendor, of_vendor = party(case)
    desk = triage.coordinator_row(case)
    proposal = propose(of_vendor, vendor, NOW + 30 * DAY)
    claimed = facts.claim(
        principal=coordinator,
        case=case,
        by=desk,
        event=CaseEvent.ATTACKS_OBSERVED,
        evidence="partner feed",
    )
    facts.confirm(principal=coordinator, claimed=claimed, revision=None)
    answer = {"proposal": proposal, "agrees": True, "revision": None}
    with pytest.raises(DomainError, match="explicit decision"):
        embargo.answer(principal=coordinator, by=desk, **answer)
    assert fresh(case) == (EmbargoState.PROPOSED, None)
    page = f"/cases/{case.id}/embargo/"
    client = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    assert "despite_attacks" in client.get(page).content.decode()
    case.embargo.refresh_from_db()
    given = {"act": "agree", "proposal": proposal.id, "revision": case.embargo.revision}
    assert client.post(page, given).status_code == 400
    assert client.post(page, {**given, "despite_attacks": "on"}).status_code == 302
    assert fresh(case) == (EmbargoState.ACTIVE, NOW + 30 * DAY)
    case.refresh_from_db()
    assert case.despite_attacks


def test_a_party_cannot_decide_that_an_embargo_helps_despite_attacks(coordinator):
    case = CaseFactory()
    vendor, of_vendor = party(case)
    case.claims.create(event=CaseEvent.ATTACKS_OBSERVED, state=ClaimState.CONFIRMED)
    with pytest.raises(DomainError, match="explicit decision"):
        propose(of_vendor, vendor, NOW + 30 * DAY, despite_attacks=True)
    case.refresh_from_db()
    assert not case.despite_attacks


def test_one_that_cannot_be_ended_holds_up_no_other(coordinator, monkeypatch):
    first, second = (active(coordinator) for _ in range(2))
    ended = embargo.end_by_date

    def end(*, embargo):
        if embargo.case_id == min(first.id, second.id):
            raise ValueError("broken")
        return ended(embargo=embargo)

    monkeypatch.setattr(embargo, "end_by_date", end)
    with clock.frozen(NOW + 30 * DAY), pytest.raises(ValueError, match="broken"):
        run_clocks()
    held, over = sorted((first, second), key=lambda case: case.id)
    assert (fresh(held)[0], fresh(over)[0]) == (EmbargoState.ACTIVE, EmbargoState.EXITED)


def test_it_ends_at_its_hour_once(coordinator):
    case = active(coordinator)
    assert not embargo.end_by_date(embargo=case.embargo)
    with clock.frozen(NOW + 30 * DAY):
        assert embargo.end_by_date(embargo=case.embargo)
        assert not embargo.end_by_date(embargo=case.embargo)
    assert fresh(case)[0] == EmbargoState.EXITED
    assert case.embargo.ended_by == "date"


@pytest.mark.parametrize(
    ("ends_at", "words"),
    [
        (NOW, "future"),
        (NOW + 366 * DAY, "within a year"),
        (datetime(2027, 1, 1), "zone"),  # noqa: DTZ001 (the rule under test)
    ],
)
def test_an_end_that_is_none(coordinator, ends_at, words):
    case = CaseFactory()
    with pytest.raises(DomainError, match=words):
        propose(coordinator, triage.coordinator_row(case), ends_at)
    assert fresh(case) == (EmbargoState.NONE, None)


def test_the_same_end_is_proposed_once(coordinator):
    case = CaseFactory()
    vendor, of_vendor = party(case)
    propose(of_vendor, vendor, NOW + 30 * DAY)
    with pytest.raises(DomainError, match="proposed already"):
        propose(coordinator, triage.coordinator_row(case), NOW + 30 * DAY)


def test_the_second_of_two_people_is_told(coordinator):
    case = CaseFactory()
    desk = triage.coordinator_row(case)
    seen = case.embargo.revision
    propose(coordinator, desk, NOW + 30 * DAY)
    with pytest.raises(Conflict):
        embargo.propose_end(
            principal=coordinator,
            case=case,
            by=desk,
            ends_at=NOW + 31 * DAY,
            zone="UTC",
            revision=seen,
        )


def test_default_end_counts_from_vendor_awareness():
    case = CaseFactory()
    assert embargo.default_end(case) == NOW + 90 * DAY
    vendor, _principal = party(case)
    vendor.vendor_aware_at = NOW - 10 * DAY
    vendor.save()
    assert embargo.default_end(case) == NOW + 80 * DAY


def test_a_claim_needs_evidence_and_one_confirmation(coordinator):
    case = active(coordinator)
    vendor, of_vendor = party(case, Consent.SIGNATORY)
    with pytest.raises(DomainError, match="evidence"):
        facts.claim(
            principal=of_vendor, case=case, by=vendor, event=CaseEvent.PUBLIC_AWARE, evidence=" "
        )
    with pytest.raises(DomainError, match="future"):
        facts.claim(
            principal=of_vendor,
            case=case,
            by=vendor,
            event=CaseEvent.PUBLIC_AWARE,
            evidence="x",
            happened_at=END,
        )
    with pytest.raises(DomainError, match="states it for itself"):
        facts.claim(
            principal=of_vendor, case=case, by=vendor, event=CaseEvent.FIX_READY, evidence="x"
        )
    claimed = facts.claim(
        principal=of_vendor, case=case, by=vendor, event=CaseEvent.PUBLIC_AWARE, evidence="x"
    )
    facts.set_aside(principal=coordinator, claimed=claimed, revision=None)
    with pytest.raises(DomainError, match="decided already"):
        facts.confirm(principal=coordinator, claimed=claimed, revision=None)
