"""Reads of sealed threads: what a holder is served, and nothing else."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Collection, Iterable
from uuid import UUID

from tcert.foundation.kernel.principal import Principal
from tcert.foundation.openpgp.packets import recipient_key_id, split
from tcert.foundation.sealed.enums import HolderKind
from tcert.foundation.sealed.models import (
    BufferedPost,
    File,
    HandOver,
    Holder,
    KeyPacket,
    Message,
    Recipient,
    held_by,
)
from tcert.foundation.sealed.refusals import NotARecipient


def holders_of(principal: Principal) -> tuple[Holder, ...]:
    """The parties that a person reads for: its teams, and itself.

    Coordinator rights add nothing: a message opens with a key or not at all.
    """
    teams = tuple(Holder(HolderKind.TEAM, team_id) for team_id in sorted(principal.team_ids))
    own = (Holder(HolderKind.PERSON, principal.person_id),) if principal.person_id else ()
    return teams + own


def served_to(message: Message, holders: Iterable[Holder] | Holder) -> bytes:
    """A whole OpenPGP message for these holders: their own keys and the body.

    Raises:
        NotARecipient: when it was not sealed to any of them.

    """
    asked = [holders] if isinstance(holders, Holder) else list(holders)
    packets = message.key_packets.filter(held_by(asked, "recipient__")).order_by("id")
    own = [bytes(one.packet) for one in packets]
    if not own:
        raise NotARecipient
    return b"".join(own) + bytes(message.body)


def needed_parts(fingerprint: str, staying: Collection[str]) -> set[str]:
    """Key ids of a key's parts that open something kept here which no staying part opens.

    Args:
        fingerprint: The whole key's.
        staying: Key ids of the parts whose secrets are kept in any case, upper hex.

    """
    packets = defaultdict(list)
    stored = KeyPacket.objects.filter(recipient__fingerprint=fingerprint)
    for message, packet in stored.values_list("message_id", "packet").iterator():
        packets[message].append(bytes(packet))
    readers = set(Recipient.objects.filter(fingerprint=fingerprint).values_list("id", flat=True))
    for post, waiting in BufferedPost.objects.values_list("id", "key_packets"):
        packets[post] += [base64.b64decode(p) for reader, p in waiting if UUID(reader) in readers]
    needed: set[str] = set()
    for several in packets.values():
        ids = {recipient_key_id(split(packet)[0].body) for packet in several}
        if ids.isdisjoint(staying):
            needed |= ids
    return needed


def waiting_for(post: BufferedPost, holder: Holder) -> bytes:
    """A waiting message for one of its readers: its own keys and the body.

    Raises:
        NotARecipient: when it was not sealed to the holder.

    """
    readers = {str(one.id) for one in post.recipient_set.recipients.all() if one.holder == holder}
    own = [base64.b64decode(packet) for reader, packet in post.key_packets if reader in readers]
    if not own:
        raise NotARecipient
    return b"".join(own) + bytes(post.body)


def message_for(message_id: UUID, holders: Iterable[Holder]) -> Message:
    """A message that was sealed to one of the holders.

    Raises:
        NotARecipient: also when there is no such message, so that ids tell nothing.

    """
    message = Message.objects.visible_to(holders).filter(id=message_id).first()
    if message is None:
        raise NotARecipient
    return message


def file_for(file_id: UUID, holders: Iterable[Holder]) -> File:
    """An attachment whose message, or a hand-over of it, was sealed to one of the holders.

    Raises:
        NotARecipient: also when there is no such file.

    """
    file = File.objects.filter(id=file_id).first()
    if file is None:
        raise NotARecipient
    carriers = Message.objects.visible_to(holders).filter(id__in=carrying(file.message_id))
    if not carriers.exists():
        raise NotARecipient
    return file


def files_of(message: Message) -> list[File]:
    """A message's attachments; for a hand-over those of the message that it carries."""
    origin = origins_of([message]).get(message.id, message)
    return list(File.objects.filter(message_id__in={message.id, origin.id}))


def origins_of(messages: Iterable[Message]) -> dict[UUID, Message]:
    """For each hand-over the message that it carries, through every hand-over before it."""
    found: dict[UUID, Message] = {}
    fresh = {message.id: message.id for message in messages}
    while fresh:
        handed = (
            HandOver.objects.filter(message__in=set(fresh.values()))
            .select_related("original__thread")
            .prefetch_related("original__files")
            .defer("original__body")
        )
        carried = {one.message_id: one.original for one in handed}
        found |= {key: carried[at] for key, at in fresh.items() if at in carried}
        fresh = {key: carried[at].id for key, at in fresh.items() if at in carried}
    return found


def carrying(message_id: UUID) -> set[UUID]:
    """The message and every hand-over, of whatever generation, that carries it."""
    found: set[UUID] = set()
    fresh = {message_id}
    while fresh:
        found |= fresh
        fresh = (
            set(HandOver.objects.filter(original__in=fresh).values_list("message", flat=True))
            - found
        )
    return found
