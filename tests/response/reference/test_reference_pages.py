"""The pages of reference data, what coordinators do there, and what `find a team` tells of it."""

import csv
import io
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.claims import ClaimFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.reference import ROWS, TieFactory, as_file, listed, taken
from tests.principals import principal_of, sign_in
from tests.response.reference.test_asn import package

from tcert.cli import main
from tcert.community.directory.enums import OrganisationKind, TeamRole
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.response.reference import packaged, waiting
from tcert.response.reference.domain import addresses
from tcert.response.reference.models import Edition, Network, Tie
from tcert.response.routing.finding import find

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client):
    return sign_in(client, member_of(TeamFactory()))


@pytest.fixture
def desk(client):
    return sign_in(client, coordinator_of_desk(), coordinator=True)


@pytest.fixture
def brought(monkeypatch, tmp_path):
    """Let set-up have brought a list."""

    def bring(rows, version="1.0.1"):
        (tmp_path / "networks.json").write_bytes(rows if isinstance(rows, bytes) else as_file(rows))
        about = {"name": "mcc-mnc-list", "version": version, "license": "MIT", "integrity": "sha"}
        (tmp_path / "networks.about.json").write_text(json.dumps(about))

    monkeypatch.setattr(packaged, "FOLDER", tmp_path)
    return bring


def codes(page):
    return re.findall(r'scope="row" class="mono">([0-9-]+)<', page.text)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=208", ["208-01"]),
        ("q=310410", ["310-410", "310-410"]),
        ("q=405-03", ["405-03", "405-034"]),
        ("q=901 31", ["901-31"]),
        ("q=airtel", ["234-03", "234-03"]),
        ("q=reliance", ["405-03"]),
        ("country=IN", ["405-03", "405-034"]),
        ("country=virgin", ["310-410"]),
        ("country=IN&status=operational", ["405-03"]),
        ("status=other", ["312-110", "405-034"]),
        ("q=%D9%A3%D9%A1%D9%A0", []),
        ("q=no+such", []),
        ("status=nonsense&q=208", ["208-01"]),
    ],
)
def test_the_list_is_searched_by_code_operator_and_country(member, asked, found):
    taken()
    page = member.get(f"/reference/?{asked}")
    assert sorted(codes(page)) == sorted(found)
    assert ("No such row" in page.text) == (not found)


def test_each_row_says_source_licence_and_day_and_an_empty_list_how_it_comes(member):
    assert "tcert check reference" in member.get("/reference/").text
    edition = taken()
    page = member.get("/reference/")
    assert "mcc-mnc-list 1.0.0, MIT" in page.text
    day = f'datetime="{edition.taken_at:%Y-%m-%d}"'
    assert page.text.count(day) == len(ROWS) + 1
    assert "confirmed by nobody here" in page.text


def test_the_file_holds_what_is_shown_and_no_formula(member):
    taken([*ROWS, listed("208-02", '=HYPERLINK("https://evil.example")', brand="@SUM(1)")])
    answer = member.get("/reference/networks.csv?country=FR")
    first, *rows = csv.reader(io.StringIO(answer.text))
    assert [one[0] for one in rows] == ["208-01", "208-02"]
    second = dict(zip(first, rows[1], strict=True))
    assert second["operator"].startswith("'=")
    assert second["brand"].startswith("'@")
    assert (second["source"], second["version"], second["licence"]) == (
        *("mcc-mnc-list", "1.0.0"),
        "MIT",
    )


def test_the_list_asks_as_often_for_one_row_as_for_many(member):
    def asked():
        with CaptureQueriesContext(connection) as found:
            assert member.get("/reference/").status_code == 200
        return len(found)

    taken(ROWS[:1])
    member.get("/reference/")
    one = asked()
    taken([*ROWS, *(listed(f"208-{n}", f"Op {n}") for n in range(10, 60))], "1.0.1")
    TieFactory(operator="Op 10")
    TieFactory(operator="Op 11")
    assert asked() == one


def test_calling_codes_and_sources(member):
    page = member.get("/reference/calling-codes/")
    assert "+44" in page.text
    assert "GB, GG, IM, JE" in page.text
    assert re.search(r"\+881</th>.{0,80}of no country", page.text)
    assert "None yet" in member.get("/reference/sources/").text
    taken()
    assert "mcc-mnc-list 1.0.0" in member.get("/reference/sources/").text


def test_a_refresh_is_shown_then_taken_and_what_it_changed_is_kept(desk, brought):
    taken()
    brought([{**ROWS[0], "operator": "Orange France"}, *ROWS[1:], listed("208-02", "New One")])
    assert "Set-up brought version 1.0.1" in desk.get("/reference/sources/").text
    page = desk.get("/reference/refresh/")
    assert "Rows that come: 1. Altered: 1. Rows that go: 0." in page.text
    assert "Orange S.A. → Orange France" in page.text
    assert Edition.objects.count() == 1
    shown = re.search(r'name="shown" value="(\w+)"', page.text)[1]
    answer = desk.post("/reference/refresh/", {"shown": shown}, follow=True)
    assert "Orange S.A. → Orange France" in answer.text
    assert "Came: 1. Altered: 1. Went: 0." in answer.text
    assert Edition.objects.count() == 2
    assert "Nothing newer" in desk.get("/reference/refresh/").text


def test_what_was_not_shown_is_not_taken(desk, brought):
    taken()
    brought([*ROWS, listed("208-02", "Shown")])
    shown = re.search(r'name="shown" value="(\w+)"', desk.get("/reference/refresh/").text)[1]
    brought([*ROWS, listed("208-03", "Never shown")])
    for sent in ({"shown": shown}, {}, {"shown": "x" * 90}):
        answer = desk.post("/reference/refresh/", sent, follow=True)
        assert Edition.objects.count() == 1
        assert "Never shown" in answer.text, "the page shows what stands there now"


@pytest.mark.parametrize(
    ("rows", "version", "said"),
    [
        (as_file()[:-5], "1.0.1", "breaks off"),
        (ROWS[1:], "0.9", "It is older than version 1.0.0"),
        (ROWS[:3], "1.0.1", "part of it may be missing"),
    ],
)
def test_a_broken_older_or_shortened_list_has_no_button(desk, brought, rows, version, said):
    taken()
    brought(rows, version)
    page = desk.get("/reference/refresh/")
    assert said in page.text
    assert "Take it" not in page.text


def test_a_newer_list_waits_for_the_desk_alone(brought):
    taken()
    brought(ROWS[1:])
    person = coordinator_of_desk()
    assert [one.url for one in waiting.desk(principal_of(person))] == ["/reference/refresh/"]
    assert list(waiting.desk(principal_of(member_of(TeamFactory())))) == []
    brought(ROWS, "1.0.0")
    assert list(waiting.desk(principal_of(person))) == []


def test_tcert_check_says_when_a_newer_list_waits_or_none_was_taken(brought, capsys):
    assert main(["check", "reference"]) == 0
    assert "No list of network codes was taken" in capsys.readouterr().out
    taken()
    brought(ROWS[1:])
    main(["check", "reference"])
    assert "1.0.1" in capsys.readouterr().out


def orange():
    """Return the address of Orange in France, whose name stands elsewhere too."""
    return f"/reference/operators/{Network.objects.get(plmn='208-01').id}/"


def test_an_operator_is_tied_by_a_person_and_it_is_taken_back(desk):
    taken()
    address = orange()
    house = OrganisationFactory(name="Orange", short_name="ORG")
    other = OrganisationFactory(name="Orange Polska", short_name="OPL")
    page = desk.get(address)
    assert str(house.id) in page.text, "its brand has the same words"
    assert str(other.id) not in page.text
    looked = desk.get(f"{address}?q=polska")
    assert str(other.id) in looked.text
    assert not re.search(r'type="radio"[^>]*checked', looked.text), "nothing is chosen before"
    assert desk.post(address, {"organisation": ""}).status_code == 400
    assert desk.post(address, {"organisation": str(other.id)}).status_code == 400
    answer = desk.post(address, {"organisation": str(house.id)}, follow=True)
    assert "said by a coordinator" in answer.text
    tied = Tie.objects.get()
    assert f"/directory/organisations/{house.id}/" in desk.get("/reference/?q=208").text
    assert f"/organisations/{house.id}/" not in desk.get("/reference/?q=901").text
    assert "Orange S.A." in desk.get("/reference/operators/?show=tied").text
    answer = desk.post(f"/reference/ties/{tied.id}/undo/", follow=True)
    assert "taken back" in answer.text
    assert "No such operator" in desk.get("/reference/operators/?show=tied").text


def test_a_coordinator_who_is_tied_to_the_house_is_told_so(client):
    taken()
    person = coordinator_of_desk()
    own = TeamFactory(organisation=OrganisationFactory(name="Orange"))
    own.memberships.create(person=person, role=TeamRole.MEMBER)
    desk = sign_in(client, person, coordinator=True)
    answer = desk.post(orange(), {"organisation": str(own.organisation_id)})
    assert "a colleague decides" in answer.text
    assert not Tie.objects.exists()
    tied = TieFactory(operator="Bihar", country_code="IN", organisation=own.organisation)
    assert desk.post(f"/reference/ties/{tied.id}/undo/").status_code == 403


def test_a_row_of_no_operator_has_no_page_of_one(desk):
    taken()
    for code in ("312-110", "001-01", "999-99"):
        row = Network.objects.get(plmn=code)
        assert desk.get(f"/reference/operators/{row.id}/").status_code == 404


# Find a team ------------------------------------------------------------------


def told(found):
    return [(one.what, one.name) for one in found.told]


def test_a_stranger_reads_the_public_list_and_nothing_of_ties_and_claims(client):
    edition = taken()
    house = OrganisationFactory(name="Tied House")
    TieFactory(operator="Orange S.A.", country_code="FR", organisation=house)
    before = client.post("/find/", {"what": "208-01"})
    assert "Public reference" in before.text
    assert "Not confirmed by anybody here" in before.text
    assert "Orange S.A." in before.text
    assert f'mcc-mnc-list 1.0.0, MIT, <time datetime="{edition.taken_at:%Y-%m-%d}"' in before.text
    assert "Tied House" not in before.text
    member = principal_of(member_of(TeamFactory()))
    assert [one.organisation for one in find(member, "208-01").told] == [house]
    with CaptureQueriesContext(connection) as unclaimed:
        assert told(find(ANONYMOUS, "208-01"))
    ClaimFactory(value="208-01", verified=True, is_findable=False)
    with CaptureQueriesContext(connection) as claimed:
        assert told(find(ANONYMOUS, "208-01")) == [("208-01", "Orange S.A.")]
    assert len(claimed) == len(unclaimed), "a hidden claim changes no number of questions"
    csrf = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|nonce="[^"]+"')
    after = client.post("/find/", {"what": "208-01"})
    assert csrf.sub("", after.text) == csrf.sub("", before.text)


def test_codes_in_use_decide_which_holder_of_an_imsi_is_found():
    """310410… is 310-410; without the list 310-41 was asked first, and its holder was told."""
    right, wrong = TeamFactory(), TeamFactory()
    for team, code in ((right, "310-410"), (wrong, "310-41")):
        house = team.organisation
        ClaimFactory(organisation=house, value=code, verified=True, is_findable=True)

    def first(text):
        found = find(ANONYMOUS, text)
        return found.readings[0].answers[0].team

    assert first("310410123456789") == wrong
    taken()
    assert first("310410123456789") == right


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("405034001111111", [("405-03", "Bihar"), ("405-034", "Karnataka")]),
        ("310410123456789", [("310-410", "AT&T Mobility"), ("310-410", "Liberty")]),
        ("mnc000.mcc350", [("350-00", "Bermuda Digital")]),
        ("epc.mnc001.mcc208.3gppnetwork.org", [("208-01", "Orange S.A.")]),
        ("901-31", [("901-31", "Orange S.A.")]),
        ("nobody.example", []),
    ],
)
def test_public_reference_of_what_names_a_network(text, expected):
    taken()
    found = told(find(ANONYMOUS, text))
    assert sorted(found) == sorted(expected)
    assert found[:1] == expected[:1] or found[0][0] == expected[0][0], "the likelier comes first"


def test_the_national_cert_is_named_where_the_list_names_one_country_and_only_then():
    taken()
    for country in ("FR", "US", "GG"):
        house = OrganisationFactory(kind=OrganisationKind.NATIONAL_CERT, country=country)
        TeamFactory(organisation=house)
    assert find(ANONYMOUS, "208-01").country == "FR"
    assert len(find(ANONYMOUS, "208-01").national) == 1
    for text in ("310-410", "234-03", "901-31", "999-99", "001-01"):
        assert find(ANONYMOUS, text).country == "", text
        assert find(ANONYMOUS, text).national == ()


def test_addresses_name_their_makers_where_they_are_shown(client, tmp_path, settings):
    settings.DATA_DIR = tmp_path / "data"
    assert find(ANONYMOUS, "1.0.0.7").told == ()
    addresses.take(proposal=addresses.propose([package()]))
    for text in ("1.0.0.7", "AS13335"):
        page = client.post("/find/", {"what": text})
        assert "Cloudflare, Inc." in page.text
        assert "ip-location-db/asn 2.3.2026061719, CC-BY-4.0" in page.text
        assert '<a href="https://db-ip.com"' in page.text
        assert "routeviews.org" in page.text
    assert "db-ip.com" not in client.post("/find/", {"what": "10.0.0.7"}).text
