"""Notifications by program: only what is proven is sent, once; everything else waits for a person.

The door of a program is open all night: what comes twice, late, huge, hostile or from a key that
counts no more must accuse nobody, and tell nobody what it may not know.
"""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from tests.factories.case_parties import give_key
from tests.factories.claims import ClaimFactory
from tests.factories.directory import DeskFactory, TeamMembershipFactory, member_of
from tests.factories.feedkeys import basic, key_of
from tests.factories.notifications import holder_of, read_by, step_of
from tests.factories.talks import side
from tests.principals import principal_of, sign_in

from tcert.community.directory import departures
from tcert.community.directory.enums import TeamRole
from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.limits import Budget
from tcert.response.feedkeys.enums import Opens
from tcert.response.feedkeys.models import FeedKey
from tcert.response.notifications import given
from tcert.response.notifications.delivery import Rule
from tcert.response.notifications.domain import answering, delivering, keeping, sending
from tcert.response.notifications.enums import Act, Pace
from tcert.response.notifications.models import Notification, Sending

pytestmark = pytest.mark.django_db

URL = "/api/v1/notifications"
IMSI, TITLE = "999712345678901", "+491710012345"


class Program:
    """A member's program with its key."""

    def __init__(self, team, role=TeamRole.DUTY_OFFICER, opens=Opens.NOTIFICATIONS):
        self.team, self.person = team, member_of(team, role)
        key, secret = key_of(self.person, opens=opens)
        self.key, self.header = key, basic(key.id, secret)
        self.client = Client(enforce_csrf_checks=True)

    def send(self, head, *values, kind="application/x-ndjson", body=None, **headers):
        lines = [json.dumps(one) for one in (head, *values)]
        data = "\n".join(lines) if body is None else body
        return self.client.post(URL, data, content_type=kind, headers={**self.header, **headers})

    def state(self, sending_id):
        return self.client.get(f"{URL}/{sending_id}", headers=self.header)


@pytest.fixture
def program():
    give_key(DeskFactory())
    return Program(side("Alder CERT").team)


def head(**changes):
    said = {
        "key": "honeypot-2026-11-30-0001",
        "class": "compromised",
        "severity": "high",
        "tlp": "AMBER",
        "feed": "honeypot",
        "observed_at": (clock.now() - timedelta(hours=1)).isoformat(),
    }
    return {name: one for name, one in {**said, **changes}.items() if one is not ...}


def test_what_is_proven_is_sent_once_and_the_rest_waits_for_a_person(program):
    beta = holder_of("Beta")
    gamma = holder_of("Gamma", "+4917100", kind="gt-range")
    delta = side("Delta CERT")
    ClaimFactory(organisation=delta.team.organisation, value="999-72", tlp="GREEN")
    ClaimFactory(organisation=program.team.organisation, value="999-73", verified=True, tlp="GREEN")
    ClaimFactory(organisation=delta.team.organisation, value="999-70", tlp="GREEN")
    values = ("999-70", {"value": "999-70"}, "999-72", IMSI, "998-11", "999-73", "?!", TITLE)
    first = head()
    trial = program.send({**first, "dry_run": True}, *values)
    assert trial.status_code == 200
    assert not Sending.objects.exists()
    answer = program.send(first, *values)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    counts = {name: told[name] for name in ("notifications", "lines", "own", "unread")}
    assert counts == {"notifications": 1, "lines": 2, "own": 1, "unread": [7]}
    assert counts == {name: trial.json()[name] for name in counts}
    assert told["person_decides"] == [3, 4, 5, 8], "a cut number is a range, and decides nothing"
    assert told["page"].endswith("/resolve/")
    (one,) = Notification.objects.all()
    assert [s.hop for s in one.steps.all()] == ["team", "desk"], "no candidate: nobody weighed one"
    assert "(x2)" in read_by(one, beta)
    assert answer["Location"] == f"{URL}/{told['state']['id']}"
    again = program.send(first, *values)
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert Notification.objects.count() == 1
    other = program.send(first, "999-70")
    assert (other.status_code, "new key" in other.json()["error"]) == (409, True)
    answering.answer(principal=beta.principal, step=step_of(one, beta), act=Act.HANDLED)
    state = program.state(told["state"]["id"]).json()
    assert (state["states"]["answered"], state["answers"]["handled"], state["lines"]) == (1, 1, 2)
    whole = program.send(head(key="titles-2026-11-30", titles=True), TITLE)
    assert whole.json()["notifications"] == 1
    assert TITLE in read_by(Notification.objects.get(organisation=gamma.team.organisation), gamma)
    jobs.run_due()
    texts = [answer.text, trial.text, again.text, json.dumps(state)]
    texts += [m.message().as_string() for m in mail.outbox]
    for name in ("Beta", "999-70", IMSI, TITLE):
        assert not any(name in text for text in texts), name


def test_rules_repeats_and_keys_hold_for_programs_too(program):
    beta, gamma = holder_of("Beta"), holder_of("Gamma", "999-71")
    delivering.add(
        principal=gamma.principal,
        organisation=gamma.team.organisation,
        rule=Rule(pace=Pace.NEVER),
    )
    first = program.send(head(), "999-70", "999-71").json()
    assert (first["notifications"], first["suppressed"], first["repeated"]) == (1, 1, 0)
    second = program.send(head(key="honeypot-0002"), "999-70", "999-71")
    told = second.json()
    assert (second.status_code, told["created"], told["repeated"]) == (200, False, 1)
    assert "state" not in told
    beta.team.keys.all().delete()
    third = program.send(head(key="honeypot-0003", severity="critical"), "999-70").json()
    assert (third["notifications"], third["without_key"]) == (1, 1)
    Sending.objects.update(sent_at=clock.now() - timedelta(days=400))
    assert keeping.forget()
    assert set(Sending.objects.values_list("digest", flat=True)) == {""}


HOSTILE = (
    (b"\n", 400),
    (b"\xff\xfe", 400),
    (b"[]\n1", 400),
    (b"[" * 100_000, 400),
    (b"{}", 422),
    (b"x" * (given.MOST_BYTES + 1), 413),
    (b"{}\n" + b"1\n" * (given.MOST_LINES + 1), 413),
)
WRONG = (
    ({"text": "look"}, "999-70", 422, "text"),
    ({"key": ...}, "999-70", 422, "key"),
    ({"key": "short"}, "999-70", 422, "key"),
    ({"class": "nonsense"}, "999-70", 422, "class"),
    ({"severity": 3}, "999-70", 422, "severity"),
    ({"tlp": "amber"}, "999-70", 422, "tlp"),
    ({"feed": ...}, "999-70", 422, "feed"),
    ({"observed_at": "2026-11-24"}, "999-70", 422, "observed_at"),
    ({"observed_at": "9999-12-31T23:59:59-23:59"}, "999-70", 422, "observed_at"),
    ({"dry_run": "yes"}, "999-70", 422, "dry_run"),
    ({"team": "x"}, "999-70", 422, "team"),
    ({"team": str(uuid4())}, "999-70", 403, "owner"),
    ({}, {"value": "999-70", "name": "x"}, 422, "1:"),
    ({}, "999-70\nFrom: Desk", 422, "1:"),
    ({}, ["999-70"], 422, "1:"),
    ({}, "9" * 600, 422, "1:"),
)


def test_what_is_hostile_late_or_too_much_is_refused_whole(program, monkeypatch):
    holder_of("Beta")
    for body, status in HOSTILE:
        answer = program.send({}, body=body)
        assert (answer.status_code, "error" in answer.json()) == (status, True), body[:20]
    for changes, value, status, said in WRONG:
        answer = program.send(head(**changes), value)
        assert (answer.status_code, said in answer.json()["error"]) == (status, True), said
    for ago, status in ((-1, 422), (24 * 31, 422), (24 * 29, 200)):
        at = (clock.now() - timedelta(hours=ago)).isoformat()
        trial = program.send(head(observed_at=at, dry_run=True), "999-70")
        assert trial.status_code == status, ago
    assert program.send(head(), "999-70", kind="text/plain").status_code == 415
    assert program.send(head(), kind="multipart/form-data; boundary=b").status_code == 415
    differs = program.send(head(), "999-70", **{"Idempotency-Key": "another-key"})
    assert differs.status_code == 422
    monkeypatch.setattr(sending, "BY_PROGRAM", Budget("t", sending.SENT.scope, 0, sending.SENT.per))
    much = program.send(head(), "999-70")
    assert (much.status_code, int(much["Retry-After"]) > 0) == (429, True)
    assert not Sending.objects.exists()


def test_keys_open_this_alone_and_end_with_the_place(program):
    holder_of("Beta")
    other = Program(side("Birch CERT").team)
    sent = program.send(head(), "999-70").json()["state"]["id"]
    assert other.state(sent).status_code == 404
    assert other.send(head(), "999-70").status_code == 201, "a key belongs to its team alone"
    for opens in set(Opens) - {Opens.NOTIFICATIONS}:
        wrong = Program(side(f"{opens} CERT").team, opens=opens)
        for answer in (wrong.send(head(), "999-70"), wrong.state(sent)):
            assert (answer.status_code, "WWW-Authenticate" in answer) == (401, True), opens
    assert program.client.post("/api/v1/incidents", "{}", "application/json").status_code == 401
    session = sign_in(Client(), program.person)
    assert session.get(f"{URL}/{sent}").json()["id"] == sent
    plain = Program(side("Cedar CERT").team, role=TeamRole.MEMBER)
    assert plain.send(head(), "999-70").status_code == 403
    second = side("Dogwood CERT").team
    TeamMembershipFactory(person=program.person, team=second, role=TeamRole.MEMBER)
    assert principal_of(program.person).is_member
    departures.tell(program.team, [program.person.pk])
    assert not FeedKey.objects.filter(pk=program.key.pk).exists()
