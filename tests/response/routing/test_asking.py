"""Many questions in one body: each line is answered, nobody learns more than on the page."""

import json
import logging

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories.claims import ClaimFactory
from tests.factories.directory import OrganisationFactory, TeamFactory, member_of
from tests.factories.feedkeys import basic, key_of
from tests.principals import sign_in

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.feedkeys.enums import Opens
from tcert.response.routing import api, asking
from tcert.response.routing.resolving import MOST_LINES

pytestmark = pytest.mark.django_db

URL = "/api/v1/resolve"
IMSI = "999701234567890"


@pytest.fixture
def asker():
    """A member whose program asks."""
    return member_of(TeamFactory())


@pytest.fixture
def asking_header(asker) -> dict[str, str]:
    key, secret = key_of(asker, opens=Opens.LOOKUPS)
    return basic(key.id, secret)


def claimed(kind=Kind.PLMN, value="999-70", **options):
    house = OrganisationFactory(name="Altus Networks")
    team = TeamFactory(organisation=house, name="Altus CERT")
    ClaimFactory(
        organisation=house,
        kind=kind,
        value=value,
        **{"verified": True, "tlp": Tlp.GREEN, **options},
    )
    return team


def ask(client, header, *lines, query="", raw=None):
    body = raw if raw is not None else b"\n".join(json.dumps(one).encode() for one in lines)
    answer = client.post(
        f"{URL}{query}", data=body, content_type="application/x-ndjson", headers=header
    )
    if answer.status_code != 200:
        return answer, []
    return answer, [json.loads(line) for line in answer.content.splitlines()]


def test_each_line_is_answered_in_its_order_and_the_parties_stand_last(client, asking_header):
    team = claimed()
    answer, told = ask(
        client,
        asking_header,
        {"id": 7, "value": "999-70"},
        "no identifier at all, this is",
        {"id": "b", "value": IMSI},
        "99970",
    )
    assert answer["Content-Type"] == "application/x-ndjson"
    assert "no-store" in answer["Cache-Control"]
    assert [(one["line"], one.get("id"), one["result"]) for one in told[:-1]] == [
        (1, 7, "decided"),
        (2, None, "unread"),
        (3, "b", "waiting"),
        (4, None, "decided"),
    ]
    best = told[0]["readings"][0]["candidates"][0]
    assert (best["team"], best["confidence"], best["place"]) == (str(team.id), 95, 0)
    assert IMSI not in answer.content.decode(), "subscribers are masked"
    (party,) = told[-1]["parties"]
    assert (party["team_name"], party["steps"]) == ("Altus CERT", ["Altus CERT"])
    assert told[-1]["counts"]["decided"] == 2


def test_a_claim_that_is_not_open_is_answered_without_its_range(client, asking_header):
    claimed(Kind.CIDR, "192.0.2.0/24", tlp=Tlp.AMBER)
    answer, told = ask(client, asking_header, "192.0.2.7")
    (candidate,) = told[0]["readings"][0]["candidates"]
    assert candidate["name"] == "Altus Networks"
    assert (candidate["open"], candidate["matched"], candidate["source"]) == (False, None, None)
    assert "192.0.2.0/24" not in answer.content.decode()


def test_the_moment_and_the_side_hold_for_all(client, asking_header):
    claimed(valid_from=clock.now().replace(year=2024), valid_until=None)
    _answer, told = ask(client, asking_header, "999-70", query="?at=2020-01-01T00:00:00Z")
    assert told[0]["result"] == "nobody"
    assert told[-1]["at"] == "2020-01-01T00:00:00+00:00"
    _answer, told = ask(client, asking_header, IMSI, query="?side=source")
    assert told[0]["readings"][0]["says"] == "traffic that claims to come from"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?side=both", "side: "),
        ("?at=yesterday", "at: "),
        ("?at=2026-11-24T03:10:00", "at: "),
        ("?at=0001-01-01T00:00:00%2B23:00", "at: "),
        ("?at=9999-12-31T23:59:59Z", "at: "),
        ("?at=1979-12-31T23:59:59Z", "at: "),
    ],
)
def test_a_wrong_side_or_moment_is_refused_whole(client, asking_header, query, said):
    answer, _told = ask(client, asking_header, "999-70", query=query)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        (b"7", "Send a text"),
        (b"null", "Send a text"),
        (b"[]", "Send a text"),
        (b'{"value": 7}', "Send a text"),
        (b'"  "', "Send a text"),
        (b'{"value": "999-70", "id": {}}', "An id is"),
        (b'{"value": "999-70", "id": true}', "An id is"),
        (b'{"value": "999-70", "id": "' + b"x" * 201 + b'"}', "An id is"),
        (b'"' + b"9" * 600 + b'"', "too long"),
        (b"[" * 5000, "no JSON"),
    ],
)
def test_a_bad_line_is_told_and_stops_nothing(client, asking_header, line, said):
    claimed()
    _answer, told = ask(client, asking_header, raw=b'"999-70"\n\n' + line + b'\n"999-70"')
    assert [one["line"] for one in told[:-1]] == [1, 3, 4]
    assert said in told[1]["error"]
    assert [told[0]["result"], told[2]["result"]] == ["decided", "decided"]


def test_nothing_asked_is_answered_with_nothing(client, asking_header):
    answer, told = ask(client, asking_header, raw=b"\n\n")
    assert answer.status_code == 200
    assert len(told) == 1


def test_too_much_is_refused_before_it_is_read(client, asking_header):
    answer, _told = ask(client, asking_header, raw=b'"1"\n' * (MOST_LINES + 1))
    assert answer.status_code == 413
    answer, _told = ask(client, asking_header, raw=b" " * 2_500_001)
    assert answer.status_code == 413
    assert "Nothing was looked up" in answer.json()["error"]


def test_without_a_key_that_counts_nobody_is_answered(client, asker):
    other, secret = key_of(asker)
    for header in (None, basic(other.id, secret), {"Authorization": "Bearer x"}):
        answer, _told = ask(client, header, "999-70")
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Basic ")
    assert client.get(URL).status_code == 405


def test_a_session_asks_only_from_pages_of_ours(asker):
    browser = sign_in(Client(enforce_csrf_checks=True), asker)
    answer, _told = ask(browser, {"Origin": "https://elsewhere.example"}, "999-70")
    assert answer.status_code == 403
    stranger, _told = ask(Client(enforce_csrf_checks=True), None, "999-70")
    assert stranger.status_code == 401, "a program without a key is told what it needs"
    key, secret = key_of(asker, opens=Opens.LOOKUPS)
    answer, told = ask(Client(enforce_csrf_checks=True), basic(key.id, secret), "999-70")
    assert answer.status_code == 200
    answer, _told = ask(browser, basic(key.id, "wrong"), "999-70")
    assert answer.status_code == 401, "no session stands in for a key that does not count"
    answer, told = ask(sign_in(Client(), asker), None, "999-70")
    assert answer.status_code == 200
    assert told[0]["result"] == "nobody"


def test_a_form_in_parts_is_refused_in_words(asker):
    """Looking for its mark against forged forms used its body up."""
    browser = sign_in(Client(enforce_csrf_checks=True), asker)
    mark = str(browser.get("/resolve/").context["csrf_token"])
    answer = browser.post(URL, {"value": "999-70", "csrfmiddlewaretoken": mark})
    assert answer.status_code == 400
    assert "JSON" in answer.json()["error"]


def test_no_name_that_holds_a_subscriber_is_said_back(client, asking_header):
    claimed(Kind.DOMAIN, "altus.example")
    texts = [f"{IMSI}@altus.example", f"n{IMSI}.altus.example", "999-701-234567890"]
    texts += ["joe.doe@altus.example", "0.9.8.7.6.5.4.3.2.1.e164.arpa"]
    answer, told = ask(client, asking_header, *texts)
    assert len(told) == len(texts) + 1
    for part in ("234567890", "joe", "0.9.8", "6.5.4"):
        assert part not in answer.text


def test_lines_are_counted_and_who_asks_for_the_whole_map_waits(client, asking_header, monkeypatch):
    budget = type(api.LINES)(api.LINES.name, api.LINES.scope, 5, api.LINES.per)
    monkeypatch.setattr(api, "LINES", budget)
    with clock.frozen(clock.now()):
        assert ask(client, asking_header, *["999-70"] * 5)[0].status_code == 200
        answer, _told = ask(client, asking_header, "999-70")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_it_asks_as_often_for_a_thousand_as_for_one(client, asking_header):
    claimed()
    ask(client, asking_header, "999-70")
    with CaptureQueriesContext(connection) as few:
        ask(client, asking_header, "999-70")
    with CaptureQueriesContext(connection) as more:
        ask(client, asking_header, *(f"999-{n:02}" for n in range(100)), *["192.0.2.7"] * 900)
    assert len(more) == len(few)


def test_what_is_asked_stands_in_no_log_and_no_table(client, asking_header, caplog):
    caplog.set_level(logging.DEBUG)
    claimed()
    ask(client, asking_header, IMSI, f"x{IMSI}", {"value": [IMSI]})
    assert IMSI not in caplog.text
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own tables
            assert IMSI not in repr(cursor.fetchall()), table


@given(st.binary(max_size=200))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_octets_are_read_line_by_line(body):
    read = asking.read(body)
    assert [one.number for one in read] == [
        number for number, line in enumerate(body.split(b"\n"), 1) if line.strip()
    ]
    assert all(bool(one.error) != bool(one.value.strip()) for one in read)
