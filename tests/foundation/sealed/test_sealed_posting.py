import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from tests.factories.sealed import make_message, make_party, make_thread, seal_for

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.models import AuditRecord
from tcert.foundation.kernel.outbox import Event
from tcert.foundation.kernel.principal import REPORTER, SYSTEM
from tcert.foundation.openpgp.ingest import IngestReason, IngestRefused
from tcert.foundation.openpgp.packets import Packet, Tag, armour, encode, split
from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.foundation.sealed import queries
from tcert.foundation.sealed.domain import (
    SealedFile,
    change_recipients,
    deliver_buffered,
    hand_over,
    leave_out,
    open_thread,
    post,
    remove_messages,
    remove_subject,
)
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import (
    BufferedPost,
    File,
    Holder,
    KeyPacket,
    Message,
    Recipient,
    Thread,
)
from tcert.foundation.sealed.refusals import (
    FileMismatch,
    MessageTooLarge,
    NotARecipient,
    RecipientUnusable,
    Replayed,
    StaleRecipients,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOON = datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.STORAGES = {
        **settings.STORAGES,
        "ciphertext": {
            **settings.STORAGES["ciphertext"],
            "OPTIONS": {"location": tmp_path / "ciphertext"},
        },
    }
    return tmp_path / "ciphertext"


def send(thread, author, readers, body="text", *, version=1, files=(), at_once=False, kind=None):
    return post(
        principal=REPORTER if author.holder.kind is HolderKind.REPORTER else SYSTEM,
        thread_id=thread.id,
        set_version=version,
        sealed=seal_for(thread, author, readers, body),
        author=author.author,
        files=files,
        kind=kind or Kind.MESSAGE,
        at_once=at_once,
    )


def test_each_reader_is_served_its_own_key_and_the_body():
    desk, vendor = make_party(), make_party()
    thread = make_thread(desk, vendor)
    posted = send(thread, desk, [desk, vendor], "hello")
    message = Message.objects.get(id=posted.message_id)
    assert message.position == 1
    assert message.author == desk.holder
    for reader in (desk, vendor):
        served = queries.served_to(message, reader.holder)
        assert [packet.tag for packet in split(served)] == [Tag.PKESK, Tag.PROTECTED]
        assert reader.open(served).plaintext.decode().endswith("\n\nhello")
    assert queries.served_to(message, desk.holder) != queries.served_to(message, vendor.holder)
    assert posted.body_sha256 == hashlib.sha256(bytes(message.body)).hexdigest()


def test_nobody_else_is_served_anything():
    desk, stranger = make_party(), make_party()
    thread = make_thread(desk)
    message = Message.objects.get(id=make_message(thread, desk, [desk]).message_id)
    with pytest.raises(NotARecipient):
        queries.served_to(message, stranger.holder)
    with pytest.raises(NotARecipient):
        queries.served_to(message, [])
    with pytest.raises(NotARecipient):
        queries.message_for(message.id, [stranger.holder])
    with pytest.raises(NotARecipient):
        queries.message_for(uuid4(), [desk.holder])
    assert queries.message_for(message.id, [desk.holder]) == message
    same_id = Holder(HolderKind.PERSON, desk.holder.id)
    with pytest.raises(NotARecipient):
        queries.served_to(message, same_id)


def test_a_message_to_a_stale_set_is_a_conflict():
    desk, vendor, operator = make_party(), make_party(), make_party()
    thread = make_thread(desk, vendor)
    changed = change_recipients(
        principal=SYSTEM,
        thread_id=thread.id,
        recipients=[one.recipient for one in (desk, vendor, operator)],
        expected_version=1,
    )
    assert changed.version == 2
    with pytest.raises(StaleRecipients) as caught:
        send(thread, desk, [desk, vendor])
    assert caught.value.version == 2
    assert caught.value.status == 409
    with pytest.raises(IngestRefused) as caught:
        send(thread, desk, [desk, vendor], version=2)
    assert caught.value.code == IngestReason.MISSING_RECIPIENT
    assert send(thread, desk, [desk, vendor, operator], version=2)
    with pytest.raises(StaleRecipients):
        change_recipients(
            principal=SYSTEM,
            thread_id=thread.id,
            recipients=[desk.recipient],
            expected_version=1,
        )


def test_the_same_readers_make_no_new_version():
    desk = make_party()
    thread = make_thread(desk)
    same = change_recipients(principal=SYSTEM, thread_id=thread.id, recipients=[desk.recipient])
    assert same.version == 1


def test_a_foreign_reader_is_refused():
    desk, stranger = make_party(), make_party()
    thread = make_thread(desk)
    with pytest.raises(IngestRefused) as caught:
        send(thread, desk, [desk, stranger])
    assert caught.value.code == IngestReason.FOREIGN_RECIPIENT


def test_who_joins_reads_from_now_on_and_who_leaves_reads_the_past():
    desk, vendor, late = make_party(), make_party(), make_party()
    thread = make_thread(desk, vendor)
    first = send(thread, desk, [desk, vendor]).message_id
    change_recipients(
        principal=SYSTEM, thread_id=thread.id, recipients=[desk.recipient, late.recipient]
    )
    second = send(thread, desk, [desk, late], version=2).message_id

    def seen(party):
        return set(Message.objects.visible_to([party.holder]).values_list("id", flat=True))

    assert (seen(desk), seen(vendor), seen(late)) == ({first, second}, {first}, {second})
    assert set(Thread.objects.visible_to([vendor.holder])) == {thread}
    assert set(Thread.objects.visible_to([late.holder])) == {thread}
    assert not Thread.objects.visible_to([make_party().holder]).exists()
    assert not Thread.objects.visible_to([]).exists()


def test_a_replay_is_a_conflict_here_and_elsewhere_however_it_is_framed():
    desk = make_party()
    thread, other = make_thread(desk), make_thread(desk)
    sealed = seal_for(thread, desk, [desk])
    key, body = split(sealed)
    reframed = key.encoded + bytes([0xC0 | Tag.PROTECTED, 224 + 9]) + body.body[:512]
    reframed += encode(Tag.PROTECTED, body.body[512:])[1:]
    arguments = {"principal": SYSTEM, "set_version": 1, "author": desk.author}
    post(thread_id=thread.id, sealed=sealed, **arguments)
    for target in (thread, other):
        for again in (sealed, reframed, armour(sealed, "MESSAGE").encode()):
            with pytest.raises(Replayed):
                post(thread_id=target.id, sealed=again, **arguments)
    assert Message.objects.count() == 1


def test_clear_text_dressed_as_sealed_is_refused_and_nothing_is_stored():
    desk = make_party()
    thread = make_thread(desk)
    key = split(seal_for(thread, desk, [desk]))[0].encoded
    literal = Packet(Tag.LITERAL, b"b\0\0\0\0\0clear").encoded
    for fake in (b"clear", key + literal, literal, b"-----BEGIN PGP MESSAGE-----\n\nclear"):
        with pytest.raises(IngestRefused):
            post(
                principal=SYSTEM,
                thread_id=thread.id,
                set_version=1,
                sealed=fake,
                author=desk.author,
            )
    assert not Message.objects.exists()


def test_an_over_long_message_is_refused_before_it_is_read():
    desk = make_party()
    thread = make_thread(desk)
    with pytest.raises(MessageTooLarge):
        post(
            principal=SYSTEM,
            thread_id=thread.id,
            set_version=1,
            sealed=b"\xc1" * (7 * 1024 * 1024),
            author=desk.author,
        )


def test_a_reporters_post_waits_and_carries_the_day_only():
    desk, reporter = make_party(), make_party(HolderKind.REPORTER)
    thread = make_thread(desk, reporter)
    records = AuditRecord.objects.count()
    sealed = seal_for(thread, reporter, [desk, reporter], "found it")
    with clock.frozen(NOON):
        posted = post(
            principal=REPORTER,
            thread_id=thread.id,
            set_version=1,
            sealed=sealed,
            author=reporter.author,
        )
    assert posted.buffered
    assert not Message.objects.exists()
    assert AuditRecord.objects.count() == records
    with pytest.raises(Replayed):
        post(
            principal=REPORTER,
            thread_id=thread.id,
            set_version=1,
            sealed=sealed,
            author=reporter.author,
        )
    with clock.frozen(NOON + timedelta(hours=13)):
        assert deliver_buffered() == 1
    message = Message.objects.get(id=posted.message_id)
    assert message.created_at is None
    assert message.created_on == NOON.date()
    assert not BufferedPost.objects.exists()
    written = AuditRecord.objects.get(act="sealed:post")
    assert written.actor_id is None
    assert (written.at.hour, written.at.minute, written.at.second) == (0, 0, 0)
    assert desk.open(queries.served_to(message, desk.holder)).plaintext.endswith(b"found it")


def test_the_buffer_is_emptied_in_an_order_of_its_own():
    desk = make_party()
    reporters = [make_party(HolderKind.REPORTER) for _number in range(8)]
    threads = [make_thread(desk, reporter) for reporter in reporters]
    came = [
        send(thread, reporter, [desk, reporter]).message_id
        for thread, reporter in zip(threads, reporters, strict=True)
    ]
    again = send(threads[0], reporters[0], [desk, reporters[0]], "second").message_id
    orders = set()
    for _attempt in range(3):
        sid = transaction.savepoint()
        deliver_buffered()
        events = Event.objects.filter(kind="sealed:posted:case")
        orders.add(tuple(events.values_list("object_id", flat=True)))
        in_thread = Message.objects.filter(thread=threads[0]).values_list("id", flat=True)
        assert list(in_thread) == [came[0], again]
        transaction.savepoint_rollback(sid)
    assert len(orders) > 1
    assert all(set(order) == {*came, again} for order in orders)


def test_what_must_not_wait_is_delivered_at_once():
    desk, reporter = make_party(), make_party(HolderKind.REPORTER)
    thread = make_thread(desk, reporter)
    posted = send(thread, reporter, [desk, reporter], at_once=True)
    assert not posted.buffered
    message = Message.objects.get(id=posted.message_id)
    assert message.created_at is None


def test_files_are_ciphertext_with_the_declared_hash(media):
    desk, reporter = make_party(), make_party(HolderKind.REPORTER)
    thread = make_thread(desk, reporter)
    sealed = seal_with_password(b"a canary in clear text" * 9, "passphrase")
    digest = hashlib.sha256(sealed).hexdigest()
    with pytest.raises(FileMismatch):
        send(thread, desk, [desk, reporter], files=[SealedFile(sealed, "0" * 64)])
    with pytest.raises(IngestRefused):
        send(thread, desk, [desk, reporter], files=[SealedFile(b"GIF89a clear text")])
    assert not Message.objects.exists()
    for author in (desk, reporter):
        posted = send(
            thread, author, [desk, reporter], files=[SealedFile(sealed, digest)], body="see file"
        )
        deliver_buffered()
        file = File.objects.get(message_id=posted.message_id)
        assert (file.sha256, file.size, file.read()) == (digest, len(sealed), sealed)
    paths = [path for path in media.rglob("*") if path.is_file()]
    assert len(paths) == 2
    for path in paths:
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.stat().st_mtime == 1_577_836_800
        assert b"canary" not in path.read_bytes()


def test_a_file_is_served_only_to_those_who_were_served_its_message(media):
    desk, vendor, stranger = make_party(), make_party(), make_party()
    thread = make_thread(desk, vendor)
    sealed = seal_with_password(b"trace", "passphrase")
    posted = send(thread, desk, [desk, vendor], files=[SealedFile(sealed)])
    file = File.objects.get(message_id=posted.message_id)
    assert queries.file_for(file.id, [vendor.holder]).read() == sealed
    for holders in ([stranger.holder], []):
        with pytest.raises(NotARecipient):
            queries.file_for(file.id, holders)
    with pytest.raises(NotARecipient):
        queries.file_for(uuid4(), [desk.holder])
    change_recipients(
        principal=SYSTEM, thread_id=thread.id, recipients=[desk.recipient, stranger.recipient]
    )
    with pytest.raises(NotARecipient):
        queries.file_for(file.id, [stranger.holder])


def test_a_hand_over_brings_the_message_and_its_files_to_new_readers(media):
    reporter, desk, vendor, other = (
        make_party(HolderKind.REPORTER),
        make_party(),
        make_party(),
        make_party(),
    )
    first = make_thread(reporter, desk)
    sealed = seal_with_password(b"trace", "passphrase")
    original = send(
        first, reporter, [reporter, desk], files=[SealedFile(sealed)], kind=Kind.FACTS, at_once=True
    ).message_id
    second = make_thread(desk, vendor)
    arguments = {
        "principal": SYSTEM,
        "original_id": original,
        "thread_id": second.id,
        "set_version": 1,
    }
    with pytest.raises(NotARecipient):
        hand_over(
            **arguments, sealed=seal_for(second, vendor, [desk, vendor]), author=vendor.author
        )
    handed = hand_over(
        **arguments, sealed=seal_for(second, desk, [desk, vendor]), author=desk.author
    )
    message = Message.objects.get(id=handed.message_id)
    assert message.kind == Kind.HANDOVER
    file = File.objects.get()
    assert queries.files_of(message) == [file]
    assert queries.file_for(file.id, [vendor.holder]) == file
    assert Message.objects.get(id=original).handed_over_in.exists()
    third = make_thread(vendor, other)
    again = hand_over(
        principal=SYSTEM,
        original_id=handed.message_id,
        thread_id=third.id,
        set_version=1,
        sealed=seal_for(third, vendor, [vendor, other]),
        author=vendor.author,
    )
    assert queries.files_of(Message.objects.get(id=again.message_id)) == [file]
    assert queries.file_for(file.id, [other.holder]) == file
    assert AuditRecord.objects.filter(act="sealed:hand-over").count() == 2


def test_an_expired_reader_is_left_out_only_after_a_recorded_confirmation():
    start = datetime(2026, 6, 1, tzinfo=UTC)
    desk = make_party(created=start)
    vendor = make_party(created=start, lifetime=timedelta(days=100))
    with clock.frozen(start + timedelta(days=1)):
        thread = make_thread(desk, vendor)
        with pytest.raises(DomainError):
            leave_out(
                principal=SYSTEM,
                thread_id=thread.id,
                set_version=1,
                fingerprints=[vendor.fingerprint],
            )
        sealed = seal_for(thread, desk, [desk, vendor])
    with clock.frozen(start + timedelta(days=101)):
        with pytest.raises(RecipientUnusable) as caught:
            post(
                principal=SYSTEM,
                thread_id=thread.id,
                set_version=1,
                sealed=sealed,
                author=desk.author,
            )
        assert caught.value.fingerprints == (vendor.fingerprint,)
        changed = leave_out(
            principal=SYSTEM,
            thread_id=thread.id,
            set_version=1,
            fingerprints=[vendor.fingerprint],
        )
        assert changed.version == 2
        written = AuditRecord.objects.get(act="sealed:leave-out")
        assert written.data["left_out"] == {vendor.fingerprint: "expired"}
        posted = send(thread, desk, [desk], version=2)
        message = Message.objects.get(id=posted.message_id)
        with pytest.raises(NotARecipient):
            queries.served_to(message, vendor.holder)
        renewed = make_party(holder_id=vendor.holder.id)
        back = change_recipients(
            principal=SYSTEM,
            thread_id=thread.id,
            recipients=[desk.recipient, renewed.recipient],
        )
        assert not back.recipients.exclude(left_out="").exists()


def test_one_reader_cannot_switch_sealing_off_for_the_others():
    """A weakness of comparable systems: one unusable key sent everybody's mail in clear."""
    start = datetime(2026, 6, 1, tzinfo=UTC)
    desk = make_party(created=start)
    only = make_party(created=start, lifetime=timedelta(days=10))
    with clock.frozen(start + timedelta(days=1)):
        thread = make_thread(only)
    with clock.frozen(start + timedelta(days=20)):
        with pytest.raises(DomainError):
            leave_out(
                principal=SYSTEM,
                thread_id=thread.id,
                set_version=1,
                fingerprints=[only.fingerprint],
            )
        with pytest.raises(RecipientUnusable):
            post(
                principal=SYSTEM,
                thread_id=thread.id,
                set_version=1,
                sealed=b"clear text",
                author=desk.author,
            )
    assert not Message.objects.exists()


def test_a_thread_may_be_named_before_it_is_opened():
    desk, thread_id = make_party(), uuid4()
    arguments = {
        "principal": REPORTER,
        "subject_kind": "case",
        "subject_id": uuid4(),
        "purpose": "facts",
        "recipients": [desk.recipient],
        "thread_id": thread_id,
    }
    assert open_thread(**arguments).current.thread.id == thread_id
    with pytest.raises(IntegrityError), transaction.atomic():
        open_thread(**arguments)


def test_a_message_that_was_handed_over_stays_the_rest_goes(
    media, django_capture_on_commit_callbacks
):
    desk, vendor = make_party(), make_party()
    thread, second = make_thread(desk), make_thread(desk, vendor)
    sealed = seal_with_password(b"trace", "passphrase")
    kept = send(thread, desk, [desk], "kept", files=[SealedFile(sealed)]).message_id
    gone = send(thread, desk, [desk], "gone", files=[SealedFile(sealed)]).message_id
    hand_over(
        principal=SYSTEM,
        original_id=kept,
        thread_id=second.id,
        set_version=1,
        sealed=seal_for(second, desk, [desk, vendor]),
        author=desk.author,
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert remove_messages(principal=SYSTEM, message_ids=[kept, gone]) == 1
    assert set(Message.objects.filter(thread=thread).values_list("id", flat=True)) == {kept}
    assert len([path for path in media.rglob("*") if path.is_file()]) == 1


def test_removing_a_subject_leaves_nothing(media, django_capture_on_commit_callbacks):
    desk, reporter = make_party(), make_party(HolderKind.REPORTER)
    thread = make_thread(desk, reporter)
    sealed = seal_with_password(b"trace", "passphrase")
    send(thread, desk, [desk, reporter], files=[SealedFile(sealed)])
    send(thread, reporter, [desk, reporter], "waiting")
    with django_capture_on_commit_callbacks(execute=True):
        removed = remove_subject(
            principal=SYSTEM, subject_kind="case", subject_id=thread.subject_id
        )
    assert removed == 1
    for table in (Thread, Message, KeyPacket, Recipient, File, BufferedPost):
        assert not table.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_upper_rooms_hear_of_a_message_without_its_content():
    desk = make_party()
    thread = make_thread(desk)
    posted = send(thread, desk, [desk])
    event = Event.objects.get(kind="sealed:posted:case")
    assert event.object_id == posted.message_id
    assert event.data == {
        "thread": str(thread.id),
        "subject_kind": "case",
        "subject_id": str(thread.subject_id),
        "message_kind": "message",
    }
