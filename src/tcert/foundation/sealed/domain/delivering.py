"""Moving reporters' posts out of the buffer: shuffled, with the day only (decided.md 8)."""

from __future__ import annotations

import base64
import secrets
from uuid import UUID

from django.db import transaction

from tcert.foundation.kernel.principal import REPORTER
from tcert.foundation.kernel.records import record
from tcert.foundation.sealed.domain.posting import size_bucket, write
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import BufferedPost, Message, Recipient


def deliver_buffered() -> int:
    """Deliver every waiting post, in an order that tells nothing; returns how many.

    The order within one conversation is kept by `position`, which was given when the post
    came; the order of the rows on disk is a new one.
    """
    waiting = list(BufferedPost.objects.values_list("id", flat=True))
    secrets.SystemRandom().shuffle(waiting)
    delivered = 0
    with transaction.atomic():
        for post_id in waiting:
            delivered += _deliver(post_id)
    return delivered


def _deliver(post_id: UUID) -> int:
    post = (
        BufferedPost.objects.select_for_update(of=("self",))
        .select_related("thread", "recipient_set")
        .filter(id=post_id)
        .first()
    )
    if post is None:
        return 0
    if Message.objects.filter(body_sha256=post.body_sha256).exists():
        post.delete()
        return 0
    recipients = Recipient.objects.in_bulk([UUID(key) for key, _packet in post.key_packets])
    message = Message(
        id=post.id,
        thread=post.thread,
        recipient_set=post.recipient_set,
        author_kind=HolderKind.REPORTER,
        author_id=post.author_id,
        author_fingerprint=post.author_fingerprint,
        kind=post.kind,
        body=bytes(post.body),
        body_sha256=post.body_sha256,
        size_bucket=size_bucket(len(post.body)),
        created_at=None,
        created_on=post.created_on,
        position=post.position,
    )
    packets = [
        (recipients[UUID(key)], base64.b64decode(packet)) for key, packet in post.key_packets
    ]
    files = [(file.sha256, bytes(file.content)) for file in post.files.all()]
    post.delete()
    write(message, packets, files)
    record(REPORTER, "sealed:post", "thread", message.thread_id, kind=message.kind)
    return 1
