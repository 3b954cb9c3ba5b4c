"""Find a team: who is told of whom, by what, and how little a stranger learns."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories.claims import ClaimFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.inventory import EquipmentFactory, ProductFactory
from tests.principals import principal_of, sign_in

from tcert.community.claims.enums import State
from tcert.community.claims.models import Claim
from tcert.community.directory.enums import (
    ChannelKind,
    ChannelPurpose,
    OrganisationKind,
    OrganisationState,
    TeamKind,
)
from tcert.community.directory.models import Channel, Organisation, Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import ANONYMOUS
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.routing import finding, views
from tcert.response.routing.finding import MOST_CANDIDATES, find

pytestmark = pytest.mark.django_db


def holder(value="999-70", name="Altus Networks", **claim):
    """An operator with a team, one public and one other channel, and a proven claim."""
    house = OrganisationFactory(name=name, short_name=name.split()[0], country="FI")
    team = TeamFactory(organisation=house, name=f"{name} CERT")
    for box, public in (("cert", True), ("night", False)):
        Channel.objects.create(
            team=team,
            kind=ChannelKind.EMAIL,
            purpose=ChannelPurpose.MAIN,
            value=f"{box}@{name.split()[0].lower()}.example",
            is_public=public,
        )
    options = {"is_findable": True, "verified": True, **claim}
    ClaimFactory(organisation=house, value=value, **options)
    return team


def told(found):
    return {answer.team for reading in found.readings for answer in reading.answers}


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("kind", "value", "asked"),
    [
        ("plmn", "999-70", "99970"),
        ("plmn", "999-70", " 999 70 "),
        ("plmn", "999-70", "epc.mnc070.mcc999.3gppnetwork.org"),
        ("plmn", "999-70", "999700123456789"),
        ("realm", "ims.operator.example", "scscf.ims.operator.example"),
        ("domain", "operator.example", "www.operator.example"),
        ("domain", "operator.example", "somebody@operator.example"),
        ("asn", "64500", "AS64500"),
        ("cidr", "192.0.2.0/24", "192.0.2.7"),
        ("gt-range", "+35840", "+358401234567"),
        ("tac", "35174605", "351746051234568"),
    ],
)
def test_an_identifier_leads_a_stranger_to_a_holder_who_is_findable(kind, value, asked):
    team = holder(value, kind=kind)
    found = find(ANONYMOUS, asked)
    assert told(found) == {team}
    (answer,) = next(reading.answers for reading in found.readings)
    assert [one.value for one in answer.contact.channels] == ["cert@altus.example"]
    assert answer.claim is None


HIDDEN = {
    "not findable": {"is_findable": False},
    "not verified": {"verified": False},
    "disputed": {"state": State.DISPUTED},
    "withdrawn": {"state": State.WITHDRAWN},
    "its proof ran out": {"verified_until": clock.now() - timedelta(days=1)},
    "not valid yet": {"valid_from": clock.now() + timedelta(days=1)},
    "over": {"valid_until": clock.now() - timedelta(days=1)},
    "holder not listed": {},
}


def asked_by_stranger(client, text):
    """Return the page that a stranger gets, without what differs each time, and the questions."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.post("/find/", {"what": text})
    page = answer.content.decode()
    start = page.index("</form>", page.index('name="what"'))
    return (
        answer.status_code,
        page[start:],
        [re.split("WHERE|VALUES", q["sql"])[0] for q in queries],
    )


@pytest.mark.both_databases
@pytest.mark.parametrize("why", HIDDEN)
def test_what_is_not_for_strangers_is_as_if_nobody_claimed_it(client, why):
    """The same page by the same questions: neither says that there is a claim."""
    nobody = asked_by_stranger(client, "999-70")
    team = holder(**HIDDEN[why])
    if why == "holder not listed":
        Organisation.objects.filter(pk=team.organisation_id).update(
            state=OrganisationState.PROVISIONAL
        )
    assert asked_by_stranger(client, "999-70") == nobody


@pytest.mark.both_databases
def test_a_hidden_claim_changes_nothing_about_a_findable_one(client):
    """Neither a nearer one, nor one that ties: how many hold a thing is nobody's business."""
    holder("192.0.2.0/24", kind="cidr")
    before = asked_by_stranger(client, "192.0.2.7")
    holder("192.0.2.7", kind="ip", name="Nearer One", is_findable=False)
    holder("192.0.2.0/24", kind="cidr", name="Other One", is_findable=False)
    assert asked_by_stranger(client, "192.0.2.7") == before


def test_a_stranger_reads_no_range_and_no_claim(client):
    team = holder("192.0.2.0/24", kind="cidr", evidence="Licence 12")
    page = client.post("/find/", {"what": "192.0.2.7"}).content.decode()
    assert team.name in page
    assert "cert@altus.example" in page
    for kept in ("192.0.2.0", "/24", "/claims/", "Licence 12", "night@altus.example"):
        assert kept not in page


def test_a_team_for_lawful_interception_never_answers():
    team = holder()
    Team.objects.filter(pk=team.pk).update(kind=TeamKind.LAWFUL_INTERCEPTION)
    Claim.objects.update(team=team)
    ((answer,),) = [reading.answers for reading in find(ANONYMOUS, "999-70").readings]
    assert answer.team is None
    assert answer.contact is None


@pytest.mark.both_databases
def test_members_are_told_what_the_marking_allows():
    green = holder("64500", "Green Net", kind="asn", is_findable=False, tlp=Tlp.GREEN)
    amber = holder("64500", "Amber Net", kind="asn", is_findable=False, verified=False)
    member = principal_of(member_of(TeamFactory()))
    own = principal_of(member_of(amber))
    desk = principal_of(coordinator_of_desk(), coordinator=True)
    assert told(find(ANONYMOUS, "AS64500")) == set()
    assert told(find(member, "AS64500")) == {green}
    assert told(find(own, "AS64500")) == {green, amber}
    assert told(find(desk, "AS64500")) == {green, amber}
    ((answer,),) = [reading.answers for reading in find(member, "AS64500").readings]
    assert {one.value for one in answer.contact.channels} == {
        "cert@green.example",
        "night@green.example",
    }


def test_a_member_opens_no_claim_that_only_answers_strangers():
    holder()
    ((answer,),) = [
        r.answers for r in find(principal_of(member_of(TeamFactory())), "99970").readings
    ]
    assert answer.claim is None


def test_several_readings_are_all_shown(client):
    """310410 is a network, and the beginning of numbers: a person knows which."""
    network = holder("310-410", "Network Holder")
    title = holder("+310410", "Title Holder", kind="gt-range")
    found = find(ANONYMOUS, "310410")
    assert told(found) >= {network}
    assert told(find(ANONYMOUS, "+31041055555")) >= {title}
    page = client.post("/find/", {"what": "310410"}).content.decode()
    assert "Also read as" in page


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("altus", {"Altus Networks"}),
        ("alt", {"Altus Networks"}),
        ("ltus", set()),
        ("networks altus", {"Altus Networks"}),
        ("corevale", {"Corevale"}),
        ("packet core", {"Corevale"}),
        ("Corevale | Packet Core | 4.2", {"Corevale"}),
        ("cpe:2.3:a:corevale:packet_core:4.2:*:*:*:*:*:*:*", {"Corevale"}),
        ("secret core", set()),
        ("lonely", {"Lonely Lab"}),
    ],
)
def test_names_and_products_lead_to_candidates(typed, names):
    holder(name="Altus Networks")
    vendor = OrganisationFactory(
        name="Corevale", short_name="Corevale", kind=OrganisationKind.VENDOR
    )
    TeamFactory(organisation=vendor, name="PSIRT", public_fields=["products"])
    ProductFactory(vendor=vendor, name="Packet Core")
    closed = OrganisationFactory(name="Closed vendor", short_name="CV")
    TeamFactory(organisation=closed)
    ProductFactory(vendor=closed, name="Secret Core")
    OrganisationFactory(name="Lonely Lab", short_name="LL")
    found = find(ANONYMOUS, typed)
    assert {one.organisation.name for one in found.candidates} == names
    assert not found.readings


def test_who_runs_a_product_is_no_answer():
    vendor = TeamFactory(public_fields=["products"])
    product = ProductFactory(vendor=vendor.organisation, name="Packet Core")
    runs = EquipmentFactory(product=product, organisation=holder().organisation)
    for principal in (ANONYMOUS, principal_of(member_of(TeamFactory()))):
        houses = {one.organisation for one in find(principal, "packet core").candidates}
        assert houses == {vendor.organisation}
        assert runs.organisation not in houses


def test_the_whole_name_comes_first_however_many_begin_so():
    for n in range(MOST_CANDIDATES + 5):
        TeamFactory(organisation=OrganisationFactory(name=f"Orangefield {n:02}"))
    TeamFactory(organisation=OrganisationFactory(name="Zeta Orange of the far end"))
    found = find(ANONYMOUS, "orange")
    assert found.candidates[0].organisation.name == "Zeta Orange of the far end"
    assert len(found.candidates) == MOST_CANDIDATES
    assert found.has_more


def test_who_finds_nobody_is_led_on(client):
    cert = TeamFactory(
        organisation=OrganisationFactory(
            name="Nation CERT", kind=OrganisationKind.NATIONAL_CERT, country="FI"
        ),
        name="NCSC",
    )
    for what in ("2-088-1", "FI/2/1234"):
        assert find(ANONYMOUS, what).national == (cert,)
    page = client.post("/find/", {"what": "nobody.operator.fi"})
    assert page.context["found"].national == (cert,)
    for shown in ("Nobody was found", "NCSC", 'href="/report/"'):
        assert shown in page.content.decode()
    page = client.post("/find/", {"what": "999-71"}).content.decode()
    assert "/directory/?kind=national-cert" in page


def test_what_was_pasted_is_in_no_address_and_no_subscriber_is_shown(client):
    holder()
    answer = client.post("/find/", {"what": "999700123456789"})
    page = answer.content.decode()
    assert "999700123456789" not in page.replace('value="999700123456789"', "")
    assert "no-store" in answer.headers.get("Cache-Control", "")
    assert client.get("/find/?what=altus").context.get("found") is None


HOSTILE = [
    "",
    "   ",
    "\x00",
    "%00",
    "x" * 301,
    "'; DROP TABLE directory_team; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "::1/0",
    "0.0.0.0/0",
    "2001:db8::" + ":" * 50,
    "\u202e999-70",
    "٣١٠٤١٠",
    "a." * 140,
    "cpe:2.3:" + ":" * 200,
    "pkg:" + "%2f" * 90,
    "| | |",
]


@pytest.mark.both_databases
@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_input_is_answered(client, typed):
    holder()
    answer = client.post("/find/", {"what": typed})
    assert answer.status_code in {200, 400}
    assert "<script>alert" not in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


@pytest.mark.slow
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=320))
def test_anything_can_be_asked(text):
    find(ANONYMOUS, text.replace("\x00", ""))


def test_strangers_share_a_budget_by_the_minute_and_are_told_when_to_come_back(client, monkeypatch):
    now = clock.now().replace(second=20, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: now)
    monkeypatch.setattr(
        views, "STRANGERS", views.Budget("x", views.Scope.HUB, 2, timedelta(minutes=1))
    )
    for _ in range(2):
        assert client.post("/find/", {"what": "altus"}).status_code == 200
    refused = client.post("/find/", {"what": "altus"})
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert 'value="altus"' in refused.content.decode()
    assert "found" not in refused.context
    assert client.get("/directory/?q=altus").status_code == 200  # the list stays open
    wait = timedelta(seconds=int(refused.headers["Retry-After"]))
    monkeypatch.setattr(clock, "now", lambda: now + wait)
    assert client.post("/find/", {"what": "altus"}).status_code == 200


def test_a_member_has_a_budget_of_their_own(client, monkeypatch):
    monkeypatch.setattr(
        views, "MEMBERS", views.Budget("y", views.Scope.ACCOUNT, 1, timedelta(hours=1))
    )
    monkeypatch.setattr(
        views, "STRANGERS", views.Budget("z", views.Scope.HUB, 0, timedelta(hours=1))
    )
    sign_in(client, member_of(TeamFactory()))
    assert client.post("/find/", {"what": "altus"}).status_code == 200
    refused = client.post("/find/", {"what": "altus"})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) <= 3601


@pytest.mark.parametrize("who", ["stranger", "member"])
def test_it_asks_as_often_for_many_as_for_few(client, who):
    if who == "member":
        sign_in(client, member_of(TeamFactory()))
    texts = ("999-70", "common", "core")
    counts = []
    for n in range(3):
        team = holder(name=f"Common Net {n}", tlp=Tlp.GREEN)
        Team.objects.filter(pk=team.pk).update(public_fields=["products"])
        ProductFactory(vendor=team.organisation, name=f"Core {n}")
        client.post("/find/", {"what": "warm"})
        with CaptureQueriesContext(connection) as queries:
            for text in texts:
                client.post("/find/", {"what": text})
        counts.append(len(queries))
    assert counts[0] == counts[2]
    assert finding.MOST_ANSWERS >= 3
