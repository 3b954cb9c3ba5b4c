"""Who of the desk is tied to a holder, or to who competes with it, leaves its claims alone."""

import pytest
from django.core.exceptions import PermissionDenied
from tests.community.claims.conftest import a_house
from tests.factories.claims import ClaimFactory, DisputeFactory, VerificationFactory
from tests.factories.desk import InterestFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
)
from tests.principals import principal_of

from tcert.community.claims.acts import ACTS
from tcert.community.claims.domain import batches, claiming, disputes, verifying
from tcert.community.claims.enums import Outcome, Source, State
from tcert.community.claims.models import Claim, Dispute
from tcert.community.claims.rules import is_untied
from tcert.community.directory.enums import TeamRole
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import jobs
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.second import NeedsSecond

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def tied_to(organisation):
    """A coordinator with an interest there, coordinator rights on."""
    person = coordinator_of_desk()
    InterestFactory(person=person, organisation=organisation)
    return principal_of(person, coordinator=True)


def acts_on(claim, dispute):
    """Every act by which somebody of the desk could move a claim."""
    content = {name: getattr(claim, name) for name in claiming.FIELDS}
    asked = VerificationFactory(claim=claim)
    return {
        "change": lambda by: claiming.change(principal=by, claim=claim, **content),
        "withdraw": lambda by: claiming.withdraw(principal=by, claim=claim),
        "restore": lambda by: claiming.restore(principal=by, claim=claim),
        "verify": lambda by: verifying.verify_by_desk(principal=by, claim=claim, note="Seen."),
        "mail": lambda by: verifying.ask_by_mail(principal=by, claim=claim),
        "dns": lambda by: verifying.ask_by_dns(principal=by, claim=claim),
        "take back": lambda by: verifying.take_back(principal=by, verification=asked),
        "word": lambda by: verifying.ask_for_word(principal=by, claim=claim, team=a_house().team),
        "contest": lambda by: disputes.open_dispute(
            principal=by, claim=claim, organisation=None, reason="No."
        ),
        "answer": lambda by: disputes.answer(
            principal=by, dispute=dispute, organisation=None, text="No."
        ),
        "decide": lambda by: disputes.decide(
            principal=by, dispute=dispute, outcome=Outcome.UPHELD, decision="Yes."
        ),
    }


def refused(act, by):
    try:
        act(by)
    except PermissionDenied:
        return True
    return False


@pytest.mark.parametrize("tie", ["holder", "holder's owner", "rival below", "rival above"])
def test_who_is_tied_moves_nothing(house, other, tie):
    claim = ClaimFactory(organisation=house.organisation, kind=Kind.GT_RANGE, value="+491710")
    to = house.organisation
    if tie == "holder's owner":
        to = house.organisation.group = OrganisationFactory()
        house.organisation.save()
    elif tie.startswith("rival"):
        to = other.organisation
        wide = tie == "rival above"
        value = "+49171" if wide else "+4917101"
        ClaimFactory(organisation=to, kind=Kind.GT_RANGE, value=value)
    dispute = DisputeFactory(claim=claim, organisation=None)
    by = tied_to(to)
    assert [name for name, act in acts_on(claim, dispute).items() if not refused(act, by)] == []
    claim.refresh_from_db()
    assert claim.state in {State.CLAIMED, State.DISPUTED}
    for act in ACTS:  # so the two of them together withdraw nothing either
        subject = dispute if act.model is Dispute else claim
        assert not allowed(by, act.permission, act.asked_of(subject))


def test_who_is_tied_to_somebody_else_is_kept_from_nothing(house, other):
    claim = ClaimFactory(organisation=house.organisation)
    ClaimFactory(organisation=other.organisation, value="999-71")  # does not overlap
    by = tied_to(other.organisation)
    assert is_untied(by, claim)
    verifying.verify_by_desk(principal=by, claim=claim, note="Seen.")
    with pytest.raises(NeedsSecond):
        claiming.withdraw(principal=by, claim=claim)


def test_who_is_tied_enters_nothing_for_a_house_nor_what_competes_with_it(house, other):
    ClaimFactory(organisation=other.organisation, kind=Kind.GT_RANGE, value="+491710")
    by = tied_to(other.organisation)
    for organisation, value in ((other.organisation, "+4944"), (house.organisation, "+49171")):
        with pytest.raises(PermissionDenied):
            claiming.enter(principal=by, organisation=organisation, kind=Kind.GT_RANGE, value=value)
    claiming.enter(principal=by, organisation=house.organisation, kind=Kind.GT_RANGE, value="+4944")
    assert Claim.objects.count() == 2


def test_who_is_tied_to_somebody_with_claims_confirms_no_import(house, other):
    by = tied_to(other.organisation)
    batch = batches.begin(
        principal=by, organisation=house.organisation, source=Source.CSV, data=b"kind,value\nasn,1"
    )
    with pytest.raises(PermissionDenied):
        batches.begin(
            principal=by, organisation=other.organisation, source=Source.CSV, data=b"kind,value"
        )
    jobs.run_due()
    batch.refresh_from_db()
    held = ClaimFactory(organisation=other.organisation)
    with pytest.raises(DomainError, match="another one"):
        batches.confirm(principal=by, batch=batch)
    held.delete()
    batches.confirm(principal=by, batch=batch)


@pytest.mark.parametrize("session", [True, False])
def test_who_leads_the_holder_and_sits_at_the_desk_leaves_it_to_the_others(house, session):
    """An end that is entered withdraws a claim as well: so they change nothing either."""
    person = coordinator_of_desk()
    TeamMembershipFactory(team=house.team, person=person, role=TeamRole.REPRESENTATIVE)
    both = principal_of(person, coordinator=session)
    claim = ClaimFactory(organisation=house.organisation)
    for about in (claim, house.organisation):
        assert not allowed(both, Permission.CLAIMS_MANAGE, about)
        assert allowed(house.boss, Permission.CLAIMS_MANAGE, about)
    assert claim.is_visible_to(both)


def test_the_desk_speaks_in_nobodys_name(house, other, leader):
    dispute = DisputeFactory(
        claim__organisation=house.organisation, organisation=other.organisation
    )
    for organisation in (house.organisation, other.organisation):
        with pytest.raises(PermissionDenied):
            disputes.answer(
                principal=leader, dispute=dispute, organisation=organisation, text="We give in."
            )
    claim = ClaimFactory(organisation=house.organisation, value="999-71", tlp="GREEN")
    with pytest.raises(PermissionDenied):
        disputes.open_dispute(
            principal=leader, claim=claim, organisation=other.organisation, reason="Ours."
        )
