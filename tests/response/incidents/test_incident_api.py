"""Incidents by program: one for each key, for one's own team, without text; refusals that help.

The door of a program is open all night: what comes twice, late, huge, hostile or from a key that
counts no more must leave exactly one incident, or none.
"""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid5

import pytest
from django.test import Client
from tests.factories.directory import (
    DeskFactory,
    TeamFactory,
    TeamMembershipFactory,
    member_of,
)
from tests.factories.feedkeys import basic, key_of
from tests.factories.incidents import KIND, PartyFactory, report_of
from tests.factories.keys import active_key_of
from tests.factories.talks import side
from tests.principals import principal_of, sign_in

from tcert.community.directory import departures
from tcert.community.directory.enums import TeamRole
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.registry import parse
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.limits import Budget
from tcert.foundation.kernel.records import AuditRecord
from tcert.response.feedkeys import credentials
from tcert.response.feedkeys.domain import keys, reading
from tcert.response.feedkeys.enums import Opens
from tcert.response.incidents import given
from tcert.response.incidents.domain import receiving, reporting
from tcert.response.incidents.enums import Standing, State
from tcert.response.incidents.models import Incident, Indicator, Party, Tally

pytestmark = pytest.mark.django_db

URL = "/api/v1/incidents"
NOON = (clock.now() - timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
IMSI, TITLE = "310410123456789", "+447911123456"


class Program:
    """A member's program with its key."""

    def __init__(self, team, role=TeamRole.DUTY_OFFICER, opens=Opens.INCIDENTS):
        self.team = team
        self.person = member_of(team, role)
        key, secret = key_of(self.person, opens=opens)
        self.key, self.header = key, basic(key.id, secret)
        self.bearer = {"Authorization": f"Bearer {credentials.bearer(key.id, secret)}"}
        self.client = Client(enforce_csrf_checks=True)

    def send(self, body, *, kind="application/json", headers=None, key=None):
        headers = {**(self.header if headers is None else headers)}
        if key:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else json.dumps(body)
        return self.client.post(URL, data, content_type=kind, headers=headers)

    def state(self, number):
        return self.client.get(f"{URL}/{number}", headers=self.header)


@pytest.fixture
def desk():
    made = DeskFactory()
    active_key_of(made)
    return made


@pytest.fixture
def program(desk):
    return Program(side("Alder CERT").team)


@pytest.fixture(autouse=True)
def noon():
    """No midnight falls into what is counted."""
    with clock.frozen(NOON):
        yield


def at(**ago):
    return (NOON - timedelta(**ago)).isoformat()


def said(**changes):
    body = {
        "key": "firewall-2026-11-30",
        "kind": KIND,
        "severity": "high",
        "tlp": "AMBER",
        "began_at": at(hours=30),
        "noticed_at": at(hours=1),
        "counts": [{"events": 40, "first_at": at(seconds=2), "last_at": at(seconds=1)}],
        "identifiers": [
            {"kind": "gt", "value": TITLE},
            {"kind": "imsi", "value": IMSI},
            {"kind": "imsi", "value": "26202xxxxxxxxxx"},
            {"kind": "realm", "value": "evil.example", "tlp": "GREEN"},
        ],
    }
    return {name: one for name, one in {**body, **changes}.items() if one is not ...}


def test_one_key_makes_one_incident_however_often_it_is_sent(program, desk):
    answer = program.send(said())
    assert answer.status_code == 201, answer.content
    incident = Incident.objects.get()
    told = answer.json()
    assert (told["created"], told["number"], told["state"]) == (True, incident.number, "reported")
    assert (told["events"], told["indicators"]) == (40, 4)
    assert told["page"].endswith(f"/incidents/{incident.id}/")
    assert (incident.reporter, incident.coordinator) == (program.team, desk)
    assert {p.team: p.standing for p in Party.objects.all()} == dict.fromkeys(
        (program.team, desk), Standing.READS
    )
    again = program.send(said(key=..., severity="low"), key="firewall-2026-11-30")
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert again.json()["severity"] == "high", "nothing of a message that was taken is taken again"
    another = program.send(said(began_at=at(hours=9)))
    assert (another.status_code, "new key" in another.json()["error"]) == (409, True)
    body = said(key="firewall-2026-12-01")
    first, second = program.send(body), program.send(body, headers=program.bearer)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["created"] is False
    assert first.json()["number"] == second.json()["number"]
    assert Incident.objects.count() == 2
    assert Tally.objects.count() == 2
    other = Program(side("Birch CERT").team)
    assert other.send(body).status_code == 201, "a key belongs to its team alone"


def test_of_subscribers_the_mask_alone_is_stored(program):
    assert program.send(said()).status_code == 201
    kept = {(one.kind, one.value, one.masked, one.tlp) for one in Indicator.objects.all()}
    assert kept == {
        ("gt", TITLE, "+447911xxxxxx", "AMBER"),
        ("imsi", "", "31041xxxxxxxxxx", "AMBER"),
        ("imsi", "", "26202xxxxxxxxxx", "AMBER"),
        ("realm", "evil.example", "evil.example", "GREEN"),
    }
    records = str(list(AuditRecord.objects.values_list("data", flat=True)))
    assert IMSI[6:] not in records
    assert TITLE not in records


def test_it_adds_to_an_open_incident_of_the_own_team_only(program):
    number = program.send(said()).json()["number"]
    more = {
        "incident": number,
        "kind": KIND,
        "counts": [{"events": 55, "first_at": at(seconds=3), "last_at": at(seconds=1)}],
        "identifiers": [{"kind": "gt", "value": TITLE}, {"kind": "ip", "value": "192.0.2.7"}],
    }
    for _again in range(2):
        answer = program.send(more)
        assert (answer.status_code, answer.json()["created"]) == (200, False)
    told = program.state(number).json()
    # a count of a day replaces the one that stands; an indicator that stands is not doubled
    assert told["indicators"] == 5
    assert Incident.objects.count() == 1
    assert list(Tally.objects.values_list("events", flat=True)) == [55]
    assert program.send({"incident": number}).status_code == 422
    assert program.send({**more, "kind": "incident-kind:sim-swap"}).status_code == 409
    other = Program(side("Birch CERT").team)
    refused = other.send(more)
    assert (refused.status_code, "no incident with this number" in refused.json()["error"]) == (
        422,
        True,
    )
    unknown = other.send({**more, "incident": "TCERT-IN-2026-9999"})
    assert unknown.json() == refused.json(), "nobody learns which numbers there are"
    incident = Incident.objects.get()
    Incident.objects.update(state=State.DISMISSED)
    closed = program.send(more)
    assert (closed.status_code, "over" in closed.json()["error"]) == (409, True)
    assert incident.parties.count() == 2


def test_the_state_is_told_as_far_as_the_owner_sees_it(program):
    number = program.send(said()).json()["number"]
    incident = Incident.objects.get()
    PartyFactory(incident=incident, standing=Standing.NAMED, team=TeamFactory(name="Named"))
    asked = Program(TeamFactory())
    PartyFactory(incident=incident, standing=Standing.ASKED, team=asked.team)
    own = program.state(number).json()
    assert own["parties"] == {"named": 1, "asked": 1, "reads": 2, "gone": 0}
    theirs = asked.state(number).json()
    assert theirs["parties"] == {"named": 0, "asked": 1, "reads": 2, "gone": 0}
    assert theirs["indicators"] == 1, "what is GREEN"
    stranger = Program(TeamFactory())
    hidden, none = stranger.state(number), stranger.state("TCERT-IN-2026-9999")
    assert (hidden.status_code, hidden.content) == (404, none.content)
    assert "no-store" in hidden["Cache-Control"]


def test_no_key_no_counting_key_and_the_key_of_another_thing(program):
    body = said()
    lookups = Program(program.team, opens=Opens.LOOKUPS)
    wrong = basic(program.key.id, "x" * 43)
    for headers in ({}, wrong, lookups.header, {"Authorization": "Basic !!!"}):
        answer = program.send(body, headers=headers)
        assert (answer.status_code, "feed key" in answer.json()["error"]) == (401, True)
        assert "Basic" in answer["WWW-Authenticate"]
    look = Client().post(
        "/api/v1/resolve", '"310-410"', content_type="text/plain", headers=program.header
    )
    assert look.status_code == 401, "a key for incidents looks nothing up"
    keys.revoke(principal=principal_of(program.person), key=program.key)
    assert program.send(body).status_code == 401
    assert not Incident.objects.exists()


def test_who_does_not_speak_for_the_team_reports_nothing(desk):
    observer = Program(side("Cedar CERT").team, role=TeamRole.MEMBER)
    answer = observer.send(said())
    assert (answer.status_code, "duty officer" in answer.json()["error"]) == (403, True)
    speaker = Program(side("Dogwood CERT").team)
    foreign = speaker.send(said(team=str(observer.team.id)))
    assert foreign.status_code == 403
    assert not Incident.objects.exists()


REFUSED = [
    (b" ", 400),
    (b"[]", 400),
    (b"{" * 100_000, 400),
    (b'{"kind": "\xff"}', 400),
    ({"events": []}, 422),
    (said(key=...), 422),
    (said(key="short"), 422),
    (said(key="with space inside"), 422),
    (said(kind=...), 422),
    (said(kind="incident-kind:nothing"), 422),
    (said(severity="dire"), 422),
    (said(tlp="WHITE"), 422),
    (said(began_at="2026-11-30"), 422),
    (said(began_at="9999-99-99T00:00:00Z"), 422),
    (said(noticed_at="2199-01-01T00:00:00Z"), 422),
    (said(began_at="0001-01-01T00:00:00Z"), 422),
    (said(counts=[{"events": 1, "first_at": "0001-01-01T00:00:00Z", "last_at": at(hours=1)}]), 422),
    (
        said(
            counts=[
                {
                    "events": 1,
                    "first_at": "0001-01-01T00:00:00Z",
                    "last_at": "0001-01-01T00:00:00Z",
                }
            ]
        ),
        422,
    ),
    (said(team="not-a-team"), 422),
    (said(is_forgeable="yes"), 422),
    (said(text="what happened"), 422),
    (said(identifiers="all"), 422),
    (said(identifiers=[{"kind": "gt", "value": "+447911123456", "text": "x"}]), 422),
    (said(identifiers=[{"kind": "email", "value": "a@b.example"}]), 422),
    (said(identifiers=[{"kind": "imsi", "value": "x" * 15}]), 422),
    (said(identifiers=[{"kind": "ip", "value": "192.0.2.7"}] * 201), 422),
    (said(identifiers=[{"kind": "ip", "value": "192.0.2.7", "expires_on": "never"}]), 422),
    (said(counts=[{"events": 0, "first_at": at(hours=1), "last_at": at(hours=1)}]), 422),
    (said(counts=[{"events": 10**30, "first_at": at(hours=1), "last_at": at(hours=1)}]), 422),
    (said(counts=[{"events": 10**15, "first_at": at(hours=1), "last_at": at(hours=1)}]), 422),
    (said(counts=[{"events": True, "first_at": at(hours=1), "last_at": at(hours=1)}]), 422),
    (said(counts=[{"events": 1, "first_at": at(days=3), "last_at": at(hours=1)}]), 422),
    ({"incident": "TCERT-IN-2026-0001"}, 422),
]


@pytest.mark.both_databases
def test_a_number_that_no_database_takes_is_a_number_that_there_is_not(program):
    answer = program.send({"incident": "TCERT\x00", "counts": said()["counts"]})
    assert (answer.status_code, "no incident with" in answer.json()["error"]) == (422, True)


def test_nobody_else_makes_the_id_under_which_a_team_reports(program):
    """Team ids are known and keys are guessed: else a stranger would ask for it, or take it."""
    for uuid in (uuid5(program.team.id, "firewall-2026-11-30"), uuid5(program.team.id, "known")):
        report_of(side(f"{uuid} CERT"), key=uuid, to_desk=True)
    assert program.send(said()).status_code == 201
    incident = Incident.objects.get(reporter=program.team)
    assert program.send(said(key="another-key")).status_code == 201
    assert incident.id.version == 4


def test_an_indicator_that_has_ended_is_taken_again(program):
    number = program.send(said()).json()["number"]
    Indicator.objects.update(expires_on=clock.today() - timedelta(days=1))
    more = {"incident": number, "identifiers": said()["identifiers"]}
    assert program.send(more).json()["indicators"] == 4
    assert program.send(more).json()["indicators"] == 4


MASKED = {
    Kind.GLOBAL_TITLE: (
        *("+447911123456", "+35812", "+358123", "310410123456789;np=6;nai=4", "12345;np=1;nai=3"),
        *("491710000000;np=7;nai=4", "310410;np=6;nai=4"),
    ),
    Kind.MSISDN: ("+447911123456", "+35812"),
    Kind.IMSI: (IMSI,),
    Kind.IMEI: ("490154203237518",),
}


def test_every_mask_that_files_of_ours_hold_is_taken_and_stays(program):
    """One odd title would else keep a whole report from being taken."""
    shown = [
        {"kind": kind, "value": parse(kind, text).masked}
        for kind, texts in MASKED.items()
        for text in texts
    ]
    answer = program.send(said(identifiers=shown))
    assert answer.status_code == 201, answer.content
    kept = set(Indicator.objects.values_list("kind", "masked"))
    assert kept == {(one["kind"], one["value"]) for one in shown}
    assert not any(one.value for one in Indicator.objects.all())
    nearly = said(identifiers=[{"kind": "gt", "value": "+358401234x"}], key="nearly-whole")
    assert program.send(nearly).status_code == 422


def test_a_program_that_runs_wild_leaves_its_team_some(program, monkeypatch):
    of = receiving.RECEIVED
    assert of.limit < reporting.REPORTED.limit
    monkeypatch.setattr(receiving, "RECEIVED", Budget(of.name, of.scope, limit=1, per=of.per))
    assert program.send(said()).status_code == 201
    assert program.send(said(key="another-one")).status_code == 429
    assert program.send(said()).status_code == 200, "what was taken costs nothing again"
    assert Incident.objects.count() == 1


def test_a_key_of_who_left_the_team_reports_for_no_other(program):
    other = side("Birch CERT").team
    TeamMembershipFactory(team=other, person=program.person, role=TeamRole.DUTY_OFFICER)
    program.person.memberships.get(team=program.team).delete()
    departures.tell(program.team, [program.person.id])
    assert program.send(said()).status_code == 401
    assert not Incident.objects.exists()


def test_what_cannot_be_taken_is_refused_whole_and_says_why(program):
    for body, status in REFUSED:
        answer = program.send(body)
        assert answer.status_code == status, (str(body)[:200], answer.content)
        assert answer.json()["error"]
    assert program.send(said(), kind="text/plain").status_code == 415
    assert program.send(said(), kind="multipart/form-data; boundary=x").status_code == 415
    assert program.send(said(), key="another-key-here").status_code == 422
    long = json.dumps(said()).encode() + b" " * given.MOST_BYTES
    assert program.send(long).status_code == 413
    assert program.send(b" " * 3_000_000).status_code == 413
    assert program.client.get(URL, headers=program.header).status_code == 405
    assert not Incident.objects.exists()
    assert not Tally.objects.exists()


def test_who_sends_too_much_is_told_when_to_come_back(program, monkeypatch):
    number = program.send(said()).json()["number"]
    small = Budget(receiving.ADDED.name, receiving.ADDED.scope, limit=1, per=receiving.ADDED.per)
    monkeypatch.setattr(receiving, "ADDED", small)
    more = {"incident": number, "identifiers": [{"kind": "ip", "value": "192.0.2.7"}]}
    assert program.send(more).status_code == 200
    refused = program.send(more)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    monkeypatch.setattr(reading, "INCIDENTS", replace(reading.INCIDENTS, limit=1))
    asked = program.state(number)
    assert (asked.status_code, int(asked["Retry-After"]) <= 3601) == (429, True)
    assert refused.json()["error"]


def test_a_hub_without_a_desk_takes_none_and_says_so():
    program = Program(side("Alder CERT").team)
    answer = program.send(said())
    assert (answer.status_code, "no desk" in answer.json()["error"]) == (422, True)
    assert not Incident.objects.exists()


def test_the_timeline_says_that_a_program_sent_it(program, client):
    program.send(said())
    incident = Incident.objects.get()
    sign_in(client, program.person)
    page = client.get(f"/incidents/{incident.id}/").content.decode()
    assert "It came from a program or by a mail of Alder CERT" in page
    assert "added indicators: 4" in page
