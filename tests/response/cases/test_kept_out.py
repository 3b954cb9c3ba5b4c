"""Who must not be told: every way round a reporter's wish that was found, closed."""

import pytest
from tests.factories.case_parties import give_key
from tests.factories.cases import (
    CaseFactory,
    CaseProductFactory,
    ExclusionFactory,
    InvitationFactory,
    ParticipantFactory,
    ReceivedFactory,
)
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.inventory import ProductFactory
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import OrganisationKind
from tcert.foundation.kernel.errors import DomainError
from tcert.response.advisories import parties
from tcert.response.cases.domain import participants, threads, triage
from tcert.response.cases.enums import ManagementAct, Presence, Role, ThreadPurpose
from tcert.response.cases.models import Case, Exclusion, Participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return principal_of(coordinator_of_desk(), coordinator=True)


@pytest.fixture
def team():
    give_key(found := TeamFactory())
    return found


def invite(coordinator, case, team):
    return participants.invite(principal=coordinator, case=case, team=team, roles=[Role.VENDOR])


def repeats(coordinator, case, other):
    """Judge a case as a duplicate of another one."""
    for act, of in ((ManagementAct.VALIDATE, None), (ManagementAct.DEFER, other)):
        triage.judge(principal=coordinator, case=case, revision=None, act=act, duplicate_of=of)


def told_of(case) -> set:
    return set(
        Participant.objects.filter(case=case, team__isnull=False)
        .exclude(team=case.coordinating_team)
        .values_list("team", flat=True)
    )


# Through a duplicate --------------------------------------------------------------------------


def test_a_wish_counts_in_the_case_that_is_followed_together(coordinator, team):
    case, other = ReceivedFactory(exclusions_settled_at="2026-11-01T00:00Z"), CaseFactory()
    ExclusionFactory(case=case, team=team)
    repeats(coordinator, case, other)
    with pytest.raises(DomainError, match="must not be told"):
        invite(coordinator, other, team)
    assert told_of(other) == set()
    triage.judge(principal=coordinator, case=case, revision=None, act=ManagementAct.ACCEPT)
    assert invite(coordinator, other, team), "no duplicate any more: each for itself"


def test_a_duplicate_whose_wishes_nobody_has_read_holds_up_both(coordinator, team):
    case, other = ReceivedFactory(), CaseFactory()
    repeats(coordinator, case, other)
    with pytest.raises(DomainError, match=f"must not be told of {case.code_name}"):
        invite(coordinator, other, team)
    triage.settle_exclusions(principal=coordinator, case=case, revision=None)
    assert invite(coordinator, other, team)


def test_cases_of_which_one_party_must_not_know_the_other_stay_apart(coordinator, team):
    case, other = ReceivedFactory(), CaseFactory()
    ExclusionFactory(case=case, team=team)
    ParticipantFactory(case=other, team=team)
    with pytest.raises(DomainError, match="cannot be followed together"):
        repeats(coordinator, case, other)
    assert Case.objects.get(pk=case.pk).duplicate_of is None


def test_a_party_of_the_other_case_is_told_already(coordinator, team):
    case, other = ReceivedFactory(), CaseFactory()
    ParticipantFactory(case=other, team=team)
    repeats(coordinator, case, other)
    with pytest.raises(DomainError, match="told already"):
        triage.exclude(principal=coordinator, case=case, team=team)
    assert not Exclusion.objects.exists()


# Through the directory ------------------------------------------------------------------------


def test_a_group_of_several_floors_is_one_house(coordinator):
    top = OrganisationFactory()
    middle = OrganisationFactory(group=top)
    bottom = OrganisationFactory(group=middle)
    cousin = OrganisationFactory(group=OrganisationFactory(group=top))
    for excluded in (top, middle, bottom, cousin):
        exclusion = ExclusionFactory(team=None, organisation=excluded)
        teams = [TeamFactory(organisation=o) for o in (top, middle, bottom, cousin)]
        assert [exclusion.covers(t) for t in teams] == [True] * 4
        assert not exclusion.covers(TeamFactory())


def test_a_group_that_was_entered_in_a_circle_is_one_house():
    one, other = OrganisationFactory(), OrganisationFactory()
    for first, second in ((one, other), (other, one)):
        first.group = second
        first.save()
    exclusion = ExclusionFactory(team=None, organisation=one)
    assert exclusion.covers(TeamFactory(organisation=other))


def test_a_coordinator_of_a_house_two_floors_up_is_not_served_the_case():
    top = OrganisationFactory()
    bottom = OrganisationFactory(group=OrganisationFactory(group=top))
    person = coordinator_of_desk()
    TeamFactory(organisation=top).memberships.create(person=person, role="member")
    case = CaseFactory()
    ExclusionFactory(case=case, team=None, organisation=bottom)
    assert not Case.objects.coordinated_by(principal_of(person, coordinator=True)).exists()
    assert Case.objects.coordinated_by(
        principal_of(coordinator_of_desk(), coordinator=True)
    ).exists()


def came_under(team) -> None:
    """Let a team's organisation be bought by one that must not be told, after it was asked."""
    excluded = Exclusion.objects.get().organisation
    team.organisation.group = excluded
    team.organisation.save()


def test_who_comes_under_it_before_accepting_stays_out_and_does_not_learn_why(team):
    give_key(DeskFactory())
    invitation = InvitationFactory(
        participant=ParticipantFactory(team=team, presence=Presence.INVITED)
    )
    case = invitation.participant.case
    ExclusionFactory(case=case, team=None, organisation=OrganisationFactory(name="Evil Owner"))
    came_under(team)
    with pytest.raises(DomainError) as refusal:
        participants.accept(
            principal=principal_of(member_of(team)),
            invitation=invitation,
            revision=None,
            agreed_end=None,
        )
    assert str(refusal.value.message) == (
        "This invitation no longer holds. Ask the coordinating team."
    )
    assert Participant.objects.get(case=case, team=team).presence == Presence.INVITED


def test_who_comes_under_it_while_taking_part_gets_no_wider_conversation_and_no_advance_copy(
    coordinator, team
):
    give_key(DeskFactory())
    case = CaseFactory()
    row = ParticipantFactory(case=case, team=team)
    link = threads.open_wide(
        principal=coordinator, case=case, purpose=ThreadPurpose.ALL, asked=[row]
    )
    assert parties.facts(case.id).teams == (team,)
    ExclusionFactory(case=case, team=None, organisation=OrganisationFactory())
    came_under(team)
    reader = link.readers.get(participant=row)
    with pytest.raises(DomainError, match="not asked to join"):
        threads.join(principal=principal_of(member_of(team)), reader=reader)
    row.refresh_from_db()
    again = Participant.objects.get(pk=row.pk)
    with pytest.raises(DomainError, match="must not be told"):
        threads.ask(principal=coordinator, link=link, participant=again)
    assert parties.facts(case.id).teams == ()


# Through the pages ----------------------------------------------------------------------------


def test_neither_proposals_nor_a_forged_form_ask_them(client):
    vendor = OrganisationFactory(kind=OrganisationKind.VENDOR)
    team = TeamFactory(organisation=vendor)
    product = ProductFactory(vendor=vendor)
    other = CaseFactory()
    CaseProductFactory(case=other, product=product, name=str(product))
    case = ReceivedFactory(exclusions_settled_at="2026-11-01T00:00Z", duplicate_of=other)
    ExclusionFactory(case=case, team=None, organisation=vendor)
    sign_in(client, coordinator_of_desk(), coordinator=True)
    url = f"/cases/{other.id}/involve/"
    assert team.name not in client.get(url).content.decode().split("<form")[0]
    page = client.post(url, {"act": "proposed", "proposal": f"{team.id}:vendor"})
    assert "must not be told" in page.content.decode()
    assert told_of(other) == set()


def test_what_a_kept_out_team_sees_of_the_case_anywhere(client, team):
    case = CaseFactory(code_name="Copper Glen")
    ExclusionFactory(case=case, team=team)
    sign_in(client, member_of(team))
    for url in ("/my-day/", "/cases/", "/cases/?q=Copper", "/find/?q=Copper", "/records/"):
        assert "Copper Glen" not in client.get(url).content.decode()
    assert client.get(f"/cases/{case.id}/").status_code == 404
