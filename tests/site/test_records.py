"""The records of all acts, as coordinators see them, and the tree that seals them."""

import csv
import io
import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from tests.factories.advisories import a_draft
from tests.factories.cases import CaseFactory, ExclusionFactory
from tests.factories.directory import (
    TeamFactory,
    TeamMembershipFactory,
    coordinator_of_desk,
)
from tests.factories.records import NOON, make_record, seal_at, sealed_records
from tests.principals import principal_of, sign_in

from tcert.cli import build_parser
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import REPORTER, SYSTEM
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.openpgp import hubkey
from tcert.foundation.sealed.models import Thread
from tcert.foundation.transparency.domain.sealing import SETTLING
from tcert.foundation.transparency.models import Head, Leaf
from tcert.response.cases.models import CaseThread

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_file(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "hub-key"


@pytest.fixture
def coordinator(client):
    person = coordinator_of_desk()
    sign_in(client, person, coordinator=True)
    return person


def test_records_are_listed_filtered_and_named(client, coordinator):
    thing = CaseFactory().id
    record(principal_of(coordinator), "cases:invite", "case", thing, role="vendor")
    record(REPORTER, "intake:report", "case", CaseFactory().id)
    text = client.get("/records/").content.decode()
    assert "cases:invite" in text
    assert "role: vendor" in text
    assert coordinator.name in text
    assert "intake:report" in text

    text = client.get("/records/", {"object": str(thing)}).content.decode()
    assert "cases:invite" in text
    assert "intake:report" not in text
    assert "No such record" in client.get("/records/", {"act": "zzz"}).content.decode()


def shown(client, **query):
    """Return the acts that the list shows for a query, in order."""
    query = {name.rstrip("_"): value for name, value in query.items()}
    text = client.get("/records/", query).content.decode()
    return [act for act in re.findall(r'<th scope="row">(.*?)</th>', text) if act in ACTS]


ACTS = ("test:first", "test:second", "test:third")


def test_each_filter_finds_its_own(client, coordinator):
    other = coordinator_of_desk()
    team = TeamFactory()
    TeamMembershipFactory(team=team, person=other)
    by_other = principal_of(other, coordinator=True, acting_team=team)
    with clock.frozen(NOON - timedelta(days=2)):
        record(principal_of(coordinator), "test:first", "team", uuid4())
    with clock.frozen(NOON - timedelta(days=1)):
        record(by_other, "test:second", "product", uuid4())
    make_record(at=NOON, act="test:third")

    assert shown(client) == ["test:third", "test:second", "test:first"]
    assert shown(client, act="ir") == ["test:third", "test:first"]
    assert shown(client, kind="product") == ["test:second"]
    assert shown(client, person=coordinator.id) == ["test:first"]
    assert shown(client, team=team.id) == ["test:second"]
    assert shown(client, since="2026-11-22") == ["test:third", "test:second"]
    assert shown(client, until="2026-11-22") == ["test:second", "test:first"]
    assert shown(client, since="2026-11-22", until="2026-11-22") == ["test:second"]
    assert shown(client, since="2026-11-22", kind="team") == []


@pytest.mark.parametrize(
    "query",
    [
        {"since": "2026-11-23", "until": "2026-11-22"},
        {"since": "tomorrow"},
        {"person": "x"},
        {"object": "x"},
        {"kind": "no such kind"},
        {"act": "x" * 81},
    ],
)
def test_a_question_without_sense_is_answered_with_its_error(client, coordinator, query):
    make_record(act="test:first")
    answer = client.get("/records/", query)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'class="summary"' in text
    assert "test:first" not in text
    assert "test:first" not in file_of(client, **query)


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        {"page": "9" * 30},
        {"page": "x"},
        {"act": "\0"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
    ],
)
def test_the_ends_of_what_can_be_asked_break_nothing(client, coordinator, query):
    assert client.get("/records/", query).status_code == 200
    assert file_of(client, **query).startswith("id,at,")


@pytest.mark.parametrize("number", ["0", "1", "9" * 18, "9" * 30])
def test_a_head_that_there_is_not_is_not_found(client, coordinator, number):
    assert client.get(f"/records/tree/{number}/head.txt").status_code == 404


def test_the_last_moment_of_a_day_belongs_to_it(client, coordinator):
    make_record(at=NOON.replace(hour=23, minute=59, second=59, microsecond=999999), act=ACTS[0])
    make_record(at=NOON.replace(hour=0) + timedelta(days=1), act=ACTS[1])
    assert shown(client, until="2026-11-23") == ["test:first"]
    assert shown(client, since="2026-11-24") == ["test:second"]


def test_pages_keep_the_question(client, coordinator):
    for _ in range(51):
        make_record(act="test:first")
    text = client.get("/records/", {"act": "test"}).content.decode()
    assert "?act=test&amp;page=2" in text
    assert len(shown(client, act="test", page=2)) == 1


def file_of(client, **query):
    answer = client.get("/records/records.csv", query)
    assert answer["Content-Disposition"] == 'attachment; filename="records.csv"'
    return b"".join(answer.streaming_content).decode()


def test_the_file_holds_what_the_list_holds(client, coordinator):
    case = CaseFactory(coordinating_team=TeamFactory())
    record(SYSTEM, "test:hidden", "case", case.id)
    with clock.frozen(NOON):
        mine = record(principal_of(coordinator), "test:first", "team", uuid4(), role="vendor")
    report = make_record(REPORTER, at=NOON, act="test:second")
    seal_at(NOON + SETTLING)
    rows = list(csv.DictReader(io.StringIO(file_of(client, act="test"))))

    assert {row["act"] for row in rows} == {"test:first", "test:second"}
    (first,) = (row for row in rows if row["id"] == str(mine.id))
    assert first == {
        "id": str(mine.id),
        "at": "2026-11-23T12:00:00+00:00",
        "actor_kind": "person",
        "actor": coordinator.name,
        "team": "TCERT desk",
        "act": "test:first",
        "object_kind": "team",
        "object_id": str(mine.object_id),
        "data": '{"role": "vendor"}',
        "position": str(Leaf.objects.get(record_id=mine.id).position),
        "head": "1",
    }
    (second,) = (row for row in rows if row["id"] == str(report.id))
    assert (second["at"], second["actor"], second["position"]) == ("2026-11-23", "", "")
    assert "test:hidden" not in file_of(client)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_of_the_file_is_a_formula(client, coordinator, start):
    coordinator.name = f"{start}cmd|' /C calc'!A0"
    coordinator.save()
    record(principal_of(coordinator), "test:first", "team", uuid4())
    (row,) = csv.DictReader(io.StringIO(file_of(client, act="test")))
    assert row["actor"] == f"'{coordinator.name}"


def test_each_record_shows_whether_it_is_sealed(client, coordinator):
    sealed_records(1)
    make_record(at=NOON + timedelta(hours=1), act="test:second")
    make_record(at=NOON - timedelta(hours=1), act="test:third")
    lines = client.get("/records/", {"act": "test"}).content.decode().split("<tr>")
    (first,) = (line for line in lines if "test:act" in line)
    (second,) = (line for line in lines if "test:second" in line)
    (third,) = (line for line in lines if "test:third" in line)
    assert "position 0, head 1" in first
    assert "waits for its turn" in second
    assert "put in after its time was sealed" in third


def test_the_proof_of_a_record_is_one(client, coordinator, tmp_path):
    made = sealed_records(6, heads=2)
    answer = client.get(f"/records/{made[3].id}/proof.json")
    assert json.loads(json.loads(answer.content)["committed"])["id"] == str(made[3].id)
    path = tmp_path / "proof.json"
    path.write_bytes(answer.content)
    options = build_parser().parse_args(["records", "verify", "--proof", str(path)])
    assert options.run(options) == 0


def test_a_proof_is_for_who_may_read_the_record(client, coordinator):
    case = CaseFactory(coordinating_team=TeamFactory())
    with clock.frozen(NOON):
        hidden = record(SYSTEM, "test:hidden", "case", case.id)
    waiting = make_record(at=NOON + timedelta(hours=1))
    seal_at(NOON + SETTLING)
    assert Leaf.objects.filter(record_id=hidden.id).exists()
    for one in (hidden.id, waiting.id, uuid4()):
        assert client.get(f"/records/{one}/proof.json").status_code == 404


def test_no_proof_is_given_over_rows_that_somebody_was_at(client, coordinator):
    (one,) = sealed_records(1)
    Leaf.objects.update(position=7)
    assert client.get(f"/records/{one.id}/proof.json").status_code == 404
    Leaf.objects.update(position=0)
    AuditRecord.objects.filter(id=one.id).update(data={"share": 0.5})
    assert client.get(f"/records/{one.id}/proof.json").status_code == 404


def test_the_tree_shows_each_head_with_its_signature(client, coordinator):
    assert "Nothing is sealed yet" in client.get("/records/tree/").content.decode()
    with clock.frozen(NOON):
        sealed_records(1)
    with clock.frozen(NOON + timedelta(minutes=30)):
        hubkey.create()
    for hour in (1, 2, 3):
        make_record(at=NOON + timedelta(hours=hour))
        seal_at(NOON + timedelta(hours=hour) + SETTLING)
    Head.objects.filter(number=2).update(signature="")
    Head.objects.filter(number=3).update(signature="x")
    text = client.get("/records/tree/").content.decode()
    for number, words in (
        (1, "none, made before the hub had a key"),
        (2, "missing"),
        (3, "not the hub&#x27;s"),
        (4, "by the hub&#x27;s key"),
    ):
        assert words in text.split(f'<tr id="head-{number}">')[1].split("</tr>")[0].replace(
            "&#39;", "&#x27;"
        ).replace("hub's", "hub&#x27;s")


def test_a_head_is_given_as_a_file(client, coordinator, tmp_path):
    sealed_records(2)
    answer = client.get("/records/tree/1/head.txt")
    assert answer.content.decode() == Head.objects.get().exported
    path = tmp_path / "head.txt"
    path.write_bytes(answer.content)
    options = build_parser().parse_args(["records", "verify", "--head", str(path)])
    assert options.run(options) == 0
    assert client.get("/records/tree/2/head.txt").status_code == 404


@pytest.mark.parametrize("heads", [1, 3])
def test_the_tree_asks_the_same_number_of_questions_for_more_heads(
    client, coordinator, django_assert_max_num_queries, heads
):
    hubkey.create()
    sealed_records(1, heads=heads)
    client.get("/records/tree/")
    # One reads the coordinator's interests, which the count in the side list follows.
    with django_assert_max_num_queries(10):
        client.get("/records/tree/")


@pytest.mark.parametrize("count", [1, 3])
def test_the_file_asks_the_same_number_of_questions_for_more_records(
    client, coordinator, django_assert_max_num_queries, count
):
    for _ in range(count):
        record(principal_of(coordinator), "test:first", "team", uuid4())
    file_of(client)
    with django_assert_max_num_queries(13):
        file_of(client, act="test")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_number_of_questions_for_more_rows(
    client, coordinator, django_assert_max_num_queries, rows
):
    for _ in range(rows):
        record(principal_of(coordinator), "directory:change", "team", uuid4())
    seal_at(clock.now() + timedelta(hours=1))
    client.get("/records/")
    with django_assert_max_num_queries(14):
        seal_at(clock.now() + timedelta(hours=1))
    client.get("/records/")


def test_records_of_a_case_are_for_who_coordinates_it():
    person = coordinator_of_desk()
    outside = TeamFactory()
    TeamMembershipFactory(team=outside, person=person)
    own, concerned, elsewhere = (
        CaseFactory(),
        CaseFactory(),
        CaseFactory(coordinating_team=TeamFactory()),
    )
    ExclusionFactory(case=concerned, team=outside)
    rows = {
        name: record(SYSTEM, "test:act", kind, object_id)
        for name, kind, object_id in (
            ("own", "case", own.id),
            ("concerned", "case", concerned.id),
            ("elsewhere", "case", elsewhere.id),
            ("gone", "case", uuid4()),
            ("thread", "thread", uuid4()),
            ("advisory", "advisory", uuid4()),
            ("team", "team", outside.id),
        )
    }
    principal = principal_of(person, coordinator=True, acting_team=own.coordinating_team)

    found = set(AuditRecord.objects.visible_to(principal).filter(act="test:act"))
    assert {name for name, row in rows.items() if row in found} == {"own", "team"}
    assert found == {row for row in rows.values() if row.is_visible_to(principal)}
    for other in (SYSTEM, REPORTER, principal_of(person)):
        assert not AuditRecord.objects.visible_to(other).exists()
        assert not any(row.is_visible_to(other) for row in rows.values())


def test_records_of_threads_and_advisories_follow_their_case():
    principal = principal_of(coordinator_of_desk(), coordinator=True)
    case = CaseFactory()
    thread = Thread.objects.create(
        subject_kind="case", subject_id=case.id, purpose="all", created_on=clock.today()
    )
    CaseThread.objects.create(case=case, thread=thread, purpose="all")
    advisory = a_draft(principal)
    for kind, thing in (("thread", thread.id), ("advisory", advisory.id)):
        assert record(SYSTEM, "test:act", kind, thing).is_visible_to(principal)
    assert AuditRecord.objects.visible_to(principal).filter(act="test:act").count() == 2
