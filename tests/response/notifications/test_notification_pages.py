"""The way through the pages, and what must not lie anywhere after it.

Protects: the subscribers of one party from the others, and everybody from what a database tells.
"""

import logging
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import canary
from tests.factories.case_parties import give_key
from tests.factories.directory import DeskFactory, coordinator_of_desk
from tests.factories.notifications import holder_of, read_by, sent_by, step_of
from tests.factories.talks import side
from tests.principals import sign_in
from tests.settings import HOME

from tcert.community.directory.models import Channel
from tcert.foundation.kernel import jobs
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.response.notifications.models import DeliveryRule, Denial, Notification, Sending
from tcert.response.notifications.views import sending as pages

pytestmark = pytest.mark.django_db
SUBSCRIBER, NUMBER, WORDS = "999712345678901", "+882399712345678", "Canary77aaNotifiedAtNight"
LINES = f"999-70\n{SUBSCRIBER}\n{NUMBER}\n998-11"


@pytest.fixture
def world():
    """A sender, two holders, a desk; everybody with a key and an address."""
    desk = DeskFactory()
    give_key(desk)
    found = (side("Alder CERT"), holder_of("Beta"), holder_of("Gamma", "999-71"))
    for one in found:
        Channel.objects.create(team=one.team, kind="email", value=f"soc@{one.team.id}.example")
    return found


def client_of(one):
    return sign_in(Client(), one.person)


def typed(client, lines=LINES, **more):
    """Return what the second page sends, as the first one filled it."""
    page = client.post("/notifications/new/", {"what": lines})
    form = page.context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    data |= {"topic": "compromised", "text": WORDS, "at": "", **more}
    return {name: value for name, value in data.items() if value != ""}


@pytest.mark.slow
def test_from_the_paste_to_the_teams_and_nothing_readable_is_left(world, caplog):
    """Scripts are off here: what is pasted comes uncut, and is cut before it is read."""
    caplog.set_level(logging.DEBUG)
    sender, beta, gamma = world
    client = client_of(sender)
    answer = client.post("/resolve/", {"what": LINES}).text
    assert 'action="/notifications/new/"' in answer
    data = typed(client)
    assert len(data["to"]) == 1  # who is sure alone is ticked
    offered = client.post("/notifications/new/", {"what": LINES}).context["offers"]
    data["to"] = [one.key for one in offered.parties]
    look = client.post("/notifications/new/", {**data, "act": "look"})
    assert look.status_code == 200
    assert "This will be sent" in look.text
    assert not Notification.objects.exists()
    back = client.post("/notifications/new/", {**data, "act": "back"})
    assert WORDS in back.text
    done = client.post("/notifications/new/", {**data, "act": "confirm"}, follow=True)
    again = client.post("/notifications/new/", {**data, "act": "confirm"}, follow=True)
    assert "3 notifications were sent" in done.text
    assert "This was sent before, and not again" in again.text
    assert Sending.objects.count() == 1
    jobs.run_due()

    first = Notification.objects.get(organisation=beta.team.organisation)
    second = Notification.objects.get(organisation=gamma.team.organisation)
    opened = read_by(first, beta)
    assert WORDS in opened
    assert "99971" not in opened
    assert "999-70" not in read_by(second, gamma)
    for page in (answer, look.text, back.text, done.text, opened, read_by(second, gamma)):
        for kept in (SUBSCRIBER, NUMBER, SUBSCRIBER[6:], NUMBER[-6:]):
            assert kept not in page
    for own, one in ((beta, first), (gamma, second)):
        reader = client_of(own)
        shown = reader.get(f"/notifications/{one.id}/")
        assert "Acknowledge: we look at it" in shown.text
        lines = f"/notifications/steps/{step_of(one, own).id}/lines.pgp"
        assert own.party.open(reader.get(lines).content).plaintext
        assert client.get(lines).status_code == 404
        reader.post(f"/notifications/steps/{step_of(one, own).id}/answer/", {"said": "not-ours"})
    jobs.run_due()

    marks = (SUBSCRIBER, NUMBER, WORDS)
    found = [*canary.in_files(HOME, *marks), *canary.in_tables(*marks)]
    found += ["a mail" for m in mail.outbox if canary.contains(m.message().as_bytes(), *marks)]
    logged = "\n".join(str(record.__dict__) for record in caplog.records)
    found += ["a log"] * canary.contains(logged.encode(), *marks)
    assert found == []
    assert mail.outbox


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"topic": "nonsense"}, "Select a valid choice"),
        ({"to": ["x:y"]}, "Select a valid choice"),
        ({"to": [], "to_desk": ""}, "Choose at least one"),
        ({"text": "Ask 0049 171 1234567"}, "Seven digits or more"),
        ({"text": "a\x00b"}, "Null characters"),
        ({"text": "a" * 2001}, "at most 2000"),
        ({"key": "1"}, "valid UUID"),
        ({"team": str(uuid4())}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(world, wrong, said):
    client = client_of(world[0])
    data = {name: value for name, value in {**typed(client), **wrong}.items() if value != ""}
    for act in ("look", "confirm"):
        answer = client.post("/notifications/new/", {**data, "act": act})
        assert answer.status_code == 400
        errors = [str(error) for some in answer.context["form"].errors.values() for error in some]
        assert any(said in error for error in errors), errors
    assert not Sending.objects.exists()


def test_without_lines_one_begins_at_whose_is_this(world, monkeypatch):
    client = client_of(world[0])
    for data in (None, {}, {"what": " "}, {"what": "999-70", "at": "never"}):
        answer = client.get("/notifications/new/") if data is None else None
        answer = answer or client.post("/notifications/new/", data)
        assert answer["Location"] == "/resolve/"
    small = Budget("routing:resolve-lines", Scope.ACCOUNT, 1, pages.LINES.per)
    monkeypatch.setattr(pages, "LINES", small)
    assert client.post("/notifications/new/", {"what": LINES})["Location"] == "/resolve/"


def test_rules_are_entered_looked_at_and_removed_on_their_page(world):
    _sender, beta, gamma = world
    house = beta.team.organisation
    client, address = client_of(beta), f"/notifications/delivery/{house.id}/"
    assert client.get("/notifications/delivery/")["Location"] == address
    assert client_of(gamma).get(address).status_code == 404
    rule = {"kind": "plmn", "begins": "999", "pace": "never"}
    for kind, begins in (("imsi", "9997012"), ("msisdn-range", "+4477009001"), ("", "4477009001")):
        refused = client.post(address, {**rule, "kind": kind, "begins": begins})
        assert "may name a subscriber" in refused.text, begins
    assert client.post(address, rule).status_code == 302
    assert client.post(address, rule).status_code == 409
    asked = {"topic": "other", "feed": "scan", "severity": "low", "kind": "plmn"}
    for begins, said in (("999-70", "do not tell us"), ("998-11", "tell us once a day")):
        page = client.post(f"{address}preview/", {**asked, "begins": begins})
        assert f"<b>{said}" in page.text
    lookup = "/intelmq/lookup?plmn=999-70&classification_taxonomy=vulnerable"
    for reader, suppressed in ((client_of(gamma), True), (Client(), False)):
        assert reader.get(lookup).json()["suppress"] is suppressed  # members alone learn rules
    made = DeliveryRule.objects.get()
    client.post(f"{address}remove/{made.id}/")
    assert client.get(lookup).json() | {"plmn": 0} == {
        "plmn": 0,
        "suppress": False,
        "interval": {"unit": "days", "length": 30},
    }
    assert not DeliveryRule.objects.exists()
    denial = Denial.objects.create(organisation=house, team=beta.team, matched="999-70")
    assert "999-70" in client.get(address).text
    client.post(f"{address}ours/{denial.id}/")
    assert not Denial.objects.standing().exists()


def test_lists_ask_the_database_equally_often(world):
    sender, beta, _gamma = world
    coordinator = sign_in(Client(), coordinator_of_desk(), coordinator=True)
    ours, theirs = client_of(sender), client_of(beta)
    asked = (
        (ours, "/notifications/?box=sent&state=all"),
        (theirs, "/notifications/"),
        (ours, "/notifications/statistics/"),
        (coordinator, "/notifications/queue/"),
    )

    def counts():
        found = []
        for client, page in asked:
            client.get(page)
            with CaptureQueriesContext(connection) as told:
                assert client.get(page).status_code == 200
            found.append(len(told))
        return found

    sent_by(sender, "999-70", "998-11")
    before = counts()
    for topic in ("vulnerable", "abused", "other"):
        sent_by(sender, "999-70", "998-11", topic=topic)
    assert counts() == before
