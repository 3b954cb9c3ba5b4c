"""Deleting a report: what of it is left, in every table and file, and what races with it."""

import json
from datetime import date, datetime
from uuid import UUID

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.signals import pre_save
from tests.factories.case_parties import give_key
from tests.factories.cases import ParticipantFactory
from tests.factories.directory import coordinator_of_desk
from tests.factories.intake import ready_desk, send_without_scripts
from tests.factories.sealed import seal_for
from tests.meeting import Moment, meet
from tests.principals import principal_of
from tests.response.intake.test_without_scripts import answer, opened

from tcert.foundation.kernel import clock, jobs, storage
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.limits import Spending
from tcert.foundation.openpgp.certificates import describe
from tcert.foundation.sealed.domain import deliver_buffered
from tcert.foundation.sealed.inner import Kind, parse
from tcert.foundation.sealed.models import (
    BufferedPost,
    HandOver,
    KeyPacket,
    Message,
    Recipient,
)
from tcert.foundation.sealed.refusals import NotARecipient, StaleRecipients
from tcert.response.cases.domain import threads, triage
from tcert.response.cases.models import Case
from tcert.response.intake import unscripted
from tcert.response.intake.domain import mailbox as boxes
from tcert.response.intake.models import KeptFile, Report

pytestmark = pytest.mark.django_db

LEFT = {
    # The case goes on: that there was a reporter, under a number that opens nothing any more.
    "cases.participant.reporter_id",
    "sealed.thread.subject_id",
}


@pytest.fixture
def desk():
    return ready_desk()


def log() -> SimpleUploadedFile:
    return SimpleUploadedFile("log.txt", b"a log")


def reply(client, receipt, text, **more):
    page = client.post("/receipt/", {"receipt": receipt, "step": "reply", "text": text, **more})
    assert page.status_code == 200, page.content.decode()


def delete(client, receipt):
    name = Case.objects.get().code_name
    return client.post("/receipt/", {"receipt": receipt, "step": "withdraw", "confirm": name})


def places_of(needles: set[str]) -> set[str]:
    """Every column of every table that holds one of these, whatever its type."""
    found = set()
    for model in apps.get_models():
        for row in model._default_manager.values():
            for name, value in row.items():
                if needles & set(_spelled(value)) or any(n in str(value) for n in needles):
                    found.add(f"{model._meta.label_lower}.{name}")
    return found


def _spelled(value: object) -> list[str]:
    if isinstance(value, bytes | memoryview):
        return [bytes(value).hex()]
    if isinstance(value, UUID | date | datetime) or value is None:
        return [str(value)]
    return [json.dumps(value, default=str)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)  # PostgreSQL erases outside of a transaction only
def test_nothing_of_a_deleted_report_is_left_in_any_table_or_file(
    client, desk, django_capture_on_commit_callbacks, settings, tmp_path
):
    shelf = {**settings.STORAGES["ciphertext"], "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "ciphertext": shelf}
    with django_capture_on_commit_callbacks(execute=True):
        receipt = send_without_scripts(client, files=log()).receipt
        reply(client, receipt, "More", files=log())
        deliver_buffered()
        reply(client, receipt, "And more", files=log())
        answer(Report.objects.get(), desk[1], "Thank you.")
        client.post("/receipt/", {"receipt": receipt, "step": "reply", "text": "", "files": log()})
    report = Report.objects.get()
    assert (Message.objects.count(), BufferedPost.objects.count()) == (4, 1)
    assert KeptFile.objects.count() == 1
    assert len(set(storage.ciphertext().names())) == 3
    key = describe(bytes(report.certificate), clock.now())
    secrets = {
        report.receipt_hash,
        bytes(report.certificate).hex(),
        bytes(report.locked_secret).hex(),
        key.fingerprint,
        key.armoured,
        *Message.objects.values_list("body_sha256", flat=True),
        *BufferedPost.objects.values_list("body_sha256", flat=True),
    }
    before = places_of(secrets | {str(report.id)})
    assert {"intake.report.receipt_hash", "sealed.recipient.fingerprint"} <= before
    with django_capture_on_commit_callbacks(execute=True):
        assert "Your report was deleted" in delete(client, receipt).content.decode()
    while jobs.run_due():
        pass
    assert places_of(secrets) == set()
    assert places_of({str(report.id), report.id.hex}) - _of_records() <= LEFT
    assert not set(storage.ciphertext().names())
    assert not Spending.objects.filter(subject=report.id).exists()
    assert not KeyPacket.objects.exists()
    for step in ("open", "reply", "file", "withdraw", "readdress"):
        page = client.post("/receipt/", {"receipt": receipt, "step": step, "text": "x"})
        assert page.status_code == 404


def _of_records() -> set[str]:
    """Records and events name threads and messages by random numbers, and never say what."""
    return {"kernel.auditrecord.data", "kernel.event.data", "kernel.auditrecord.object_id"}


def handed_over(desk_party):
    """Have the desk hand the facts over to a party; returns the party and the message."""
    case = Case.objects.get()
    row = ParticipantFactory(case=case)
    party, coordinator = give_key(row.team), principal_of(coordinator_of_desk(), coordinator=True)
    link = threads.open_with_desk(principal=coordinator, participant=row)

    def act():
        return threads.hand_over(
            principal=coordinator,
            original=Message.objects.filter(kind=Kind.FACTS).first() or Message(),
            link=link,
            set_version=1,
            sealed=seal_for(link.thread, desk_party, [party, desk_party], kind=Kind.HANDOVER),
        )

    return party, act


def test_after_a_hand_over_only_that_and_its_files_stay(client, desk):
    receipt = send_without_scripts(client, files=log()).receipt
    reply(client, receipt, "More")
    deliver_buffered()
    _party, hand_over = handed_over(desk[1])
    hand_over()
    report = Report.objects.get()
    assert delete(client, receipt).status_code == 200
    assert set(Message.objects.values_list("kind", flat=True)) == {"facts", "handover"}
    facts = Message.objects.get(kind=Kind.FACTS)
    assert "It stops when" in parse(opened(facts, desk[1])).body
    assert facts.files.count() == 1
    readers = facts.recipient_set.recipients.all()
    assert report.id in {one.holder_id for one in readers}, "its signature can still be checked"
    assert not KeyPacket.objects.filter(recipient__holder_id=report.id).exists()
    assert Recipient.objects.filter(holder_id=report.id).count() == 1
    assert client.post("/receipt/", {"receipt": receipt}).status_code == 404


def test_the_page_says_what_a_deletion_leaves_for_the_team_to_read(client, desk):
    """Regression: the line that the hub was let read stays in the case, and no page said so."""
    receipt = send_without_scripts(client, subject="Corevale UDM", read_line="yes").receipt
    case = Case.objects.get()
    triage.exclude(
        principal=principal_of(coordinator_of_desk(), coordinator=True),
        case=case,
        name="A firm of the wishes",
    )
    with_scripts = client.get("/receipt/")
    without = client.post("/receipt/", {"receipt": receipt})
    delete(client, receipt)
    assert [line.name for line in case.products.filter(by_reporter=True)] == ["Corevale UDM"]
    assert [kept.name for kept in case.exclusions.all()] == ["A firm of the wishes"]
    for page in (with_scripts, without):
        told = page.content.decode().partition("Delete my report")[2]
        for left in ("its code name", "if you let the hub read it", "who must not be told"):
            assert left in told.partition("Type the code name")[0]


def test_deleting_twice_deletes_once(client, desk):
    receipt = send_without_scripts(client).receipt
    other = send_without_scripts(client).receipt
    case = Report.objects.get(case__participants__reporter_id=_id_of(receipt)).case
    posted = {"receipt": receipt, "step": "withdraw", "confirm": case.code_name}
    assert [client.post("/receipt/", posted).status_code for _ in range(2)] == [200, 404]
    assert Report.objects.count() == 1
    assert Message.objects.count() == 2
    assert client.post("/receipt/", {"receipt": other}).status_code == 200


def _id_of(receipt: str) -> UUID:
    return unscripted.Desk(receipt).mailbox.report.id


@pytest.mark.slow
def test_no_reporter_touches_anothers_messages(client, desk):
    """Regression: one reporter deleting another's replies."""
    receipts = [send_without_scripts(client).receipt for _ in range(2)]
    for receipt in receipts:
        reply(client, receipt, "Mine")
    deliver_buffered()
    for receipt in receipts:
        reply(client, receipt, "Mine, waiting")
    mine, others = (unscripted.Desk(receipt).mailbox for receipt in receipts)
    before = set(Message.objects.filter(thread__subject_id=others.report.id).values_list("id"))
    waiting = BufferedPost.objects.filter(thread=others.thread).count()
    boxes.withdraw(mailbox=mine)
    left = set(Message.objects.values_list("id"))
    assert left == before
    assert BufferedPost.objects.count() == waiting == 1
    texts = [m.text for m in unscripted.Desk(receipts[1]).messages(9)]
    assert "Mine" in texts


# At the same moment ---------------------------------------------------------------------------


def race(test):
    """Run on both databases, with real transactions."""
    return pytest.mark.both_databases(pytest.mark.django_db(transaction=True)(test))


@race
def test_what_the_desk_writes_meanwhile_is_not_sealed_to_who_left(client, desk):
    send_without_scripts(client)
    report = Report.objects.get()
    gone, refusal = meet(
        lambda: boxes.withdraw(mailbox=boxes.Mailbox(report)),
        lambda: answer(report, desk[1], "Too late"),
        at=Moment(pre_save, apps.get_model("kernel", "AuditRecord"), lambda _record: True),
    )
    assert gone is True
    assert isinstance(refusal, StaleRecipients), refusal
    assert not Message.objects.exists()


@race
def test_what_the_desk_is_writing_goes_with_the_rest(client, desk):
    send_without_scripts(client)
    report = Report.objects.get()
    _posted, gone = meet(
        lambda: answer(report, desk[1], "Just in time"),
        lambda: boxes.withdraw(mailbox=boxes.Mailbox(report)),
        at=Moment(pre_save, Message, lambda saved: saved.kind == Kind.MESSAGE),
    )
    assert gone is True, gone
    assert not Message.objects.exists()
    assert not Report.objects.exists()


@race
def test_a_reply_from_another_window_comes_before_or_opens_nothing(client, desk):
    receipt = send_without_scripts(client).receipt
    window = unscripted.Desk(receipt)
    gone, refusal = meet(
        lambda: boxes.withdraw(mailbox=boxes.Mailbox(Report.objects.get())),
        lambda: window.reply(text="Hello", files=[], receipt=receipt),
        at=Moment(pre_save, apps.get_model("kernel", "AuditRecord"), lambda _record: True),
    )
    assert gone is True
    assert isinstance(refusal, DomainError), refusal
    assert (BufferedPost.objects.count(), Message.objects.count()) == (0, 0)


@race
def test_two_presses_of_send_are_one_message(client, desk):
    receipt = send_without_scripts(client).receipt
    first, second = unscripted.Desk(receipt), unscripted.Desk(receipt)
    outcomes = meet(
        lambda: first.reply(text="Hello", files=[], receipt=receipt),
        lambda: second.reply(text="Hello", files=[], receipt=receipt),
        at=Moment(pre_save, BufferedPost, lambda _post: True),
    )
    assert outcomes[0] is True
    assert isinstance(outcomes[1], boxes.Overtaken) or outcomes[1] is False
    assert BufferedPost.objects.count() == 1


@race
def test_facts_that_are_being_handed_over_are_kept_whole_or_deleted_first(client, desk):
    send_without_scripts(client)
    report = Report.objects.get()
    _party, hand_over = handed_over(desk[1])
    _sent, gone = meet(
        hand_over,
        lambda: boxes.withdraw(mailbox=boxes.Mailbox(report)),
        at=Moment(pre_save, HandOver, lambda _row: True),
    )
    assert gone is True, gone
    assert set(Message.objects.values_list("kind", flat=True)) == {"facts", "handover"}


@race
def test_facts_that_are_gone_are_not_handed_over(client, desk):
    send_without_scripts(client)
    report = Report.objects.get()
    _party, hand_over = handed_over(desk[1])
    gone, refusal = meet(
        lambda: boxes.withdraw(mailbox=boxes.Mailbox(report)),
        hand_over,
        at=Moment(pre_save, apps.get_model("kernel", "AuditRecord"), lambda _record: True),
    )
    assert gone is True, gone
    assert isinstance(refusal, DomainError | NotARecipient), refusal
    assert not Message.objects.exists()
