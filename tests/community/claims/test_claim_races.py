"""Two at once on a claim: neither waits for the other for ever, neither is overlooked."""

import pytest
from django.db import transaction
from django.db.models.signals import post_init, pre_save
from tests.community.claims.conftest import a_house
from tests.factories.claims import ClaimFactory, DisputeFactory, VerificationFactory
from tests.factories.directory import coordinator_of_desk
from tests.meeting import Moment, meet
from tests.principals import principal_of

from tcert.community.claims.domain import claiming, disputes, verifying
from tcert.community.claims.enums import Outcome, Proof, State
from tcert.community.claims.models import Claim, Covered, Dispute, Verification
from tcert.community.notices.models import Notice
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import jobs
from tcert.foundation.kernel.errors import AlreadyDone, Conflict
from tcert.foundation.kernel.records import AuditRecord

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def any_row(signal, sender):
    return Moment(signal, sender, lambda _row: True)


def test_a_word_given_meets_a_withdrawal_and_one_of_them_comes_first():
    holder, witness = a_house(), a_house()
    claim = ClaimFactory(organisation=holder.organisation)
    asked = VerificationFactory(claim=claim, by_team=witness.team)
    given, withdrawn = meet(
        lambda: verifying.give_word(
            principal=witness.boss, verification=asked, is_right=True, note=""
        ),
        lambda: claiming.withdraw(principal=holder.boss, claim=claim),
        at=any_row(pre_save, Verification),
    )
    assert isinstance(given, Verification)
    assert isinstance(withdrawn, Claim)
    claim.refresh_from_db()
    asked.refresh_from_db()
    assert (claim.state, claim.is_proven, asked.state) == (State.WITHDRAWN, False, Proof.PROVEN)


def test_a_decision_meets_a_withdrawal_and_one_of_them_comes_first():
    holder = a_house()
    dispute = DisputeFactory(claim__organisation=holder.organisation)
    free = principal_of(coordinator_of_desk(), coordinator=True)
    decided, withdrawn = meet(
        lambda: disputes.decide(
            principal=free, dispute=dispute, outcome=Outcome.UPHELD, decision="Seen."
        ),
        lambda: claiming.withdraw(principal=holder.boss, claim=dispute.claim),
        at=any_row(post_init, Dispute),
    )
    assert isinstance(decided, Dispute)
    assert isinstance(withdrawn, Claim)
    dispute.refresh_from_db()
    assert dispute.outcome == Outcome.UPHELD


def test_two_who_claim_the_same_at_once_are_both_told():
    one, other = a_house(), a_house()

    @transaction.atomic
    def enter(house):
        made = claiming.enter(
            principal=house.boss, organisation=house.organisation, kind=Kind.PLMN, value="999-70"
        )
        made.save()  # the last thing before it is stored, where the first waits for the second
        return made

    again = Moment(pre_save, Claim, lambda row: not row._state.adding)
    made = meet(lambda: enter(one), lambda: enter(other), at=again)
    assert all(isinstance(claim, Claim) for claim in made)
    jobs.run_due()
    assert Covered.objects.count() == 2
    assert not Claim.objects.filter(overlapped_at=None).exists()
    told = set(Notice.objects.values_list("team_id", flat=True))
    assert {one.team.id, other.team.id} <= told


def test_who_restores_while_the_desk_ends_it_undoes_no_decision():
    """What the holder saw is old when it acts: the claim is looked at again under its lock."""
    holder = a_house()
    seen = ClaimFactory(organisation=holder.organisation, state=State.DISPUTED)
    Claim.objects.filter(pk=seen.pk).update(state=State.ENDED)
    with pytest.raises(Conflict):
        claiming.restore(principal=holder.boss, claim=seen)
    seen.refresh_from_db()
    assert seen.state == State.ENDED
    assert not AuditRecord.objects.filter(act="claims:claim:restore").exists()


def test_two_who_give_their_word_and_take_the_question_back_do_one_of_both():
    holder, witness = a_house(), a_house()
    asked = VerificationFactory(claim__organisation=holder.organisation, by_team=witness.team)
    given, refused = meet(
        lambda: verifying.give_word(
            principal=witness.boss, verification=asked, is_right=True, note=""
        ),
        lambda: verifying.take_back(principal=holder.boss, verification=asked),
        at=any_row(pre_save, Verification),
    )
    assert isinstance(given, Verification)
    assert isinstance(refused, AlreadyDone)
