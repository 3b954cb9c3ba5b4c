"""Every proposal has a reason; what leads nowhere is said, and names never match by fragment."""

import pytest
from tests.factories.claims import ClaimFactory
from tests.factories.directory import TeamFactory
from tests.factories.inventory import EquipmentFactory, ProductFactory

from tcert.community.directory.enums import OrganisationState, TeamKind
from tcert.foundation.kernel import clock
from tcert.response.routing.proposals import ProposedRole, Source, propose

pytestmark = pytest.mark.django_db


def test_the_maker_the_runner_and_the_holder_are_proposed_with_their_reasons():
    product = ProductFactory(name="Corevale UDM")
    psirt = TeamFactory(organisation=product.vendor, kind=TeamKind.PSIRT, name="PSIRT")
    TeamFactory(organisation=product.vendor, kind=TeamKind.SOC, name="SOC")
    runner = EquipmentFactory(product=product, versions="4.2.1").organisation
    cert = TeamFactory(organisation=runner, name="CERT of the runner")
    holder = ClaimFactory(value="999-70", verified=True).organisation
    holders_cert = TeamFactory(organisation=holder, name="CERT with a network")

    found = propose(product_ids=[product.id], networks=["99970"])

    assert [(p.team, p.role, p.reason) for p in found.proposals] == [
        (cert, ProposedRole.DEPLOYER, "runs Corevale UDM 4.2.1 (declared)"),
        (holders_cert, ProposedRole.DEPLOYER, "holds 999-70 (verified)"),
        (psirt, ProposedRole.VENDOR, "makes Corevale UDM"),
    ]
    assert found.unanswered == ()


def test_an_operator_named_twice_is_proposed_once_by_its_strongest_reason():
    item = EquipmentFactory()
    TeamFactory(organisation=item.organisation)
    TeamFactory(organisation=item.product.vendor)
    ClaimFactory(organisation=item.organisation, value="999-71")
    found = propose(product_ids=[item.product_id], networks=["999-71"])
    assert [p.source for p in found.proposals] == [Source.EQUIPMENT, Source.PRODUCT]


def test_both_holders_of_a_shared_network_are_proposed():
    for _ in range(2):
        TeamFactory(organisation=ClaimFactory(value="234-03").organisation)
    assert len(propose(networks=["234-03"]).proposals) == 2


def test_what_leads_to_no_team_is_said():
    ClaimFactory(value="999-72")
    found = propose(networks=["999-72", "999-73", "nonsense"])
    assert found.proposals == ()
    assert len(found.unanswered) == 3
    assert "has no team on the list" in " ".join(found.unanswered)


def test_withdrawn_retired_and_lawful_interception_are_never_proposed():
    withdrawn = EquipmentFactory(withdrawn_at=clock.now())
    TeamFactory(organisation=withdrawn.organisation)
    TeamFactory(organisation=withdrawn.product.vendor, retired_at=clock.now())
    hidden = ClaimFactory(value="999-74")
    TeamFactory(organisation=hidden.organisation, kind=TeamKind.LAWFUL_INTERCEPTION)
    found = propose(product_ids=[withdrawn.product_id], networks=["999-74"])
    assert found.proposals == ()


def test_proposing_takes_the_same_number_of_queries_for_one_and_for_three(
    django_assert_num_queries,
):
    items = [EquipmentFactory() for _ in range(3)]
    for item in items:
        TeamFactory(organisation=item.organisation)
        TeamFactory(organisation=item.product.vendor)
    with django_assert_num_queries(3):
        propose(product_ids=[items[0].product_id])
    with django_assert_num_queries(3):
        propose(product_ids=[i.product_id for i in items])


@pytest.mark.parametrize("state", OrganisationState)
def test_who_is_on_the_list_or_came_by_an_invitation_is_proposed_nobody_else(state):
    """Who was excluded for a leak is not the first whom the desk is to tell of the next case."""
    team = TeamFactory(organisation__state=state)
    ClaimFactory(organisation=team.organisation, value="999-74", verified=True)
    found = propose(networks=["999-74"])
    able = state in {OrganisationState.LISTED, OrganisationState.PROVISIONAL}
    assert [p.team for p in found.proposals] == ([team] if able else [])
    assert len(found.unanswered) == (not able)
