"""Look-ups by programs as IntelMQ asks: who is answered what, and how little a stranger learns."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.factories.claims import ClaimFactory
from tests.factories.directory import (
    OrganisationFactory,
    TeamFactory,
    coordinator_of_desk,
    member_of,
)
from tests.factories.feedkeys import basic, key_of
from tests.principals import sign_in
from tests.response.reference.test_asn import package

from tcert.community.directory.enums import ChannelKind, ChannelPurpose
from tcert.community.directory.models import Channel, Team
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.feedkeys import credentials
from tcert.response.feedkeys.domain import reading
from tcert.response.feedkeys.enums import Opens
from tcert.response.reference.domain import addresses
from tcert.response.routing import views

pytestmark = pytest.mark.django_db

URL = "/intelmq/lookup"


def holder(kind: Kind = Kind.CIDR, value: str = "192.0.2.0/24", **claim: object) -> Team:
    """An operator whose team has a public box, another one for members, and a proven claim."""
    house = OrganisationFactory(name="Altus Networks", country="FI")
    team = TeamFactory(organisation=house, name="Altus CERT")
    for box, purpose, public in (
        ("night", ChannelPurpose.EMERGENCY, True),
        ("cert", ChannelPurpose.MAIN, True),
        ("inner", ChannelPurpose.MAIN, False),
    ):
        Channel.objects.create(
            team=team,
            kind=ChannelKind.EMAIL,
            purpose=purpose,
            value=f"{box}@altus.example",
            is_public=public,
        )
    options = {"is_findable": True, "verified": True, **claim}
    ClaimFactory(organisation=house, kind=kind, value=value, **options)
    return team


def boxes(answer, name: str = "ip") -> list[str]:
    return [
        contact["email"]
        for destination in answer.json()[name]["destinations"]
        for contact in destination["contacts"]
    ]


@pytest.fixture
def asking() -> dict[str, str]:
    """The header of a member's program."""
    key, secret = key_of(member_of(TeamFactory()), opens=Opens.LOOKUPS)
    return basic(key.id, secret)


def test_a_stranger_gets_the_public_box_and_nothing_of_the_range(client):
    holder()
    answer = client.get(URL, {"ip": "192.0.2.7", "classification_taxonomy": "malicious-code"})
    assert answer.status_code == 200
    assert answer.json() == {
        "ip": {
            "destinations": [
                {
                    "source": "portal",
                    "name": "Altus CERT",
                    "contacts": [{"email": "cert@altus.example"}],
                }
            ]
        },
        "suppress": False,
        "interval": {"unit": "days", "length": 7},
    }
    assert "no-store" in answer["Cache-Control"]


def test_a_members_program_gets_what_its_owner_may_read(client, asking):
    holder(is_findable=False, tlp=Tlp.GREEN)
    assert boxes(client.get(URL, {"ip": "192.0.2.7"})) == [], "strangers are not told of it"
    answer = client.get(URL, {"ip": "192.0.2.7"}, headers=asking)
    assert sorted(boxes(answer)) == ["cert@altus.example", "inner@altus.example"]


@pytest.mark.parametrize(
    ("kind", "claimed", "name", "asked"),
    [
        (Kind.PLMN, "999-70", "plmn", "99970"),
        (Kind.ASN, "64496", "asn", "AS64496"),
        (Kind.GT_RANGE, "+35840", "gt", "+35840123"),
        (Kind.DOMAIN, "altus.example", "domain", "www.altus.example"),
        (Kind.DIAMETER_REALM, "ipx.altus.example", "realm", "ipx.altus.example"),
    ],
)
def test_telecom_identifiers_are_answered_as_addresses_are(client, kind, claimed, name, asked):
    holder(kind, claimed)
    assert boxes(client.get(URL, {name: asked}), name) == ["cert@altus.example"]


def test_an_address_that_nobody_claims_leads_to_the_holder_of_the_system(
    client, tmp_path, settings
):
    settings.DATA_DIR = tmp_path / "data"
    addresses.take(proposal=addresses.propose([package()]))
    holder(Kind.ASN, "13335")
    assert boxes(client.get(URL, {"ip": "1.0.0.7"})) == ["cert@altus.example"]


def test_nobody_is_an_answer_as_well(client):
    answer = client.get(URL, {"ip": "192.0.2.7", "domain": "example.net"})
    assert answer.json()["ip"] == {"destinations": []}
    assert answer.json()["domain"] == {"destinations": []}


@pytest.mark.parametrize(
    ("taxonomy", "days"),
    [("vulnerable", 30), ("intrusions", 7), ("malicious-code", 7), ("availability", 1), ("", 1)],
)
def test_the_interval_follows_what_happened(client, taxonomy, days):
    answer = client.get(URL, {"plmn": "999-70", "classification_taxonomy": taxonomy})
    assert answer.json()["interval"] == {"unit": "days", "length": days}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Ask for one of these: ip, domain"),
        ("feed_name=x", "Ask for one of these"),
        ("ip=", "ip: "),
        ("ip=300.1.1.1", "ip: "),
        ("ip=" + "1" * 5000, "ip: "),
        ("ip=192.0.2.1&ip=192.0.2.2", "ip: ask one at a time"),
        ("plmn=%D9%A3%D9%A1%D9%A0", "plmn: "),
        ("imsi=310410123456789", "Ask for one of these"),
        ("msisdn=%2B447911123456", "Ask for one of these"),
        ("domain=%00", "domain: "),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_reason(client, query, said):
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_a_key_that_does_not_count_is_not_passed_over(client, asking):
    holder()
    other, secret = key_of(member_of(TeamFactory()))
    keyless = [
        basic(other.id, secret),
        basic("nobody", "x"),
        {"Authorization": "Bearer x"},
        {"Authorization": f"Bearer {other.id}.{secret}"},
    ]
    for header in keyless:
        answer = client.get(URL, {"ip": "192.0.2.7"}, headers=header)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Basic ")
        assert "feed key" in answer.json()["error"]
    assert client.get(URL, {"ip": "192.0.2.7"}, headers=asking).status_code == 200


def test_a_key_for_look_ups_reads_no_advisories(client, asking):
    feed = "/.well-known/csaf/green/"
    assert client.get(feed, headers=asking).status_code in {401, 404}
    assert client.get("/cases/", headers=asking).status_code == 302
    assert client.get("/my-day/", headers=asking).status_code == 302


def test_the_bearer_form_is_the_same_key(client):
    holder(is_findable=False, tlp=Tlp.GREEN)
    key, secret = key_of(member_of(TeamFactory()), opens=Opens.LOOKUPS)
    header = {"Authorization": f"Bearer {credentials.bearer(key.id, secret)}"}
    assert boxes(client.get(URL, {"ip": "192.0.2.7"}, headers=header))


def test_a_key_ends_with_its_owners_membership_and_grants_no_staff_rights(client):
    holder(is_findable=False, tlp=Tlp.GREEN)
    person = member_of(TeamFactory())
    key, secret = key_of(person, opens=Opens.LOOKUPS)
    assert client.get(URL, {"ip": "192.0.2.7"}, headers=basic(key.id, secret)).status_code == 200
    person.memberships.all().delete()
    assert client.get(URL, {"ip": "192.0.2.7"}, headers=basic(key.id, secret)).status_code == 401
    coordinator = coordinator_of_desk()
    own, own_secret = key_of(coordinator, opens=Opens.LOOKUPS)
    browser = sign_in(Client(), coordinator, coordinator=True)
    answer = browser.get("/my-day/", headers=basic(own.id, own_secret))
    assert answer.status_code == 200, "a key is looked at nowhere else"


def test_budgets_of_strangers_and_of_programs_are_their_own(client, asking, monkeypatch):
    holder()
    monkeypatch.setattr(views, "STRANGERS", limited(views.STRANGERS))
    monkeypatch.setattr(reading, "LOOKUPS", limited(reading.LOOKUPS))
    now = clock.now()
    with clock.frozen(now):
        assert [client.get(URL, {"ip": "192.0.2.7"}).status_code for _ in range(3)] == [
            200,
            200,
            429,
        ]
        by_key = [client.get(URL, {"ip": "192.0.2.7"}, headers=asking) for _ in range(3)]
        assert [answer.status_code for answer in by_key] == [200, 200, 429]
        assert all(int(answer["Retry-After"]) > 0 for answer in by_key[2:])
    with clock.frozen(now + timedelta(hours=2)):
        assert client.get(URL, {"ip": "192.0.2.7"}, headers=asking).status_code == 200


def limited(budget):
    return type(budget)(budget.name, budget.scope, 2, budget.per)


def test_what_is_asked_stands_in_no_log_and_no_table(client, asking, caplog):
    caplog.set_level(logging.DEBUG)
    holder()
    for query in ({"gt": "+358401234567"}, {"ip": "no-address-358401234567"}):
        client.get(URL, query, headers=asking)
        client.get(URL, query)
    assert "358401234567" not in caplog.text
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own tables
            assert "358401234567" not in repr(cursor.fetchall()), table


def test_it_asks_as_often_whoever_answers(client, asking):
    holder()
    asked = {"ip": "192.0.2.7", "plmn": "999-70", "domain": "altus.example"}
    client.get(URL, asked, headers=asking)
    with CaptureQueriesContext(connection) as few:
        client.get(URL, asked, headers=asking)
    for number in range(5):
        house = OrganisationFactory(name=f"Holder {number}")
        TeamFactory(organisation=house)
        ClaimFactory(
            organisation=house,
            kind=Kind.CIDR,
            value="192.0.2.0/25",
            tlp=Tlp.GREEN,
            verified=True,
        )
    with CaptureQueriesContext(connection) as more:
        answer = client.get(URL, asked, headers=asking)
    assert len(answer.json()["ip"]["destinations"]) > 1
    assert len(more) == len(few)
