"""Records get their leaves in batches that are there or not, in an order that tells nothing."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from tests.factories.records import NOON, make_record, seal_at, sealed_records

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.canonical import NotCanonical
from tcert.foundation.kernel.principal import REPORTER, SYSTEM
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.signing import verify_detached
from tcert.foundation.transparency import leaves, merkle, queries
from tcert.foundation.transparency.domain.sealing import SETTLING, TreeBroken, seal
from tcert.foundation.transparency.jobs import seal_records
from tcert.foundation.transparency.models import Head, Leaf
from tcert.foundation.transparency.queries import Standing

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(autouse=True)
def key_file(settings, tmp_path):
    settings.HUB_KEY_FILE = tmp_path / "hub-key"
    return settings.HUB_KEY_FILE


def sealed_ids() -> set:
    return set(Leaf.objects.values_list("record_id", flat=True))


def test_a_batch_is_leaves_and_a_head_over_them():
    made = [make_record(step=step) for step in range(5)]
    head = seal_at(NOON + SETTLING)

    assert sealed_ids() == {one.id for one in made}
    assert (head.number, head.size, bytes(head.previous)) == (1, 5, b"")
    assert bytes(head.root) == merkle.tree_head(queries.sealed_leaves(5))
    stored = AuditRecord.objects.get(id=made[0].id)
    leaf = Leaf.objects.get(record_id=stored.id)
    assert bytes(leaf.hash) == merkle.leaf_hash(leaves.committed(stored))


def test_the_text_of_a_record_is_fixed():
    """Leaves of ten years hang on it: a change of this text needs a form of its own."""
    one = make_record(at=datetime(2026, 11, 23, 12, 0, 0, 1, tzinfo=UTC), role="vendor")
    stored = AuditRecord.objects.get(id=one.id)
    assert leaves.committed(stored).decode() == (
        '{"act":"test:act","actor_id":null,"actor_kind":"system",'
        '"at":"2026-11-23T12:00:00.000001Z","data":{"role":"vendor"},'
        f'"form":"tcert-record-1","id":"{one.id}","leaf_salt":"{bytes(one.leaf_salt).hex()}",'
        f'"object_id":"{one.object_id}","object_kind":"thing","team_id":null}}'
    )


def test_equal_records_have_different_leaves():
    sealed_records(2)
    assert len(set(queries.sealed_leaves(2))) == 2


def test_a_record_waits_until_every_act_of_its_time_is_committed():
    make_record()
    assert seal_at(NOON + SETTLING - timedelta(microseconds=1)) is None
    assert seal_at(NOON + SETTLING).size == 1


def test_reporters_acts_wait_for_the_end_of_their_day():
    report = make_record(REPORTER, at=NOON)
    other = make_record(SYSTEM, at=NOON)
    seal_at(NOON + timedelta(hours=11, minutes=59))
    assert sealed_ids() == {other.id}

    seal_at(MIDNIGHT + SETTLING)
    assert sealed_ids() == {other.id, report.id}


def test_places_tell_nothing_of_the_order_in_which_reporters_wrote():
    """24 acts keep their order by chance once in 24 factorial runs."""
    acts = [make_record(REPORTER, at=NOON + timedelta(minutes=step)).id for step in range(24)]
    seal_at(MIDNIGHT + SETTLING)
    placed = list(Leaf.objects.order_by("position").values_list("record_id", flat=True))
    assert set(placed) == set(acts)
    assert placed != acts
    assert placed != sorted(acts)
    assert Head.objects.filter(size__gt=0).count() == 1


def test_all_of_a_day_of_a_reporter_is_one_batch_with_what_others_did_at_midnight():
    report = make_record(REPORTER, at=NOON)
    other = make_record(SYSTEM, at=MIDNIGHT)
    head = seal_at(MIDNIGHT + SETTLING)
    assert (head.number, head.size) == (1, 2)
    assert sealed_ids() == {report.id, other.id}


def test_heads_follow_each_other():
    sealed_records(3, heads=3)
    first, second, third = Head.objects.order_by("number")
    assert [head.size for head in (first, second, third)] == [3, 6, 9]
    assert bytes(second.previous) == first.said.digest
    assert bytes(third.previous) == second.said.digest
    assert third.through == NOON + timedelta(hours=2)


def test_nothing_new_makes_no_head_but_once_a_day():
    sealed_records(1)
    seal_at(NOON + timedelta(hours=5))
    assert Head.objects.count() == 1
    head = seal_at(NOON + timedelta(days=1) + SETTLING)
    assert (head.number, head.size, head.through) == (2, 1, NOON + timedelta(days=1))


def test_what_piled_up_is_sealed_day_by_day():
    for day in range(4):
        make_record(at=NOON + timedelta(days=day))
    seal_at(NOON + timedelta(days=3, hours=1))
    sizes = list(Head.objects.order_by("number").values_list("size", flat=True))
    assert sizes == [2, 3, 4]


def test_an_empty_hub_has_no_head():
    assert seal_at(NOON) is None


def test_a_record_that_comes_too_late_is_left_out():
    """Else whoever puts a record into the past had only to wait for the worker."""
    sealed_records(1)
    late = make_record(at=NOON - timedelta(hours=1))
    seal_at(NOON + timedelta(days=2))
    assert late.id not in sealed_ids()
    assert queries.places([late])[late.id].standing is Standing.LEFT_OUT


def test_places_for_pages(django_assert_num_queries):
    first, second = sealed_records(1, heads=2)
    waiting = make_record(at=NOON + timedelta(hours=2))
    report = make_record(REPORTER, at=NOON + timedelta(hours=1))
    with django_assert_num_queries(2):
        found = queries.places([first, second, waiting, report])
    told = [(p.standing, p.position, p.head) for p in found.values()]
    assert told == [
        (Standing.SEALED, 0, 1),
        (Standing.SEALED, 1, 2),
        (Standing.WAITING, None, None),
        (Standing.WAITING, None, None),
    ]


def test_a_head_is_signed_when_there_is_a_key():
    make_record()
    assert seal_at(NOON + SETTLING).signature == ""
    info = hubkey.create()
    make_record(at=NOON + timedelta(hours=1))
    head = seal_at(NOON + timedelta(hours=2))
    signed = verify_detached(head.said.write().encode(), head.signature, info.certificate)
    assert signed.certificate == info.fingerprint


def test_a_key_that_cannot_be_loaded_holds_sealing_up(key_file):
    hubkey.create()
    key_file.chmod(0o644)
    make_record()
    with pytest.raises(hubkey.HubKeyProblem):
        seal_at(NOON + SETTLING)
    assert not Head.objects.exists()


@pytest.mark.parametrize("column", ["root", "peaks", "size", "signature"])
def test_nothing_is_built_on_a_head_that_was_changed(column):
    hubkey.create()
    sealed_records(3)
    forged = {
        "root": b"\0" * 32,
        "peaks": b"\0" * 64,
        "size": 2,
        "signature": Head.objects.get().signature.replace("\n\n", "\n\nx", 1),
    }
    Head.objects.update(**{column: forged[column]})
    make_record(at=NOON + timedelta(hours=1))
    later = NOON + timedelta(hours=2)
    with clock.frozen(later), pytest.raises(TreeBroken):
        seal()
    with clock.frozen(later), pytest.raises(jobs.GiveUp):
        seal_records()
    assert (Head.objects.count(), Leaf.objects.count()) == (1, 3)


def test_a_fraction_is_refused_when_it_is_recorded_not_when_it_is_sealed():
    with pytest.raises(NotCanonical):
        record(SYSTEM, "test:act", "thing", None, share=0.5)
    assert not AuditRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_seal_everything_once():
    made = [make_record(at=NOON + timedelta(hours=hour)) for hour in range(60)]
    start = threading.Barrier(3)
    wrong = []

    def work():
        try:
            start.wait()
            for hour in range(0, 80, 5):
                with clock.frozen(NOON + timedelta(hours=hour)):
                    seal()
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert sealed_ids() == {one.id for one in made}
    newest = Head.objects.order_by("number").last()
    assert newest.size == Leaf.objects.count() == 60
    assert bytes(newest.root) == merkle.tree_head(queries.sealed_leaves(60))
    numbers = list(Head.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, newest.number + 1))


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_fails_leaves_nothing():
    sealed_records(1)
    Leaf.objects.create(position=3, record_id=make_record(act="x").id, hash=b"\0" * 32)
    for _ in range(4):
        make_record(at=NOON + timedelta(hours=1))
    with pytest.raises(IntegrityError):
        seal_at(NOON + timedelta(hours=2))
    assert Head.objects.count() == 1
    assert Leaf.objects.count() == 2
