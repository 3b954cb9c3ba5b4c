"""A report in XARF on the page and from a program: filled in, looked at, and nothing believed."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.factories.case_parties import give_key
from tests.factories.directory import DeskFactory
from tests.factories.feedkeys import basic, key_of
from tests.factories.incidents import KIND
from tests.factories.talks import side
from tests.principals import sign_in

from tcert.foundation.kernel import clock
from tcert.response.feedkeys.enums import Opens
from tcert.response.incidents.models import Incident, Indicator

pytestmark = pytest.mark.django_db
NEW = "/incidents/new/"
WORDS = "what nobody shall store"


def report(**changes):
    noticed = clock.now() - timedelta(hours=1)
    return {
        "xarf_version": "4.2.0",
        "report_id": str(uuid4()),
        "timestamp": noticed.isoformat(),
        "first_seen": (noticed - timedelta(hours=1)).isoformat(),
        "reporter": {"org": WORDS},
        "sender": {"org": WORDS},
        "source_identifier": "192.0.2.7",
        "category": "connection",
        "type": "ddos",
        "description": WORDS,
        "evidence": [{"payload": WORDS}],
        **changes,
    }


def upload(client, content):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return client.post(NEW, {"act": "xarf", "report": SimpleUploadedFile("x.json", body)})


def test_a_report_fills_the_form_in_is_looked_at_and_its_source_becomes_an_indicator():
    give_key(DeskFactory())
    one = side("Alder CERT")
    client = sign_in(Client(), one.person)
    page = upload(client, report())
    assert page.status_code == 200
    assert WORDS not in page.content.decode()
    assert not Incident.objects.exists()
    form = page.context["form"]
    assert form.initial["identifiers"] == "ip 192.0.2.7"
    names = ("began_day", "began_hour", "noticed_day", "noticed_hour")
    typed = {"zone": "UTC", **{name: form[name].value() for name in names}}
    typed |= {"key": str(uuid4()), "team": str(one.team.id), "kind": KIND, "severity": "high"}
    typed |= {"tlp": "AMBER", "own_side": "affected", "to_desk": "on"}
    typed["identifiers"] = "ip 192.0.2.7\nmsisdn +447911123456\n\nip 192.0.2.7"
    looked = client.post(NEW, {**typed, "act": ""}).content.decode()
    assert "IP address: 192.0.2.7" in looked
    for _turn in range(2):
        assert client.post(NEW, {**typed, "act": "confirm"}).status_code == 302
    incident = Incident.objects.get()
    found = {one.kind: one.value for one in Indicator.objects.filter(incident=incident)}
    assert found == {"ip": "192.0.2.7", "msisdn": ""}, "masked is all there is of a subscriber"
    assert Indicator.objects.count() == len(found)
    assert not Indicator.objects.filter(masked__contains="123456").exists()
    phone = upload(client, report(source_identifier="+447911123456"))
    assert "123456" not in phone.context["form"].initial["identifiers"]


@pytest.mark.parametrize(
    "source", ["2025550123", "3.2.1.0.5.5.5.2.0.2.1.e164.arpa", "3.2.1.0.5.5.5.2.0.2.1.E164.ARPA."]
)
def test_a_subscriber_is_not_taken_for_a_system_or_a_name(source):
    """A number without its country is no autonomous system; in ENUM it is the domain's name."""
    client = sign_in(Client(), side("Alder CERT").person)
    page = upload(client, report(source_identifier=source))
    assert page.context["xarf"].errors
    assert "identifiers" not in page.context["form"].initial
    system = upload(client, report(source_identifier="AS64500"))
    assert system.context["form"].initial["identifiers"] == "asn 64500"


def test_hostile_files_and_lines_are_refused_in_words_and_lose_nothing():
    one = side("Alder CERT")
    client = sign_in(Client(), one.person)
    for content in (b"", b"x", b"[]", report(xarf_version="3"), report(source_identifier="<b>")):
        page = upload(client, content)
        assert page.status_code == 422 or page.context["xarf"].errors
        assert "<b>" not in page.context["xarf"].errors.as_text()
    assert client.post(NEW, {"act": "xarf"}).context["xarf"].errors
    page = client.post(
        NEW, {"act": "", "identifiers": "nothing x\nip 999\n" + "ip 1.1.1.1 \n" * 99}
    )
    assert "identifiers" in page.context["form"].errors
    assert not Incident.objects.exists()


def test_a_program_may_send_one_with_what_it_cannot_say():
    give_key(DeskFactory())
    one = side("Alder CERT")
    key, secret = key_of(one.person, opens=Opens.INCIDENTS)
    client = Client(headers=basic(key.id, secret))
    body = {"key": "k" * 12, "kind": KIND, "severity": "high", "tlp": "AMBER", "xarf": report()}

    def send(said):
        return client.post("/api/v1/incidents", json.dumps(said), content_type="application/json")

    assert send({k: v for k, v in body.items() if k != "kind"}).status_code == 422
    wrong = send({**body, "xarf": report(category="x")})
    assert (wrong.status_code, "category" in wrong.json()["error"]) == (422, True)
    assert send({**body, "xarf": "x"}).status_code == 422
    assert not Incident.objects.exists()
    assert send(body).status_code == 201
    assert send(body).status_code == 200
    assert Indicator.objects.get().value == "192.0.2.7"
