"""`tcert route --submit`: what a run found becomes one incident of each stated kind, never a line.

Protects: no line, no subscriber and nothing at all leaves before a person has said so, and what is
sent twice is one incident.
"""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.factories.directory import DeskFactory, member_of
from tests.factories.feedkeys import key_of
from tests.factories.keys import active_key_of
from tests.factories.talks import side
from tests.web_server import Authority, answer, local_fetcher, web_server

from tcert import cli
from tcert.community.directory.enums import TeamRole
from tcert.foundation.kernel import clock, fetcher
from tcert.response.bulk import commands, days, submitting
from tcert.response.bulk.outputs import Folder
from tcert.response.feedkeys import credentials
from tcert.response.feedkeys.enums import Opens
from tcert.response.incidents.models import Incident, Indicator, Tally

TRACKING, FRAUD = "incident-kind:location-tracking", "incident-kind:roaming-fraud-spike"
TODAY = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
RECORDS = [
    *(
        {
            "time": (TODAY - timedelta(days=day, hours=-hour)).isoformat(),
            "classification.type": "tracking",
            "calling_gt": f"+3584010012{hour}",
            "imsi": f"99970123456789{hour}",
            "plmn": "999-70",
        }
        for day in (2, 1)
        for hour in range(3)
    ),
    {"time": (TODAY - timedelta(days=1)).isoformat(), "ip": "192.0.2.7"},
    {"time": (TODAY + timedelta(days=9)).isoformat(), "ip": "192.0.2.8"},
    # clocks that are wrong take none of the others with them
    {"time": "1970-01-01T00:00:09Z", "ip": "192.0.2.9"},
    {"time": (TODAY - timedelta(days=9)).isoformat(), "gt": "310410123456789;np=6;nai=4"},
]


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.setattr(commands.connections, "close_all", lambda: None)
    monkeypatch.setattr(commands.gc, "freeze", lambda: None)
    (tmp_path / "feed.jsonl").write_text("".join(json.dumps(one) + "\n" for one in RECORDS))
    (tmp_path / "claims.csv").write_text(
        "kind,value,party,role,state\ngt-range,+35840100,Alder,holder,verified\n"
        "plmn,999-70,Birch,holder,verified\n"
    )
    key = tmp_path / "key"
    key.write_text("00000000-0000-4000-8000-000000000000." + "s" * 43 + "\n")
    key.chmod(0o600)
    return tmp_path


def route(work, *words, out="out"):
    line = [
        "route",
        str(work / "feed.jsonl"),
        *("--claims", str(work / "claims.csv"), "--out", str(work / out)),
        *words,
    ]
    return cli._run(cli.build_parser().parse_args(line))


def submit(work, url, *words, out="out"):
    more = ("--submit", url, "--key-file", str(work / "key"), "--kind", f"tracking={TRACKING}")
    return route(work, *more, "--kind", FRAUD, *words, out=out)


@pytest.fixture
def hub(tmp_path):
    """A server that takes what comes as a hub does, and what it was sent."""
    authority = Authority.make()

    def says(talk):
        body = json.dumps({"created": True, "number": "TCERT-IN-2026-0007"}).encode()
        talk.write(answer("201 Created", body, Content_Type="application/json"))

    with (
        web_server(says, authority.server_context(tmp_path, "hub.example")) as server,
        fetcher.replaced(local_fetcher(trust=authority.trust)),
    ):
        server.url = f"https://hub.example:{server.port}"
        yield server


@pytest.mark.django_db
def test_each_stated_kind_is_one_incident_that_a_hub_takes(work, hub, capsys, client):
    assert submit(work, hub.url, "--yes") == 0
    sent = {json.loads(one.body)["kind"]: one for one in hub.asked}
    assert set(sent) == {TRACKING, FRAUD}
    told = json.loads(sent[TRACKING].body)
    assert [one["events"] for one in told["counts"]] == [3, 3]
    assert {(one["kind"], one["value"]) for one in told["identifiers"]} == {
        ("plmn", "999-70"),
        *(("gt", f"+3584010012{hour}") for hour in range(3)),
    }
    fraud = json.loads(sent[FRAUD].body)
    assert [one["events"] for one in fraud["counts"]] == [1, 1], "only what has happened since 2000"
    assert fraud["identifiers"] == [{"kind": "ip", "value": f"192.0.2.{n}"} for n in (7, 8, 9)]
    said = capsys.readouterr().out
    assert "6 events on 2 days" in said
    for one in hub.asked:
        assert b"99970" not in one.body, "nothing of a subscriber, masked or not"
        assert "s" * 43 in one.headers["authorization"]
    again = len(hub.asked)
    assert submit(work, hub.url, "--yes") == 0
    assert len(hub.asked) == again, "what was taken is not sent again"
    assert "reported already as TCERT-IN-2026-0007" in capsys.readouterr().out

    desk = DeskFactory()
    active_key_of(desk)
    person = member_of(side("Alder CERT").team, TeamRole.DUTY_OFFICER)
    key, secret = key_of(person, opens=Opens.INCIDENTS)
    headers = {"Authorization": f"Bearer {credentials.bearer(key.id, secret)}"}
    for status in (201, 200):
        taken = client.post(
            "/api/v1/incidents",
            sent[TRACKING].body,
            content_type="application/json",
            headers=headers,
        )
        assert taken.status_code == status, taken.content
    assert Incident.objects.get().kind == TRACKING
    assert sorted(Tally.objects.values_list("events", flat=True)) == [3, 3]
    assert Indicator.objects.count() == 4


@pytest.mark.once
def test_a_record_that_is_to_come_does_not_take_its_day_with_it():
    counted = days.Days()
    now = datetime(2026, 12, 1, 3, tzinfo=UTC)
    for minutes in (-1, 0, 1):
        counted.add({"time.source": now + timedelta(minutes=minutes)}, now)
    counted.add({}, now)
    (row,) = counted.rows()
    assert row[2:] == (3, "2026-12-01T02:59:00.000000+00:00", "2026-12-01T03:00:00.000000+00:00")


@pytest.mark.once
def test_of_too_many_days_the_latest_are_counted(monkeypatch, tmp_path):
    """A file begins with what is oldest: kept as they come, the days to report would be lost."""
    monkeypatch.setattr(days, "MOST", 4)
    now = datetime(2026, 12, 1, 3, tzinfo=UTC)
    folder = Folder(tmp_path / "out", {"files": [], "now": now.isoformat()})
    folder.begin_days()
    for start in (20, 10):
        counted = days.Days()
        for ago in (*range(start, start - 10, -1), 10, 1):
            counted.add({"time.source": now - timedelta(days=ago)}, now)
        folder.count_days(counted.rows())
    assert {day: count for day, _type, count, *_ in folder.days()} == {
        "2026-11-27": 1,
        "2026-11-28": 1,
        "2026-11-29": 1,
        "2026-11-30": 3,
    }


@pytest.mark.once
def test_a_disk_that_takes_no_message_is_said_and_loses_nothing(work, hub, capsys):
    """Also right behind a run that was killed in its last pass."""
    assert submit(work, hub.url) == commands.WRONG_USE
    state = work / "out" / ".tcert-route.json"
    state.write_text(
        json.dumps({k: v for k, v in json.loads(state.read_text()).items() if k != "done"})
    )
    for path in (work / "out").glob("submit-*.json"):
        path.unlink()
        path.mkdir()
    assert submit(work, hub.url, "--yes") == commands.WRONG_USE
    assert "Is a directory" in capsys.readouterr().err
    assert hub.asked == []


class Ended(io.StringIO):
    """A terminal at which somebody ends the input."""

    def isatty(self):
        return True


@pytest.mark.once
def test_nothing_is_sent_without_a_word_of_a_person(work, hub, capsys, monkeypatch):
    assert submit(work, hub.url) == commands.WRONG_USE
    monkeypatch.setattr("sys.stdin", Ended())
    assert submit(work, hub.url) == commands.WRONG_USE
    assert hub.asked == []
    said = capsys.readouterr()
    assert "nothing was sent" in said.err
    files = sorted((work / "out").glob("submit-*.json"))
    assert len(files) == 2
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    assert submit(work, hub.url, "--yes") == 0
    assert len(hub.asked) == 2


@pytest.mark.once
def test_what_is_wrong_is_said_and_the_same_command_goes_on(work, hub, capsys):
    """A hub that refuses, one that is no hub, one that is away: exit 1, and nothing is lost."""
    refusals = [
        (answer("403 Forbidden", b'{"error": "not for this team"}'), "not for this team"),
        (answer("200 OK", b"<html>"), "no hub"),
        (answer("302 Found", Location="https://elsewhere.example/"), "not reached"),
    ]
    fine = hub.says
    for said, expected in refusals:
        hub.says = said
        assert submit(work, hub.url, "--yes") == commands.PROBLEM
        assert expected in capsys.readouterr().err
    assert submit(work, hub.url.replace("https", "http"), "--yes") == commands.PROBLEM
    hub.says = fine
    assert submit(work, hub.url, "--yes") == 0
    keys = {json.loads(one.body)["key"] for one in hub.asked}
    assert len(keys) == 2, "tried again, it is the same incident"


@pytest.mark.once
def test_a_call_that_cannot_be_right_sends_and_routes_nothing(work, hub, capsys):
    assert route(work, "--submit", hub.url) == commands.WRONG_USE
    assert route(work, "--kind", FRAUD, "--key-file", str(work / "key")) == commands.WRONG_USE
    (work / "key").chmod(0o644)
    assert submit(work, hub.url, "--yes") == commands.WRONG_USE
    assert "chmod 600" in capsys.readouterr().err
    (work / "key").chmod(0o600)
    (work / "key").write_text("secret")
    assert submit(work, hub.url, "--yes") == commands.WRONG_USE
    assert not (work / "out").exists()
    assert route(work) == 0
    (work / "key").write_text("00000000-0000-4000-8000-000000000000." + "s" * 43)
    assert submit(work, hub.url, "--yes") == commands.WRONG_USE
    assert "counted no days" in capsys.readouterr().err
    assert hub.asked == []
    for text in ("", "nothing", "x=nothing", "a:b:c", "=", "x=a:b c"):
        with pytest.raises(ValueError, match=r".*"):
            submitting.Stated.read(text)
