"""Playbooks as a stranger and as a member see them, and what hostile addresses get."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.directory import (
    DeskFactory,
    OrganisationFactory,
    TeamFactory,
    TeamMembershipFactory,
    member_of,
)
from tests.factories.responsibility import MatrixFactory, filled
from tests.principals import sign_in

from tcert.foundation.language.vocabularies import vocabulary
from tcert.response.playbooks import library

pytestmark = pytest.mark.django_db

PAGE = "/playbooks/ss7-location-tracking/"


@pytest.fixture
def desk():
    return DeskFactory()


def questions(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def test_the_list_leads_from_signs_to_playbooks(client):
    html = client.get("/playbooks/").content.decode()
    for one in library.playbooks().values():
        assert f'href="/playbooks/{one.slug}/"' in html
        assert f'href="/playbooks/{one.slug}/#first-15-minutes"' in html
    assert html.index("Bursts of anyTimeInterrogation") < html.index("SS7 location tracking</a>")
    assert "Call the emergency services of your country first." in html


@pytest.mark.parametrize("one", library.playbooks().values(), ids=lambda one: one.slug)
def test_a_page_shows_all_of_a_playbook(client, desk, one):
    html = client.get(f"/playbooks/{one.slug}/").content.decode()
    steps = [step for box in one.boxes for step in box.steps]
    for step in steps:
        assert f'id="{step.anchor}"' in html
        assert f'href="#{step.anchor}"' in html
    for pair in one.pairs:
        assert f'id="{pair.anchor}"' in html
    assert html.count('<input type="checkbox" autocomplete="off">') == len(steps)
    assert "<form" not in html.partition("<main")[2].partition("</main>")[0]
    assert f'<article class="play" lang="{one.language}">' in html
    for code in one.fight + one.motif:
        assert code in html
    anchors = set(re.findall(r'href="#([\w-]+)"', html))
    assert anchors <= set(re.findall(r'id="([\w-]+)"', html))
    assert len(html.encode()) < 100_000


def test_a_stranger_finds_team_and_desk_and_nothing_of_members(client, desk):
    html = client.get(PAGE).content.decode()
    assert 'href="/find/"' in html
    assert f'href="/directory/teams/{desk.id}/"' in html
    for door in ("/duties/", "/responsibility/", "Crisis sheet"):
        assert door not in html
    assert "Signed-in members read on the hub who has to report what" in html


def test_a_member_sees_their_own_sheet_team_and_whom_they_call(client, desk):
    team = TeamFactory(name="Own CERT")
    filled(MatrixFactory(organisation=team.organisation))
    foreign = MatrixFactory()
    sign_in(client, member_of(team))
    html = client.get(PAGE).content.decode()
    house = team.organisation_id
    for link in (
        f"/responsibility/organisations/{house}/sheet/",
        f"/responsibility/organisations/{house}/down/",
        f"/responsibility/organisations/{house}/domains/signalling/",
        f"/directory/teams/{team.id}/",
        "/duties/",
    ):
        assert f'href="{link}"' in html
        assert client.get(link).status_code == 200
    assert str(foreign.organisation_id) not in html


def test_a_member_whose_organisation_names_nobody_is_told_so(client, desk):
    sign_in(client, member_of(TeamFactory()))
    html = client.get(PAGE).content.decode()
    assert "Nobody is named yet" in html
    assert "Crisis sheet" not in html


def test_a_member_of_two_organisations_sees_both_and_no_link_that_guesses(client, desk):
    one, two = TeamFactory(), TeamFactory(organisation=OrganisationFactory())
    person = member_of(one)
    TeamMembershipFactory(team=two, person=person)
    for team in (one, two):
        filled(MatrixFactory(organisation=team.organisation))
    sign_in(client, person)
    html = client.get(PAGE).content.decode()
    assert html.count("Crisis sheet</a>") == 2
    assert "/domains/signalling/" not in html


def test_without_a_desk_the_page_stands(client):
    html = client.get(PAGE).content.decode()
    assert "the desk" in html
    assert "/directory/teams/" not in html


def test_a_stranger_costs_no_question_but_for_the_desk(client, desk):
    assert questions(client, "/playbooks/") == 0
    assert questions(client, PAGE) == 1
    assert questions(client, f"{PAGE}playbook.txt") == 0
    assert questions(client, f"{PAGE}playbook.md") == 0


def test_a_member_costs_the_same_however_much_they_have(client, desk):
    team = TeamFactory()
    person = member_of(team)
    sign_in(client, person)
    questions(client, PAGE)
    before = questions(client, PAGE)
    for _ in range(3):
        TeamMembershipFactory(team=TeamFactory(organisation=team.organisation), person=person)
    filled(MatrixFactory(organisation=team.organisation))
    assert questions(client, PAGE) == before


@pytest.mark.parametrize("path", ["/playbooks/", PAGE, f"{PAGE}playbook.txt", f"{PAGE}playbook.md"])
def test_stores_may_keep_what_a_stranger_without_a_cookie_got(client, desk, path):
    answer = client.get(path)
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Cookie" in answer.headers["Vary"]
    assert not answer.cookies
    client.cookies["anything"] = "x"
    assert "no-store" in client.get(path).headers["Cache-Control"]
    sign_in(client, member_of(TeamFactory()))
    assert "no-store" in client.get(path).headers["Cache-Control"]


@pytest.mark.parametrize(
    ("name", "kind"), [("playbook.txt", "text/plain"), ("playbook.md", "text/markdown")]
)
def test_files_are_to_be_kept(client, name, kind):
    answer = client.get(f"{PAGE}{name}")
    assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
    suffix = name.rpartition(".")[2]
    expected = f'attachment; filename="ss7-location-tracking.{suffix}"'
    assert answer.headers["Content-Disposition"] == expected
    assert "/playbooks/ss7-location-tracking/" in answer.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/playbooks/no-such/",
        "/playbooks/no-such/playbook.txt",
        "/playbooks/../settings/",
        "/playbooks/%2e%2e/",
        "/playbooks/..%2f..%2fsettings/",
        "/playbooks/ss7-location-tracking.toml/",
        "/playbooks/ss7-location-tracking/../../etc/passwd",
        "/playbooks/ss7-location-tracking/playbook.pdf",
        "/playbooks/ss7-location-tracking%00/",
        "/playbooks/SS7-LOCATION-TRACKING/",
        f"/playbooks/{'a' * 4_000}/",
        "/playbooks/٣/",
    ],
)
def test_other_addresses_are_not_found(client, path):
    assert client.get(path).status_code == 404


def test_nothing_is_taken(client):
    for path in ("/playbooks/", PAGE, f"{PAGE}playbook.txt", f"{PAGE}playbook.md"):
        assert client.post(path, {"x": "y"}).status_code == 405


@pytest.mark.parametrize("who", ["stranger", "member"])
def test_search_finds_a_playbook_by_what_is_seen(client, desk, who):
    if who == "member":
        sign_in(client, member_of(TeamFactory()))
    html = client.get("/search/", {"q": "anytimeinterrogation"}).content.decode()
    assert f'href="{PAGE}"' in html
    assert f'href="{PAGE}"' not in client.get("/search/", {"q": "zzzzzz"}).content.decode()


def test_the_domains_that_are_linked_are_those_of_responsibility():
    """The link to a domain of one's own is built from the code: both lists are one."""
    known = {term.code for term in vocabulary("telecom-domain").terms}
    used = {c.domain for one in library.playbooks().values() for c in one.calls if c.domain}
    assert used <= known
