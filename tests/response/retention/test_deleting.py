"""A case whose time is over is deleted, for real, and nothing else is."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import CASCADE, SET_NULL
from django.db.models.signals import post_save, pre_delete
from tests.factories.cases import CaseFactory
from tests.factories.directory import TeamFactory
from tests.factories.records import seal_at
from tests.factories.retention import CLOSED, DUE, deleted, full_case, warned
from tests.meeting import Moment, meet
from tests.ondisk import read_bytes
from tests.principals import principal_of

from tcert.community.notices.models import Notice
from tcert.foundation.kernel import clock, jobs, outbox, storage
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import AuditRecord, record
from tcert.foundation.sealed.domain import removing
from tcert.foundation.sealed.models import DoomedFile, File, Message
from tcert.foundation.transparency.examining import examine
from tcert.response.advisories.models import Advisory, FinalCopy
from tcert.response.cases.domain import threads
from tcert.response.cases.domain.reports import codenames
from tcert.response.cases.models import Case, DeletedCase, Embargo, Unopened
from tcert.response.intake.models import KeptFile, Report
from tcert.response.retention.domain import counting, deleting, holds
from tcert.response.retention.models import Hold, YearCount

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def on_disk() -> bytes:
    """Return every byte of the database's files (SQLite) and of the folder of sealed files."""
    paths = [p for p in Path(storage.ciphertext().location).rglob("*") if p.is_file()]
    if connection.vendor == "sqlite":
        name = Path(str(connection.settings_dict["NAME"]))
        paths += [name.with_name(name.name + end) for end in ("", "-wal", "-shm")]
    return b"".join(read_bytes(path) for path in paths)


def rows_of(made) -> dict[str, int]:
    """Return how many rows of each table name the case, its report or its threads."""
    ids = {made.case.id, made.report.id, made.row.id, *made.thread_ids}
    found = {}
    for model in apps.get_models():
        if model in {DeletedCase, AuditRecord} or not model.__module__.startswith("tcert."):
            continue
        for column in model._meta.concrete_fields:
            if column.get_internal_type() in {"UUIDField", "ForeignKey", "OneToOneField"}:
                if column.related_model and column.target_field.get_internal_type() != "UUIDField":
                    continue
                count = model._base_manager.filter(**{f"{column.attname}__in": ids}).count()
                if count:
                    found[f"{model._meta.label}.{column.name}"] = count
    return found


@pytest.mark.slow
def test_a_deleted_case_is_gone_from_every_table_and_from_the_disk():
    """The search finds all of it before: else finding none of it after proves nothing."""
    made = full_case()
    made.thread_ids = list(made.case.threads.values_list("thread_id", flat=True))
    files = {*File.objects.values_list("stored_as", flat=True), KeptFile.objects.get().content}
    before = on_disk()
    stored = [piece for piece in made.traces if piece in before]
    assert stored == made.traces if connection.vendor == "sqlite" else len(stored) == 1
    assert rows_of(made)
    assert deleted(made)
    jobs.run_due()
    after = on_disk()
    assert [piece for piece in made.traces if piece in after] == []
    outbox.prune()  # what was told to all rooms is forgotten within days by itself
    assert rows_of(made) == {}
    gone = (Case, Report, Message, File, KeptFile, Notice, FinalCopy, Advisory, DoomedFile)
    gone += (Unopened,)
    assert [model for model in gone if model.objects.exists()] == []
    assert not files & set(storage.ciphertext().names())


def test_what_is_left_tells_that_there_was_a_case_and_names_nobody():
    made = full_case()
    left = DeletedCase(id=made.case.id, code_name=made.case.code_name, number=made.case.number)
    assert deleted(made)
    found = DeletedCase.objects.get()
    assert (found.id, found.code_name, found.number) == (left.id, left.code_name, left.number)
    assert (found.closed_at, found.deleted_at) == (CLOSED, DUE + timedelta(minutes=1))
    assert found.parties == 3
    assert found.messages == 3
    assert found.is_visible_to(principal_of(made.ada, coordinator=True))
    assert not found.is_visible_to(principal_of(made.ada))
    assert not found.is_visible_to(principal_of(made.member))


@pytest.mark.slow
def test_another_case_stays_as_it_is():
    other = full_case()
    other.thread_ids = list(other.case.threads.values_list("thread_id", flat=True))
    with clock.frozen(DUE - timedelta(days=1)):
        Case.objects.filter(pk=other.case.pk).update(closed_at=clock.now())
    jobs.run_due()  # so that nobody is told of it while the other one is deleted
    held = {p for p in other.traces if p in on_disk()}
    before = rows_of(other)
    made = full_case()
    assert deleted(made)
    jobs.run_due()
    assert {p for p in other.traces if p in on_disk()} == held
    assert rows_of(other) == before


def test_nothing_is_deleted_early_unwarned_held_open_or_twice():
    made = full_case()
    with clock.frozen(DUE + timedelta(days=400)):
        assert not deleting.delete_case(made.case.id), "nobody was told"
    moment = warned(made)
    with clock.frozen(DUE - timedelta(minutes=1)):
        assert not deleting.delete_case(made.case.id), "it is too early"
    Case.objects.filter(pk=made.case.pk).update(held_since=CLOSED)
    with clock.frozen(moment):
        assert not deleting.delete_case(made.case.id), "it is held"
    Case.objects.filter(pk=made.case.pk).update(held_since=None, closed_at=None)
    with clock.frozen(moment):
        assert not deleting.delete_case(made.case.id), "it is open again"
    Case.objects.filter(pk=made.case.pk).update(closed_at=CLOSED)
    Embargo.objects.update(state="active", ends_at=moment)
    with clock.frozen(moment):
        assert not deleting.delete_case(made.case.id), "an embargo holds"
        Embargo.objects.update(state="exited")
        Advisory.objects.update(pending="release", scheduled_for=moment)
        assert not deleting.delete_case(made.case.id), "something of it is about to be published"
        Advisory.objects.update(pending="", scheduled_for=None)
        assert deleting.delete_case(made.case.id)
        assert not deleting.delete_case(made.case.id)


def test_a_published_advisory_stays_and_its_record_of_who_was_shown_it_goes(hub_key):
    from tests.factories import advisories as texts

    release = texts.published()
    made = full_case()
    Advisory.objects.filter(pk=release.advisory_id).update(case_id=made.case.id)
    assert deleted(made)
    assert [a.id for a in Advisory.objects.all()] == [release.advisory_id]
    traces = DeletedCase.objects.get().traces
    assert ["advisory", str(release.advisory_id), "advisories:final-text"] in traces


def test_no_other_case_gets_its_name(monkeypatch):
    made = full_case()
    assert deleted(made)
    drawn = iter([made.case.code_name, "Fresh Brook"])
    monkeypatch.setattr(codenames, "draw", lambda _words: next(drawn))
    from tcert.response.cases.domain import reports

    case = reports._new_case("vulnerability", TeamFactory())
    assert case.code_name == "Fresh Brook"


@pytest.mark.slow
def test_its_records_go_as_announced_and_the_tree_still_tells_one_that_was_taken_out(hub_key):
    made = full_case()
    other = CaseFactory()
    with clock.frozen(CLOSED + timedelta(days=1)):
        # That it was handed on once, in a message that its author has deleted since.
        passed_on = Message.objects.filter(thread__in=made.case.threads.values("thread")).first()
        record(SYSTEM, "sealed:hand-over", "message", passed_on.id)
        holds.set_hold(
            principal=principal_of(made.ada, coordinator=True),
            case=other,
            reason="Court",
            review_on=clock.today() + timedelta(days=30),
        )
    assert deleted(made)
    with clock.frozen(DUE + timedelta(minutes=2)):
        deleting.sweep_records()
    about = AuditRecord.objects.filter(object_kind="case", object_id=made.case.id)
    assert about.exists(), "what is not sealed yet stays, or its deletion would not show"
    seal_at(DUE + timedelta(days=2))
    with clock.frozen(DUE + timedelta(days=3)):
        assert deleting.sweep_records() > 5
        assert deleting.sweep_records() == 0
    assert not about.exists()
    assert not AuditRecord.objects.filter(object_id=passed_on.id).exists()
    assert DeletedCase.objects.get().traces == []
    with clock.frozen(DUE + timedelta(days=3)):
        found = examine()
    assert found.is_clean
    assert found.announced > 5
    victim = AuditRecord.objects.get(act="cases:held")
    missed = victim.id
    victim.delete()
    assert examine().missing == [missed]


@pytest.mark.slow
def test_a_count_of_a_year_outlives_what_it_counts(hub_key):
    made = full_case()
    assert deleted(made)
    seal_at(DUE + timedelta(days=2))
    with clock.frozen(DUE + timedelta(days=3)):
        deleting.sweep_records()
        assert counting.settle_years() == 0, "the year is not over"
    with clock.frozen(DUE.replace(year=2027, month=1, day=9)):
        assert counting.settle_years() >= 1
        assert counting.settle_years() == 0
    totals = dict(YearCount.objects.filter(year=2026).values_list("kind", "total"))
    wanted = {"received": 1, "validated": 1, "closed": 1, "deleted": 1, "held": 0, "withdrawn": 0}
    assert {kind: totals[kind] for kind in wanted} == wanted


@pytest.mark.slow
def test_a_hold_that_is_set_while_a_case_is_deleted_comes_before_it_or_finds_no_case():
    """Whichever is first: never a hold that was granted on a case that is gone."""
    made = full_case()
    moment = warned(made)
    by = principal_of(made.ada, coordinator=True)

    def hold():
        with clock.frozen(moment):
            return holds.set_hold(
                principal=by,
                case=Case.objects.get(pk=made.case.pk),
                reason="Court",
                review_on=moment.date() + timedelta(days=9),
            )

    def delete():
        with clock.frozen(moment):
            return deleting.delete_case(made.case.id)

    at = Moment(pre_delete, Case, lambda case: case.pk == made.case.pk)
    gone, refused = meet(delete, hold, at=at)
    assert gone is True
    assert isinstance(refused, Conflict | Case.DoesNotExist)
    assert not Hold.objects.exists()

    made = full_case()
    moment = warned(made)
    at = Moment(post_save, Hold, lambda _hold: True)
    granted, gone = meet(hold, delete, at=at)
    assert isinstance(granted, Hold)
    assert gone is False
    assert Case.objects.filter(pk=made.case.pk).exists()


def test_a_post_that_arrives_while_its_case_is_deleted_is_refused_or_goes_with_it():
    from tests.factories.sealed import seal_for

    made = full_case()
    moment = warned(made)
    sealed = seal_for(made.link.thread, made.vendor, [made.vendor, made.desk], body="late")

    def post():
        return threads.post(
            principal=principal_of(made.member), link=made.link, set_version=1, sealed=sealed
        )

    def delete():
        with clock.frozen(moment):
            return deleting.delete_case(made.case.id)

    at = Moment(pre_delete, Case, lambda case: case.pk == made.case.pk)
    gone, refused = meet(delete, post, at=at)
    assert gone is True
    assert isinstance(refused, Exception)
    assert not Message.objects.exists()


def test_a_file_that_could_not_be_deleted_is_deleted_later(monkeypatch):
    made = full_case()
    shelves = storage.ciphertext()

    def fail(_name):
        raise OSError("read-only")

    monkeypatch.setattr(type(shelves), "delete", lambda _self, name: fail(name))
    assert deleted(made)
    doomed = set(DoomedFile.objects.values_list("stored_as", flat=True))
    assert len(doomed & set(shelves.names())) == 2
    monkeypatch.undo()
    assert removing.delete_doomed() == 2
    assert not doomed & set(shelves.names())
    assert removing.delete_doomed() == 0


def test_whatever_hangs_on_a_case_goes_with_it():
    """A new table that names a case by a key of another kind would outlive it, or stop it."""
    keys = {
        f"{found.related_model._meta.label}.{found.field.name}": found.on_delete
        for found in Case._meta.get_fields(include_hidden=True)
        if found.auto_created and not found.concrete
    }
    for name in ("cases.Case.duplicate_of", "cases.PromisedAnswer.case"):
        assert keys.pop(name) is SET_NULL  # they tell nothing of the case that is gone
    assert len(keys) > 10
    assert [name for name, on_delete in keys.items() if on_delete is not CASCADE] == []
