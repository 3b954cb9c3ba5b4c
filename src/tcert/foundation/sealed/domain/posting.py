"""Taking sealed messages: the hub checks what it can see, and stores them in parts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, models, transaction

from tcert.foundation.kernel import clock, outbox, storage
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.openpgp.ingest import (
    CheckedFile,
    CheckedPost,
    body_sha256,
    check_file,
    check_post,
)
from tcert.foundation.sealed import recipients as reading
from tcert.foundation.sealed.domain.threads import Readers
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Kind
from tcert.foundation.sealed.models import (
    BufferedFile,
    BufferedPost,
    File,
    HandOver,
    Holder,
    KeyPacket,
    Message,
    Recipient,
    RecipientSet,
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

MAX_SEALED = 6 * 1024 * 1024
MAX_FILE = 26 * 1024 * 1024


def posted_in(subject_kind: str) -> str:
    """Return the event that something was posted about a kind of thing, such as a case.

    Each room hears of its own conversations alone: what a post writes does not grow with the rooms.
    """
    return f"sealed:posted:{subject_kind}"


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and with which key it says to have signed inside."""

    holder: Holder
    fingerprint: str


@dataclass(frozen=True, slots=True)
class SealedFile:
    """An attachment as it came; `declared_sha256` is what its sender says of the sealed bytes."""

    data: bytes = field(repr=False)
    declared_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that was taken; a buffered one is shown to its readers later."""

    message_id: UUID
    body_sha256: str
    buffered: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """A checked post on its way into the tables."""

    checked: CheckedPost
    files: list[CheckedFile]
    author: Author
    kind: Kind


def post(
    *,
    principal: Principal,
    thread_id: UUID,
    set_version: int,
    sealed: bytes,
    author: Author,
    kind: Kind = Kind.MESSAGE,
    files: Sequence[SealedFile] = (),
    at_once: bool = False,
) -> Posted:
    """Take a message for a thread.

    A reporter's message waits in the buffer and is moved, shuffled, with others (decided.md 8);
    `at_once` is for what must not wait: its order then shows on disk, as the page about
    confidentiality says.

    Args:
        principal: Who acts.
        thread_id: The thread.
        set_version: The version of its readers that the message was sealed to.
        sealed: One OpenPGP message, binary or armoured.
        author: Who says to have signed it.
        kind: What it is for.
        files: Attachments, each sealed under its own passphrase.
        at_once: Whether a reporter's message skips the buffer.

    Raises:
        StaleRecipients: the readers changed; seal again.
        RecipientUnusable: a reader's key expired; confirm with `leave_out`, or wait.
        IngestRefused: it is not sealed, or not to exactly the readers.
        Replayed: these bytes were posted before, here or elsewhere.
        FileMismatch: an attachment is not the declared one.
        MessageTooLarge: it is longer than messages are.

    """
    entry = _check(thread_id, set_version, sealed, author, kind, files)
    with _replays_refused(entry), transaction.atomic():
        current = _locked_set(thread_id, set_version)
        readers = Readers(current, list(current.recipients.all()))
        position = next_position(current.thread)
        return _take(principal, readers, entry, position, at_once=at_once)


def post_first(
    *,
    principal: Principal,
    opened: Readers,
    sealed: bytes,
    author: Author,
    kind: Kind,
    files: Sequence[SealedFile] = (),
    at_once: bool = False,
) -> Posted:
    """Take the first message of a conversation that was opened in the caller's transaction.

    Nobody else knows of it yet: its readers are those at hand, and no message comes before.
    Raises as `post`.
    """
    entry = _entry(opened.recipients, sealed, author, kind, files)
    with _replays_refused(entry), transaction.atomic():
        return _take(principal, opened, entry, 1, at_once=at_once)


def taken_before(*, thread_id: UUID, author: Holder, sealed: bytes) -> Posted | None:
    """Return what these very bytes became when their author posted them here before, or None.

    An author whose answer was lost sends the same again, perhaps to readers who changed since.
    """
    sha256 = body_sha256(sealed)
    own = {"thread_id": thread_id, "author_id": author.id, "body_sha256": sha256}
    waiting = BufferedPost.objects.filter(**own).first()
    if waiting is not None:
        return Posted(waiting.id, sha256, buffered=True)
    stored = Message.objects.filter(author_kind=author.kind, **own).first()
    return Posted(stored.id, sha256, buffered=False) if stored is not None else None


def hand_over(
    *,
    principal: Principal,
    original_id: UUID,
    thread_id: UUID,
    set_version: int,
    sealed: bytes,
    author: Author,
) -> Posted:
    """Take a new message that carries an earlier, signed one, for readers who did not have it.

    Its attachments are not sealed again: their passphrases travel in the message, and whoever
    is served the hand-over may fetch the sealed files.

    Raises:
        NotARecipient: the author was not served the original.
        As `post`.

    """
    original = Message.objects.visible_to([author.holder]).filter(id=original_id).first()
    if original is None:
        raise NotARecipient
    entry = _check(thread_id, set_version, sealed, author, Kind.HANDOVER, ())
    with _replays_refused(entry), transaction.atomic():
        # Held, so that its author deletes it before, or finds it handed over.
        if not Message.objects.select_for_update(no_key=True).filter(id=original_id).first():
            raise NotARecipient
        current = _locked_set(thread_id, set_version)
        readers = Readers(current, list(current.recipients.all()))
        position = next_position(current.thread)
        posted = _take(principal, readers, entry, position, at_once=True)
        HandOver.objects.create(original=original, message_id=posted.message_id)
        record(
            principal,
            "sealed:hand-over",
            "message",
            original.id,
            message=str(posted.message_id),
            thread=str(thread_id),
        )
    return posted


def _check(
    thread_id: UUID,
    set_version: int,
    sealed: bytes,
    author: Author,
    kind: Kind,
    files: Sequence[SealedFile],
) -> _Entry:
    """Everything that takes time, before the transaction; the version is asked again inside."""
    current = RecipientSet.objects.get(thread_id=thread_id, is_current=True)
    if current.version != set_version:
        raise StaleRecipients(current.version)
    return _entry(current.recipients.all(), sealed, author, kind, files)


def _entry(
    recipients: Iterable[Recipient],
    sealed: bytes,
    author: Author,
    kind: Kind,
    files: Sequence[SealedFile],
) -> _Entry:
    if len(sealed) > MAX_SEALED:
        raise MessageTooLarge
    keys, blocked = reading.usable_keys(recipients, clock.now())
    if blocked:
        raise RecipientUnusable(blocked)
    checked = check_post(sealed, keys)
    return _Entry(checked, [_check_file(file) for file in files], author, kind)


@contextmanager
def _replays_refused(entry: _Entry) -> Iterator[None]:
    """Answer who sends the same bytes again, and the loser of a race over them, alike."""
    try:
        yield
    except IntegrityError as error:
        if _is_known(entry.checked.sha256):
            raise Replayed from error
        raise


def _check_file(file: SealedFile) -> CheckedFile:
    if len(file.data) > MAX_FILE:
        raise MessageTooLarge
    if file.declared_sha256 and hashlib.sha256(file.data).hexdigest() != file.declared_sha256:
        raise FileMismatch
    return check_file(file.data)


def _locked_set(thread_id: UUID, set_version: int) -> RecipientSet:
    thread = Thread.objects.select_for_update().get(id=thread_id)
    current = thread.current_set
    if current.version != set_version:
        raise StaleRecipients(current.version)
    return current


def _take(
    principal: Principal, readers: Readers, entry: _Entry, position: int, *, at_once: bool
) -> Posted:
    sha256, current = entry.checked.sha256, readers.current
    buffered = entry.author.holder.kind is HolderKind.REPORTER and not at_once
    # The table that it goes into refuses what it holds by itself: see `_replays_refused`.
    other = Message if buffered else BufferedPost
    if other.objects.filter(body_sha256=sha256).exists():
        raise Replayed
    by_fingerprint = {one.fingerprint: one for one in readers.recipients}
    packets = [(by_fingerprint[f], packet) for f, packet in entry.checked.key_packets]
    if buffered:
        message_id = _buffer(current, entry, packets, position)
    else:
        message_id = store(current, entry, packets, position).id
        record(principal, "sealed:post", "thread", current.thread_id, kind=entry.kind)
    return Posted(message_id, sha256, buffered)


def _is_known(sha256: str) -> bool:
    return (
        Message.objects.filter(body_sha256=sha256).exists()
        or BufferedPost.objects.filter(body_sha256=sha256).exists()
    )


def next_position(thread: Thread) -> int:
    """The place behind the last message, waiting ones included; the thread must be locked."""
    last = [
        rows.aggregate(last=models.Max("position"))["last"] or 0
        for rows in (thread.messages, thread.buffered)
    ]
    return max(last) + 1


def _buffer(
    current: RecipientSet,
    entry: _Entry,
    packets: Sequence[tuple[Recipient, bytes]],
    position: int,
) -> UUID:
    waiting = BufferedPost.objects.create(
        thread=current.thread,
        recipient_set=current,
        author_id=entry.author.holder.id,
        author_fingerprint=entry.author.fingerprint,
        kind=entry.kind,
        body=entry.checked.body,
        body_sha256=entry.checked.sha256,
        key_packets=[[str(one.id), base64.b64encode(packet).decode()] for one, packet in packets],
        created_on=clock.today(),
        position=position,
    )
    BufferedFile.objects.bulk_create(
        BufferedFile(post=waiting, sha256=file.sha256, content=file.data) for file in entry.files
    )
    return waiting.id


def store(
    current: RecipientSet,
    entry: _Entry,
    packets: Sequence[tuple[Recipient, bytes]],
    position: int,
) -> Message:
    """Write a checked message into the tables and tell the upper rooms."""
    from_reporter = entry.author.holder.kind is HolderKind.REPORTER
    message = Message(
        thread=current.thread,
        recipient_set=current,
        author_kind=entry.author.holder.kind,
        author_id=entry.author.holder.id,
        author_fingerprint=entry.author.fingerprint,
        kind=entry.kind,
        body=entry.checked.body,
        body_sha256=entry.checked.sha256,
        size_bucket=size_bucket(len(entry.checked.body)),
        created_at=None if from_reporter else clock.now(),
        created_on=clock.today(),
        position=position,
    )
    return write(message, packets, [(file.sha256, file.data) for file in entry.files])


def write(
    message: Message,
    packets: Sequence[tuple[Recipient, bytes]],
    files: Sequence[tuple[str, bytes]],
) -> Message:
    """Insert a message with its keys and files in the caller's transaction, and announce it."""
    message.save(force_insert=True)
    KeyPacket.objects.bulk_create(
        KeyPacket(message=message, recipient=one, packet=packet) for one, packet in packets
    )
    for sha256, data in files:
        name = storage.keep(data, limit=MAX_FILE)
        File.objects.create(message=message, sha256=sha256, size=len(data), stored_as=name)
    outbox.emit(
        posted_in(message.thread.subject_kind),
        message.id,
        thread=message.thread_id,
        subject_kind=message.thread.subject_kind,
        subject_id=message.thread.subject_id,
        message_kind=message.kind,
    )
    return message


def size_bucket(size: int) -> int:
    """The next power of two, from 1 KiB: what the hub's tables tell of a length."""
    bucket = 1024
    while bucket < size:
        bucket *= 2
    return bucket
