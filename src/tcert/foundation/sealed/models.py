"""Threads, their recipients and their messages: the hub stores who and when, never what."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import models

from tcert.foundation.kernel import storage
from tcert.foundation.kernel.base import UuidModel
from tcert.foundation.kernel.seen import Seen
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.inner import Kind

HOLDER_KINDS = [(kind.value, kind.value) for kind in HolderKind]


@dataclass(frozen=True, slots=True)
class Holder:
    """A party that holds keys: a team, a person or a reporter, by an opaque id."""

    kind: HolderKind
    id: UUID


def held_by(holders: Iterable[Holder], prefix: str = "") -> models.Q:
    """Rows whose ``holder_kind`` and ``holder_id`` are one of these; none of them matches none."""
    condition = models.Q(pk__in=[])
    for holder in holders:
        condition |= models.Q(
            **{f"{prefix}holder_kind": holder.kind, f"{prefix}holder_id": holder.id}
        )
    return condition


class ThreadQuerySet(models.QuerySet["Thread"]):
    """Threads by who reads them."""

    def visible_to(self, holders: Iterable[Holder]) -> ThreadQuerySet:
        """Threads that one of the holders reads now, or was served messages of."""
        known = list(holders)
        now = models.Q(
            id__in=RecipientSet.objects.filter(
                held_by(known, "recipients__"), is_current=True
            ).values("thread")
        )
        packets = KeyPacket.objects.filter(held_by(known, "recipient__"))
        served = models.Q(id__in=packets.values("message__thread"))
        return self.filter(now | served)


class Thread(UuidModel):
    """A conversation with named recipients; what it belongs to is an opaque reference."""

    what_we_see = Seen(
        "A sealed conversation",
        readable={
            "id": "a random number",
            "subject_kind": "what kind of thing it belongs to, such as a case",
            "subject_id": "to which one",
            "purpose": "what it is for, such as the talk between one party and the desk",
            "created_on": "the day it was opened; no hour",
        },
    )

    subject_kind = models.CharField(max_length=31)
    subject_id = models.UUIDField()
    purpose = models.CharField(max_length=40)
    created_on = models.DateField()

    objects = ThreadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"])]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def subject(self) -> str:
        """The reference as messages carry it inside."""
        return f"{self.subject_kind}:{self.subject_id}"

    @property
    def current_set(self) -> RecipientSet:
        """The recipients that a new message must be sealed to."""
        return self.recipient_sets.get(is_current=True)


class RecipientSet(UuidModel):
    """One version of who reads a thread."""

    what_we_see = Seen(
        "A version of who reads a conversation",
        readable={
            "id": "a random number",
            "thread": "the conversation",
            "version": "a running number within it",
            "is_current": "whether new messages are sealed to it",
        },
    )

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="recipient_sets")
    version = models.PositiveIntegerField()
    is_current = models.BooleanField(default=True)

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["thread", "version"], name="set_version_once"),
            models.UniqueConstraint(
                fields=["thread"], condition=models.Q(is_current=True), name="one_current_set"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} v{self.version}"


class Recipient(UuidModel):
    """A key in a recipient set, as it was when the set was made."""

    what_we_see = Seen(
        "A reader of a conversation",
        readable={
            "id": "a random number",
            "recipient_set": "in which version of the readers",
            "holder_kind": "team, reporter or person",
            "holder_id": "which one; for a reporter a random number",
            "fingerprint": "the key that messages are sealed to",
            "certificate": "the public half of that key",
            "left_out": "why it is passed over for now: its key has expired or was revoked",
        },
    )

    recipient_set = models.ForeignKey(
        RecipientSet, on_delete=models.CASCADE, related_name="recipients"
    )
    holder_kind = models.CharField(max_length=10, choices=HOLDER_KINDS)
    holder_id = models.UUIDField()
    fingerprint = models.CharField(max_length=64)
    certificate = models.TextField()
    left_out = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        ordering = ["fingerprint"]
        constraints = [
            models.UniqueConstraint(fields=["recipient_set", "fingerprint"], name="recipient_once")
        ]
        # A desk was in every set of the hub: it is found in one of them without a walk through all.
        indexes = [
            models.Index(
                fields=["holder_kind", "holder_id", "recipient_set"], name="holder_in_a_set"
            )
        ]

    def __str__(self) -> str:
        return self.fingerprint

    @property
    def holder(self) -> Holder:
        """The party that holds the key."""
        return Holder(HolderKind(self.holder_kind), self.holder_id)


class MessageQuerySet(models.QuerySet["Message"]):
    """Messages by who can open them."""

    def visible_to(
        self, holders: Iterable[Holder], threads: Collection[UUID] | None = None
    ) -> MessageQuerySet:
        """Messages that were sealed to one of the holders; those before it joined were not.

        Without `threads` it is asked of each message, for questions about a few of them; with
        `threads` of these conversations as a whole. A desk holds keys to every one of the hub.
        """
        if threads is None:
            served = KeyPacket.objects.filter(
                held_by(holders, "recipient__"), message=models.OuterRef("pk")
            )
            return self.filter(models.Exists(served))
        # By the sets that these messages name: a set belongs to the conversation that it was made
        # for, and a message that was moved into another one must show, and raise the alarm.
        # Asked first, as lists: in one nested question PostgreSQL, before it has counted its
        # tables, joins each key of the hub with each message, and does not come to an end; SQLite
        # looks through all sets that a desk was ever in.
        written = Message.objects.filter(thread__in=threads).order_by()
        sets = list(written.values_list("recipient_set", flat=True).distinct())
        own = Recipient.objects.filter(held_by(holders), recipient_set__in=sets).order_by()
        # The keys of these readers are those of these messages, so they are gathered once; looked
        # for message by message, each message tries each reader's.
        served = KeyPacket.objects.filter(recipient__in=list(own.values_list("id", flat=True)))
        return self.filter(id__in=served.values("message"), thread__in=threads)


class Message(UuidModel):
    """One sealed post: the body once, its keys apart, so that everybody is served only its own."""

    what_we_see = Seen(
        "A sealed message",
        readable={
            "id": "a random number",
            "thread": "its conversation",
            "recipient_set": "the readers it was sealed to",
            "author_kind": "whether a team, a person or the reporter wrote it",
            "author_id": "which one; for a reporter a random number",
            "author_fingerprint": "the key that the author says signed it inside",
            "kind": "what it is for: facts, wishes, message, remark, title or hand-over",
            "body_sha256": "a fingerprint of the sealed bytes, so that nothing is posted twice",
            "size_bucket": "its sealed size, rounded up",
            "created_at": "when it came; never for a reporter",
            "created_on": "the day it came",
            "position": "its place within its conversation",
        },
        sealed={"body": "the message itself"},
    )

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="messages")
    recipient_set = models.ForeignKey(
        RecipientSet, on_delete=models.PROTECT, related_name="messages"
    )
    author_kind = models.CharField(max_length=10, choices=HOLDER_KINDS)
    author_id = models.UUIDField()
    author_fingerprint = models.CharField(max_length=64)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    body = models.BinaryField()
    body_sha256 = models.CharField(max_length=64, unique=True)
    size_bucket = models.PositiveIntegerField()
    created_at = models.DateTimeField(null=True)
    created_on = models.DateField()
    position = models.PositiveIntegerField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["thread", "position"]
        constraints = [
            models.UniqueConstraint(fields=["thread", "position"], name="message_position_once")
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def author(self) -> Holder:
        """Who wrote it, as the hub claims; the signature inside proves it or does not."""
        return Holder(HolderKind(self.author_kind), self.author_id)


class KeyPacket(UuidModel):
    """The session key of a message, sealed to one recipient."""

    what_we_see = Seen(
        "A message's key, sealed to one reader",
        readable={
            "id": "a random number",
            "message": "the message",
            "recipient": "the reader",
        },
        sealed={"packet": "the key"},
    )

    # Its index is the one below, which begins with it.
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="key_packets", db_index=False
    )
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="key_packets")
    packet = models.BinaryField()

    class Meta:
        # Whether a message was sealed to a reader is one step. From the reader alone SQLite walks
        # all that it ever read, for each message of a page.
        indexes = [models.Index(fields=["message", "recipient"], name="key_of_message_and_reader")]

    def __str__(self) -> str:
        return f"{self.message_id} for {self.recipient_id}"


class File(UuidModel):
    """An attachment: ciphertext under a passphrase that travels in its message only."""

    what_we_see = Seen(
        "A sealed attachment",
        readable={
            "id": "a random number",
            "message": "the message it came with",
            "sha256": "a fingerprint of the sealed bytes",
            "size": "its sealed size",
            "stored_as": "the random name under which the sealed bytes lie on disk; what the file "
            "is called stands inside the sealed message only",
        },
    )

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="files")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    stored_as = storage.CiphertextName(max_length=120)

    class Meta:
        ordering = ["sha256"]
        constraints = [
            models.UniqueConstraint(fields=["message", "sha256"], name="file_once_a_message")
        ]

    def __str__(self) -> str:
        return str(self.id)

    def read(self) -> bytes:
        """The sealed bytes, as they were uploaded."""
        with storage.ciphertext().open(self.stored_as) as content:
            return content.read()


class DoomedFile(UuidModel):
    """A ciphertext file whose owner was deleted; the row goes once the file is gone.

    The name stands in a plain column: a backup does not take the file any more.
    """

    what_we_see = Seen(
        "A sealed file that is about to be deleted",
        readable={
            "id": "a random number",
            "stored_as": "the random name under which the sealed bytes still lie on disk",
        },
    )

    stored_as = models.CharField(max_length=120)

    def __str__(self) -> str:
        return str(self.id)


class HandOver(UuidModel):
    """That a participant passed an earlier message on, inside a new one."""

    what_we_see = Seen(
        "A hand-over of an earlier message",
        readable={
            "id": "a random number",
            "original": "which message was handed over",
            "message": "the new message that carries it",
        },
    )

    original = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="handed_over_in")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="hands_over")

    def __str__(self) -> str:
        return f"{self.original_id} in {self.message_id}"


class BufferedPost(UuidModel):
    """A reporter's post that waits to be moved with others, in no order."""

    what_we_see = Seen(
        "A reporter's message that waits to be delivered with others",
        readable={
            "id": "a random number, which becomes the message's",
            "thread": "its conversation",
            "recipient_set": "the readers it was sealed to",
            "author_id": "a random number that stands for the reporter",
            "author_fingerprint": "the key that the reporter says signed it inside",
            "kind": "what it is for",
            "body_sha256": "a fingerprint of the sealed bytes",
            "created_on": "the day it came",
            "position": "its place within its conversation",
        },
        sealed={
            "body": "the message itself",
            "key_packets": "its key, sealed to each reader",
        },
    )

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="buffered")
    recipient_set = models.ForeignKey(RecipientSet, on_delete=models.PROTECT, related_name="+")
    author_id = models.UUIDField()
    author_fingerprint = models.CharField(max_length=64)
    kind = models.CharField(max_length=10)
    body = models.BinaryField()
    body_sha256 = models.CharField(max_length=64, unique=True)
    key_packets = models.JSONField()
    created_on = models.DateField()
    position = models.PositiveIntegerField()

    def __str__(self) -> str:
        return str(self.id)


class BufferedFile(UuidModel):
    """An attachment of a waiting post."""

    what_we_see = Seen(
        "An attachment that waits with its message",
        readable={
            "id": "a random number",
            "post": "the waiting message",
            "sha256": "a fingerprint of the sealed bytes",
        },
        sealed={"content": "the file"},
    )

    post = models.ForeignKey(BufferedPost, on_delete=models.CASCADE, related_name="files")
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "sha256"], name="buffered_file_once")
        ]

    def __str__(self) -> str:
        return str(self.id)
