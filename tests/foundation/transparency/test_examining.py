"""Whoever changes records, leaves or heads in the database is found: each way is tried with SQL."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from tests.factories.records import NOON, make_record, seal_at, sealed_records

from tcert.cli import build_parser
from tcert.foundation.kernel import clock, installation
from tcert.foundation.kernel.installation import Level
from tcert.foundation.kernel.records import AuditRecord
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.signing import sign_detached
from tcert.foundation.transparency import leaves, merkle, queries
from tcert.foundation.transparency.examining import ANNOUNCEMENT, Examination, examine
from tcert.foundation.transparency.models import Head, Leaf

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
LATER = NOON + timedelta(hours=3)


@pytest.fixture(autouse=True)
def signing(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    with clock.frozen(NOON - timedelta(days=1)):
        return hubkey.create()


@pytest.fixture
def made():
    """Four records under each of three signed heads."""
    return sealed_records(4, heads=3)


def sql(statement, *values):
    """Do to the database what its administrator could, past everything that the hub would say."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [key(v) if isinstance(v, UUID) else v for v in values])
        assert cursor.rowcount == 1


def change(table, column, value, by, which):
    """Set one column of one row; the names come from this file alone."""
    sql(f"UPDATE {table} SET {column} = %s WHERE {by} = %s", value, which)  # noqa: S608


def key(value):
    return value if connection.vendor == "postgresql" else value.hex


def different(found: Examination) -> dict:
    """Return what the examination found, without what is empty."""
    counted = {"size", "newest", "announced"}
    every = {name: getattr(found, name) for name in found.__slots__ if name not in counted}
    return {name: which for name, which in every.items() if which}


def place(record) -> int:
    return Leaf.objects.get(record_id=record.id).position


def test_a_tree_that_nobody_touched_is_clean(made):
    found = examine()
    assert different(found) == {}
    assert found.is_clean
    assert (found.size, found.newest.number, found.announced) == (12, 3, 0)


def test_an_empty_hub_is_clean():
    assert examine().is_clean


CHANGES = {
    "at": "2026-11-23 12:00:00.000001+00:00",
    "actor_kind": "person",
    "actor_id": UUID(int=7),
    "team_id": UUID(int=7),
    "act": "test:other",
    "object_kind": "case",
    "object_id": UUID(int=7),
    "data": '{"step": 99}',
    "leaf_salt": b"0123456789abcdef",
}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_record_is_found(made, column):
    victim = made[5]
    change("kernel_auditrecord", column, CHANGES[column], "id", victim.id)
    assert different(examine()) == {"changed": [victim.id]}


def test_every_column_of_a_record_is_committed_to():
    columns = {field.name for field in AuditRecord._meta.concrete_fields}
    assert columns == {"id", *CHANGES}


def test_a_record_with_what_no_hub_writes_is_a_changed_one(made):
    sql("UPDATE kernel_auditrecord SET data = %s WHERE id = %s", '{"step": 0.5}', made[5].id)
    assert different(examine()) == {"changed": [made[5].id]}


def test_a_record_with_another_id_is_one_missing(made):
    sql("UPDATE kernel_auditrecord SET id = %s WHERE id = %s", UUID(int=7), made[5].id)
    assert different(examine()) == {"missing": [made[5].id], "inserted": [UUID(int=7)]}


def test_a_missing_record_is_found(made):
    sql("DELETE FROM kernel_auditrecord WHERE id = %s", made[2].id)
    assert different(examine()) == {"missing": [made[2].id]}


def test_a_missing_record_whose_leaf_is_gone_too_is_found(made):
    gap = place(made[2])
    sql("DELETE FROM kernel_auditrecord WHERE id = %s", made[2].id)
    sql("DELETE FROM transparency_leaf WHERE record_id = %s", made[2].id)
    assert different(examine()) == {"absent_leaves": [str(gap)]}


def test_an_inserted_record_is_found(made):
    sql(
        "INSERT INTO kernel_auditrecord "
        "(id, at, actor_kind, act, object_kind, data, leaf_salt) "
        "SELECT %s, at, actor_kind, act, object_kind, data, leaf_salt "
        "FROM kernel_auditrecord WHERE id = %s",
        UUID(int=7),
        made[0].id,
    )
    assert different(examine()) == {"inserted": [UUID(int=7)]}
    seal_at(LATER + timedelta(days=1))
    assert different(examine()) == {"inserted": [UUID(int=7)]}


def test_an_inserted_record_with_a_leaf_at_the_end_is_found(made):
    late = make_record(at=NOON)
    sql(
        "INSERT INTO transparency_leaf (position, record_id, hash) VALUES (12, %s, %s)",
        late.id,
        merkle.leaf_hash(leaves.committed(late)),
    )
    assert different(examine()) == {"surplus_leaves": [12]}


def test_an_inserted_record_with_a_leaf_before_the_beginning_is_found(made):
    late = make_record(at=NOON)
    sql(
        "INSERT INTO transparency_leaf (position, record_id, hash) VALUES (-1, %s, %s)",
        late.id,
        merkle.leaf_hash(leaves.committed(late)),
    )
    assert different(examine()) == {"surplus_leaves": [-1]}


def test_a_changed_leaf_is_found_and_the_other_steps_are_not_blamed(made):
    sql("UPDATE transparency_leaf SET hash = %s WHERE position = 5", b"\0" * 32)
    victim = Leaf.objects.get(position=5).record_id
    assert different(examine()) == {"changed": [victim], "changed_leaves": ["4-7"]}


def test_a_record_changed_together_with_its_leaf_is_found(made):
    sql("UPDATE kernel_auditrecord SET act = 'test:other' WHERE id = %s", made[9].id)
    forged = merkle.leaf_hash(leaves.committed(AuditRecord.objects.get(id=made[9].id)))
    sql("UPDATE transparency_leaf SET hash = %s WHERE record_id = %s", forged, made[9].id)
    assert different(examine()) == {"changed_leaves": ["8-11"]}


def test_two_leaves_that_changed_places_are_found(made):
    with connection.cursor() as cursor:
        for old, new in ((5, 99), (6, 5), (99, 6)):
            cursor.execute(
                "UPDATE transparency_leaf SET position = %s WHERE position = %s", [new, old]
            )
    assert different(examine()) == {"changed_leaves": ["4-7"]}


def test_a_head_with_another_root_is_found(made):
    sql("UPDATE transparency_head SET root = %s WHERE number = 2", b"\0" * 32)
    assert different(examine()) == {"broken_heads": [2, 3], "false_signatures": [2]}


def forge(number: int, key=None) -> None:
    """Let a head and its peaks say what the leaves say now, signed by a key or by nobody."""
    head = Head.objects.get(number=number)
    tree = merkle.Peaks().grown(queries.sealed_leaves(head.size))
    head.root, head.peaks = tree.root, tree.to_bytes()
    before = Head.objects.filter(number=number - 1).first()
    head.previous = before.said.digest if before else b""
    head.signature = sign_detached(head.said.write().encode(), key) if key else ""
    head.save()


def test_a_tree_rewritten_to_its_end_is_found_by_its_signatures(made):
    """Whoever rewrites leaves and heads so that all fits still lacks the hub's key."""
    sql("UPDATE transparency_leaf SET hash = %s WHERE position = 5", b"\0" * 32)
    sql("DELETE FROM kernel_auditrecord WHERE id = %s", Leaf.objects.get(position=5).record_id)
    for number in (2, 3):
        forge(number)
    found = different(examine())
    assert found.pop("missing")
    assert found == {"missing_signatures": [2, 3]}


def test_a_head_signed_by_another_key_is_found(made, settings, tmp_path):
    own = settings.HUB_KEY_FILE
    settings.HUB_KEY_FILE = tmp_path / "other"
    with clock.frozen(NOON - timedelta(days=1)):
        hubkey.create()
    forge(2, hubkey.load())
    settings.HUB_KEY_FILE = own
    assert different(examine()) == {"false_signatures": [2]}


def test_a_signature_taken_away_is_found(made):
    sql("UPDATE transparency_head SET signature = '' WHERE number = 2")
    assert different(examine()) == {"missing_signatures": [2]}


def test_a_damaged_signature_is_found(made):
    sql("UPDATE transparency_head SET signature = %s WHERE number = 2", "nothing of the kind")
    assert different(examine()) == {"false_signatures": [2]}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("origin", "other.example"),
        ("through", "2026-11-23 13:30:00+00:00"),
        ("made_at", "2026-11-23 13:30:00+00:00"),
    ],
)
def test_a_head_that_says_something_else_is_found(made, column, value):
    change("transparency_head", column, value, "number", 2)
    assert different(examine()) == {"broken_heads": [3], "false_signatures": [2]}


def test_a_head_of_another_kind_of_tree_is_found(made):
    sql("UPDATE transparency_head SET algorithm = 'md5' WHERE number = 3")
    assert different(examine()) == {"broken_heads": [3], "false_signatures": [3]}


def test_a_missing_head_is_found(made):
    sql("DELETE FROM transparency_head WHERE number = 2")
    assert different(examine()) == {"broken_heads": [3]}


def test_a_missing_first_head_is_found(made):
    sql("DELETE FROM transparency_head WHERE number = 1")
    assert different(examine()) == {"broken_heads": [2]}


def test_a_missing_last_head_is_found(made):
    sql("DELETE FROM transparency_head WHERE number = 3")
    assert different(examine()) == {"surplus_leaves": [8, 9, 10, 11]}


def test_heads_of_an_earlier_key_still_hold_after_a_rotation(made):
    hubkey.rotate()
    make_record(at=LATER)
    seal_at(LATER + timedelta(hours=1))
    assert examine().is_clean
    sql("UPDATE transparency_head SET signature = '' WHERE number = 2")
    assert different(examine()) == {"missing_signatures": [2]}


# Announced deletion ----------------------------------------------------------


def announce(*victims) -> AuditRecord:
    act = make_record(at=LATER, act=ANNOUNCEMENT, records=len(victims))
    Leaf.objects.filter(record_id__in=[one.id for one in victims]).update(announced_by=act.id)
    AuditRecord.objects.filter(id__in=[one.id for one in victims]).delete()
    return act


def test_a_deletion_that_was_announced_is_none_that_is_missed(made):
    announce(made[1], made[7])
    found = examine()
    assert found.is_clean
    assert found.announced == 2


def test_nothing_is_added_to_an_announcement(made):
    act = announce(made[1])
    sql("DELETE FROM kernel_auditrecord WHERE id = %s", made[2].id)
    sql("UPDATE transparency_leaf SET announced_by = %s WHERE record_id = %s", act.id, made[2].id)
    assert set(examine().missing) == {made[1].id, made[2].id}


@pytest.mark.parametrize("announcer", ["nobody", "another act"])
def test_only_an_announcement_announces(made, announcer):
    act = uuid4() if announcer == "nobody" else make_record(at=LATER, records=1).id
    sql("DELETE FROM kernel_auditrecord WHERE id = %s", made[2].id)
    sql("UPDATE transparency_leaf SET announced_by = %s WHERE record_id = %s", act, made[2].id)
    assert examine().missing == [made[2].id]


# The command -----------------------------------------------------------------


def check(capsys, *words):
    options = build_parser().parse_args(["check", "records", *words])
    with clock.frozen(LATER):
        code = options.run(options)
    return code, capsys.readouterr().out


def test_the_command_says_that_all_is_well(made, capsys):
    code, out = check(capsys)
    assert code == 0
    assert "All 12 sealed records are as they were, under 3 heads." in out


def test_the_command_names_what_and_how_many_and_fails(made, capsys):
    for one in made[:7]:
        sql("UPDATE kernel_auditrecord SET act = 'test:other' WHERE id = %s", one.id)
    code, out = check(capsys, "--json")
    assert code == 1
    (found,) = json.loads(out)
    assert found["level"] == "problem"
    assert found["inspection"] == "records"
    assert found["message"].startswith("7 records were changed after they were sealed: ")
    assert found["message"].endswith(", …")
    assert sum(str(one.id) in found["message"] for one in made[:7]) == 5
    assert "operations.md" in found["cure"]


def messages(at, level):
    with clock.frozen(at):
        return [str(f.message) for f in installation.inspect(["records"]) if f.level is level]


def test_a_hub_whose_worker_does_not_seal_is_told(settings):
    make_record(at=NOON)
    assert messages(NOON, Level.WARNING) == ["No record is sealed yet."]
    settings.PRODUCTION = True
    (told,) = messages(NOON + timedelta(hours=6), Level.PROBLEM)
    assert told == "1 records have waited for more than 6 hours to be sealed."


def test_a_clock_that_was_ahead_is_told(made):
    (told,) = messages(NOON, Level.PROBLEM)
    assert told.startswith("The newest head is of the future")


def test_a_hub_without_a_key_is_told(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "none"
    settings.PRODUCTION = True
    sealed_records(1)
    (told,) = messages(LATER, Level.PROBLEM)
    assert told.startswith("The heads of the tree of records are not signed")


def test_a_page_that_people_wait_for_does_not_ask_for_it():
    assert "records" in installation.names()
    assert "records" not in installation.quick()
    assert "worker" in installation.quick()


def test_the_number_of_questions_grows_with_portions_not_with_records(django_assert_num_queries):
    sealed_records(2)
    with django_assert_num_queries(5):
        examine()
    sealed = seal_at(LATER)
    assert sealed.size == 2
    for step in range(30):
        make_record(at=NOON + timedelta(hours=2), step=step)
    seal_at(LATER)
    with django_assert_num_queries(5):
        assert examine().size == 32
