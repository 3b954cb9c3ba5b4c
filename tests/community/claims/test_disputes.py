"""Disputes: who may contest, what both sides read, who decides, what is never lost."""

import pytest
from django.core.exceptions import PermissionDenied
from tests.community.claims.conftest import a_house
from tests.factories.claims import ClaimFactory, DisputeFactory
from tests.factories.desk import InterestFactory
from tests.factories.directory import coordinator_of_desk
from tests.principals import principal_of

from tcert.community.claims.domain import claiming, disputes
from tcert.community.claims.enums import Outcome, State
from tcert.community.claims.models import Claim, Dispute
from tcert.community.notices.models import Notice
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.second import NeedsSecond
from tcert.foundation.kernel.tlp import Tlp

pytestmark = pytest.mark.django_db


def contest(by, claim, reason="We hold it.", **more):
    return disputes.open_dispute(
        principal=by.boss, claim=claim, **({"organisation": by.organisation} | more), reason=reason
    )


def test_one_contests_what_one_sees_or_what_overlaps_and_nothing_else(house, other):
    hidden = ClaimFactory(organisation=house.organisation)
    with pytest.raises(DomainError):
        contest(other, hidden)
    ClaimFactory(organisation=other.organisation)  # the same network
    contest(other, hidden)
    shown = ClaimFactory(organisation=house.organisation, value="999-71", tlp=Tlp.GREEN)
    contest(other, shown)
    assert {c.state for c in Claim.objects.filter(organisation=house.organisation)} == {
        State.DISPUTED
    }


@pytest.mark.parametrize("case", ["own", "no reason", "for another", "as the desk"])
def test_what_may_not_be_contested(house, other, case):
    claim = ClaimFactory(organisation=house.organisation, tlp=Tlp.GREEN)
    by = house if case == "own" else other
    more = {
        "no reason": {"reason": " "},
        "for another": {"organisation": a_house().organisation},
        "as the desk": {"organisation": None},
    }.get(case, {})
    with pytest.raises((DomainError, PermissionDenied)):
        contest(by, claim, **more)
    assert not Dispute.objects.exists()


def test_it_is_contested_once_and_both_sides_are_told_in_neutral_words(house, other):
    claim = ClaimFactory(organisation=house.organisation, tlp=Tlp.GREEN)
    contest(other, claim)
    with pytest.raises(Conflict):
        contest(a_house(), Claim.objects.get())
    assert {house.team.id, other.team.id} <= set(Notice.objects.values_list("team_id", flat=True))
    for notice in Notice.objects.all():
        assert "999-70" not in notice.text
        assert "We hold it" not in notice.text


def test_both_sides_and_coordinators_read_it_nobody_else(house, other, leader):
    dispute = DisputeFactory(
        claim__organisation=house.organisation, organisation=other.organisation
    )
    viewers = {"holder": house.boss, "other": other.boss, "desk": leader}
    viewers |= {"third": a_house().boss, "stranger": ANONYMOUS}
    seen = {n for n, p in viewers.items() if Dispute.objects.visible_to(p).exists()}
    assert seen == {"holder", "other", "desk"}
    assert seen == {n for n, p in viewers.items() if dispute.is_visible_to(p)}


def test_each_side_answers_for_itself(house, other, leader):
    dispute = DisputeFactory(
        claim__organisation=house.organisation, organisation=other.organisation
    )
    for by, side in ((house.boss, house), (other.boss, other)):
        disputes.answer(principal=by, dispute=dispute, organisation=side.organisation, text="See.")
    disputes.answer(principal=leader, dispute=dispute, organisation=None, text="Thank you.")
    third = a_house()
    with pytest.raises(DomainError):
        disputes.answer(
            principal=third.boss, dispute=dispute, organisation=third.organisation, text="I!"
        )
    with pytest.raises(PermissionDenied):
        disputes.answer(
            principal=house.boss, dispute=dispute, organisation=other.organisation, text="Lie."
        )
    assert dispute.answers.count() == 3


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize("outcome", [Outcome.UPHELD, Outcome.SHARED])
def test_a_claim_that_stands_is_as_proven_as_before(house, other, leader, outcome, proven):
    claim = ClaimFactory(organisation=house.organisation, tlp=Tlp.GREEN, verified=proven)
    rival = ClaimFactory(organisation=other.organisation)
    dispute = contest(other, claim)
    disputes.decide(principal=leader, dispute=dispute, outcome=outcome, decision="Seen.")
    claim.refresh_from_db()
    rival.refresh_from_db()
    assert claim.state == (State.VERIFIED if proven else State.CLAIMED)
    assert {claim.is_shared, rival.is_shared} == {outcome == Outcome.SHARED}
    with pytest.raises(AlreadyDone):
        disputes.decide(principal=leader, dispute=dispute, outcome=outcome, decision="Again.")


def test_to_end_a_claim_takes_two(leader):
    dispute = DisputeFactory()
    with pytest.raises(NeedsSecond):
        disputes.decide(principal=leader, dispute=dispute, outcome=Outcome.ENDED, decision="Seen.")
    assert Claim.objects.get().state == State.DISPUTED


@pytest.mark.parametrize("side", ["holder", "other"])
def test_who_is_tied_to_a_side_decides_nothing(house, other, side):
    dispute = DisputeFactory(
        claim__organisation=house.organisation, organisation=other.organisation
    )
    person = coordinator_of_desk()
    tie = house.organisation if side == "holder" else other.organisation
    InterestFactory(person=person, organisation=tie)
    tied = principal_of(person, coordinator=True)
    for principal in (tied, principal_of(coordinator_of_desk()), house.boss):
        with pytest.raises(PermissionDenied):
            disputes.decide(
                principal=principal, dispute=dispute, outcome=Outcome.UPHELD, decision="x"
            )


def test_a_claim_that_is_withdrawn_takes_its_dispute_along(house):
    dispute = DisputeFactory(claim__organisation=house.organisation)
    claiming.withdraw(principal=house.boss, claim=dispute.claim)
    dispute.refresh_from_db()
    assert (dispute.outcome, bool(dispute.decided_at)) == (Outcome.MOOT, True)


@pytest.mark.parametrize("side", ["holder", "other"])
def test_who_is_tied_to_a_side_does_not_speak_as_the_desk(house, other, side):
    dispute = DisputeFactory(
        claim__organisation=house.organisation, organisation=other.organisation
    )
    person = coordinator_of_desk()
    tie = house.organisation if side == "holder" else other.organisation
    InterestFactory(person=person, organisation=tie)
    tied = principal_of(person, coordinator=True)
    with pytest.raises(PermissionDenied):
        disputes.answer(principal=tied, dispute=dispute, organisation=None, text="The desk says.")
    assert not dispute.answers.exists()


@pytest.mark.parametrize("tie", ["holder", "rival"])
def test_who_is_tied_to_a_claim_or_to_its_rival_does_not_contest_it_as_the_desk(house, other, tie):
    """The holder would read that the desk contests it, and not who stands behind."""
    claim = ClaimFactory(organisation=house.organisation)
    ClaimFactory(organisation=other.organisation)  # the same network
    person = coordinator_of_desk()
    organisation = house.organisation if tie == "holder" else other.organisation
    InterestFactory(person=person, organisation=organisation)
    tied = principal_of(person, coordinator=True)
    with pytest.raises(PermissionDenied):
        disputes.open_dispute(principal=tied, claim=claim, organisation=None, reason="Why not.")
    free = principal_of(coordinator_of_desk(), coordinator=True)
    disputes.open_dispute(principal=free, claim=claim, organisation=None, reason="Why not.")
    assert Dispute.objects.get().organisation is None
