"""My day and search: what a person is told, and that it is only what they may see."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.accounts import PersonFactory
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
    member_of,
)
from tests.principals import principal_of, sign_in

from tcert.community.directory.enums import OrganisationState, TeamKind, TeamRole
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.ui.finding import find
from tcert.foundation.ui.waiting import Urgency, Waiting, register, waiting_for

pytestmark = pytest.mark.django_db


def titles(person, **options) -> list[str]:
    return [str(line.title) for line in waiting_for(principal_of(person, **options))]


def test_a_lone_coordinator_is_told_what_the_hub_needs():
    told = titles(coordinator_of_desk())
    assert told[:3] == ["Declare your interests", "Make your vault", "Give TCERT desk a key"]
    assert "Invite a second coordinator" in told
    TeamMembershipFactory(team=DeskFactory())
    assert "Invite a second coordinator" not in titles(coordinator_of_desk())


def test_who_leads_a_team_is_asked_for_its_key_and_a_plain_member_is_not():
    team = TeamFactory(name="Night CERT")
    assert "Give Night CERT a key" in titles(member_of(team, TeamRole.DEPUTY))
    assert titles(member_of(team)) == ["Make your vault"]


def test_a_person_without_a_team_has_nothing_waiting():
    assert titles(PersonFactory()) == []


def test_each_line_says_why_and_what_happens_otherwise(client):
    sign_in(client, coordinator_of_desk())
    for line in client.get("/my-day/").context["waiting"]:
        assert line.why
        assert line.otherwise
        assert client.get(line.url).status_code == 200


def test_my_day_costs_the_same_for_one_team_and_for_three():
    counts = []
    for teams in (1, 3):
        person = member_of(TeamFactory(), TeamRole.DEPUTY)
        for _ in range(teams - 1):
            TeamMembershipFactory(person=person, role=TeamRole.DEPUTY)
        client = sign_in(Client(), person)
        client.get("/my-day/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/my-day/")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 50


def test_lines_stand_by_urgency(monkeypatch):
    from tcert.foundation.ui import waiting

    monkeypatch.setattr(waiting, "_providers", [])
    late = Waiting("b", "why", "else", "/", Urgency.WHENEVER)
    now = Waiting("a", "why", "else", "/", Urgency.NOW)
    register(lambda _principal: [late, now])
    assert [line.title for line in waiting_for(ANONYMOUS)] == ["a", "b"]


def test_search_finds_teams_and_organisations_within_what_the_viewer_may_see(client):
    seen = TeamFactory(name="Alpha CERT", organisation=OrganisationFactory(name="Alpha Mobile"))
    TeamFactory(name="Alpha LI", kind=TeamKind.LAWFUL_INTERCEPTION)
    TeamFactory(
        name="Alpha hidden",
        organisation=OrganisationFactory(name="Alpha New", state=OrganisationState.PROVISIONAL),
    )
    hits = [hit.title for section in find(ANONYMOUS, "alpha") for hit in section.hits]
    assert hits == ["Alpha CERT", "Alpha Mobile"]
    sign_in(client, member_of(seen))
    page = client.get("/search/", {"q": "alpha"}).content.decode()
    assert "Alpha LI" in page
    assert "Alpha hidden" not in page


@pytest.mark.parametrize("words", ["", "a", "\x00", "%", "x" * 5_000, "'; --", "<script>", "５Ｇ"])
def test_odd_words_find_nothing_and_break_nothing(client, words):
    response = client.get("/search/", {"q": words})
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()
