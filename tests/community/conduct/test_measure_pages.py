"""Measures as pages: proposed, confirmed, read, appealed, decided."""

import pytest
from django.test import Client
from django.urls import reverse
from tests.factories.conduct import AppealFactory, MeasureFactory
from tests.factories.desk import InterestFactory
from tests.factories.directory import TeamFactory, coordinator_of_desk, member_of
from tests.principals import sign_in

from tcert.community.conduct.models import Appeal, Measure
from tcert.community.desk.models import ProposedAct
from tcert.community.directory.enums import OrganisationState, TeamRole

pytestmark = pytest.mark.django_db


def client_of(person, *, coordinator=False):
    return sign_in(Client(), person, coordinator=coordinator)


def test_from_the_proposal_to_the_decision_on_the_appeal():
    team = TeamFactory(organisation__name="Nordtel")
    person = member_of(team, TeamRole.REPRESENTATIVE)
    ada, ben, eva = (
        client_of(coordinator_of_desk(name=name), coordinator=True)
        for name in ("Ada", "Ben", "Eva")
    )
    typed = {
        "organisation": team.organisation_id,
        "kind": "suspension",
        "days": 30,
        "ground": "confidence",
        "reason": "A draft advisory stood in a newspaper.",
        "confirm_name": "Nordtel",
    }
    asked = ada.post(reverse("conduct:impose"), typed)
    assert asked.headers["Location"] == reverse("desk:propose")
    ada.post(reverse("desk:propose"), {"reason": "The newspaper printed our mark."})
    proposal = ProposedAct.objects.get()
    shown = ben.get(reverse("desk:act", args=[proposal.id])).content.decode()
    assert "Nordtel" in shown
    assert "A draft advisory stood in a newspaper." in shown
    ben.post(reverse("desk:act", args=[proposal.id]), {"act": "confirm"})
    measure = Measure.objects.get()
    own = client_of(person)
    page = reverse("conduct:measure", args=[measure.id])
    assert "Nordtel is off the list" in own.get(reverse("site:my_day")).content.decode()
    read = own.get(page).content.decode()
    assert "A draft advisory stood in a newspaper." in read
    assert reverse("conduct:appeal", args=[measure.id]) in read
    own.post(reverse("conduct:appeal", args=[measure.id]), {"text": "It was not us."})
    for client, status in ((ada, 403), (ben, 403), (eva, 200)):
        assert client.get(reverse("conduct:decide", args=[measure.id])).status_code == status
    assert "another coordinator decides" in ada.get(page).content.decode()
    assert "Nordtel" in eva.get(reverse("conduct:measures")).content.decode()
    eva.post(
        reverse("conduct:decide", args=[measure.id]),
        {"outcome": "lifted", "answer": "The copy was another’s."},
    )
    assert Appeal.objects.get().answer == "The copy was another’s."
    team.organisation.refresh_from_db()
    assert team.organisation.state == OrganisationState.LISTED
    assert "The copy was another’s." in own.get(page).content.decode()


def test_what_was_typed_wrongly_is_said_beside_the_field_and_kept():
    team = TeamFactory(organisation__name="Nordtel")
    client = client_of(coordinator_of_desk(), coordinator=True)
    typed = {
        "organisation": team.organisation_id,
        "kind": "suspension",
        "days": "",
        "ground": "law",
        "reason": "Because.",
        "confirm_name": "Nordtel",
    }
    answer = client.post(reverse("conduct:impose"), typed)
    assert answer.status_code == 400
    assert "Say for how many days." in answer.content.decode()
    assert "Because." in answer.content.decode()
    answer = client.post(reverse("conduct:impose"), {**typed, "days": 5, "confirm_name": "Other"})
    assert answer.status_code == 400
    assert "Type the name exactly" in answer.content.decode()


def test_who_is_tied_to_its_house_finds_no_measure_and_cannot_choose_it():
    team = TeamFactory(organisation__name="Nordtel")
    measure = MeasureFactory()
    tied = coordinator_of_desk()
    for organisation in (team.organisation, measure.organisation):
        InterestFactory(person=tied, organisation=organisation)
    client = client_of(tied, coordinator=True)
    assert "Nordtel" not in client.get(reverse("conduct:impose")).content.decode()
    for name in ("measure", "lift"):
        assert client.get(reverse(f"conduct:{name}", args=[measure.id])).status_code == 404
    listed = client.get(reverse("conduct:measures")).content.decode()
    assert measure.organisation.name not in listed


def test_members_and_strangers_find_nothing():
    appeal = AppealFactory()
    member = client_of(member_of(TeamFactory(), TeamRole.REPRESENTATIVE))
    page = reverse("conduct:measure", args=[appeal.measure_id])
    assert member.get(page).status_code == 404
    assert member.get(reverse("conduct:appeal", args=[appeal.measure_id])).status_code == 404
    assert member.get(reverse("conduct:measures")).status_code == 403
    assert Client().get(page).status_code == 302


@pytest.mark.parametrize("show", ["", "over"])
def test_the_list_asks_the_database_as_often_for_three_as_for_one(
    show, django_assert_max_num_queries, django_assert_num_queries
):
    client = client_of(coordinator_of_desk(), coordinator=True)
    address = reverse("conduct:measures") + f"?show={show}"
    AppealFactory()
    MeasureFactory(ended_at="2026-01-01T00:00Z", ended_how="lifted")
    with django_assert_max_num_queries(60) as counted:
        client.get(address)
    AppealFactory.create_batch(2)
    MeasureFactory.create_batch(2, ended_at="2026-01-01T00:00Z", ended_how="lifted")
    with django_assert_num_queries(len(counted)):
        client.get(address)
