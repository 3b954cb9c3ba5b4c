"""Looking at what arrives sealed, without being able to open it.

A post is one PKESK per recipient's subkey and one SEIP packet, a file one SKESK and one
SEIP packet, and nothing else: no clear packet before, between or behind. Framing is
rewritten, so that a body has one hash however it was divided on its way.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.openpgp.certificates import CertificateInfo
from tcert.foundation.openpgp.packets import (
    Packet,
    PacketError,
    Tag,
    binary,
    recipient_key_id,
    split,
)

MAX_RECIPIENT_PACKETS = 400

# Version octet, one block and two repeated octets, and the encrypted integrity packet.
_SMALLEST_PROTECTED = 1 + 18 + 22
_HIDDEN = "0" * 16


class IngestReason(StrEnum):
    """Why a sealed thing is not taken."""

    NOT_SEALED = "not-sealed"
    WRONG_FORMAT = "wrong-format"
    MISSING_RECIPIENT = "missing-recipient"
    FOREIGN_RECIPIENT = "foreign-recipient"
    HIDDEN_RECIPIENT = "hidden-recipient"


_MESSAGES: dict[IngestReason, Promise] = {
    IngestReason.NOT_SEALED: _(
        "This is not a sealed message. Nothing was stored. If you wrote in clear text, consider "
        "the text seen by this server."
    ),
    IngestReason.WRONG_FORMAT: _(
        "The message is sealed in a format that not every recipient can open. Seal it with the "
        "command that the hub shows, or in the browser."
    ),
    IngestReason.MISSING_RECIPIENT: _(
        "The message is not sealed to every current recipient. Fetch the current keys and seal "
        "it again."
    ),
    IngestReason.FOREIGN_RECIPIENT: _(
        "The message is sealed to a key that is not among the current recipients'. Fetch the "
        "current keys and seal it again."
    ),
    IngestReason.HIDDEN_RECIPIENT: _(
        "The message hides whom it is sealed to. Seal it without that option."
    ),
}


class IngestRefused(DomainError):
    """Something was not taken; `code` is an `IngestReason`."""

    def __init__(self, code: IngestReason) -> None:
        super().__init__(_MESSAGES[code], code=code)


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """A recipient's key: its fingerprint and the subkeys that may be sealed to now."""

    fingerprint: str
    key_ids: frozenset[str]

    @classmethod
    def of(cls, certificate: CertificateInfo) -> RecipientKey:
        """What the ingest check needs of an inspected key."""
        return cls(certificate.fingerprint, certificate.key_ids)


@dataclass(frozen=True, slots=True)
class CheckedPost:
    """A post that may be stored: (recipient's fingerprint, PKESK) pairs, and the body apart."""

    key_packets: tuple[tuple[str, bytes], ...]
    body: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A password file that may be stored."""

    data: bytes = field(repr=False)
    sha256: str


def check_post(data: bytes, recipients: Sequence[RecipientKey]) -> CheckedPost:
    """Check that bytes are one message sealed to exactly these recipients.

    Args:
        data: Armoured or binary.
        recipients: Everybody it must be sealed to; at least one PKESK each, none besides.

    Returns:
        The message in parts; `sha256` (lower hex) is over the re-framed body packet.

    Raises:
        IngestRefused: when anything is missing, foreign, hidden or not sealed.

    """
    packets = _packets(data)
    keys, body = packets[:-1], packets[-1]
    if not keys or any(packet.tag != Tag.PKESK for packet in keys):
        raise IngestRefused(IngestReason.NOT_SEALED)
    _require_protected(body)
    owners = {key_id: r.fingerprint for r in recipients for key_id in r.key_ids}
    sealed: list[tuple[str, bytes]] = []
    met: Counter[str] = Counter()
    for packet in keys:
        try:
            key_id = recipient_key_id(packet.body)
        except PacketError as error:
            raise IngestRefused(IngestReason.WRONG_FORMAT) from error
        if key_id == _HIDDEN:
            raise IngestRefused(IngestReason.HIDDEN_RECIPIENT)
        if key_id not in owners:
            raise IngestRefused(IngestReason.FOREIGN_RECIPIENT)
        met[key_id] += 1
        sealed.append((owners[key_id], packet.encoded))
    if any(count > 1 for count in met.values()):
        raise IngestRefused(IngestReason.WRONG_FORMAT)
    if {fingerprint for fingerprint, _packet in sealed} != {r.fingerprint for r in recipients}:
        raise IngestRefused(IngestReason.MISSING_RECIPIENT)
    encoded = body.encoded
    return CheckedPost(tuple(sealed), encoded, hashlib.sha256(encoded).hexdigest())


def body_sha256(data: bytes) -> str:
    """Return the hash under which `check_post` names a message's body, whoever it is sealed to.

    Raises:
        IngestRefused: when it is not sealed.

    """
    body = _packets(data)[-1]
    _require_protected(body)
    return hashlib.sha256(body.encoded).hexdigest()


def check_file(data: bytes) -> CheckedFile:
    """Check that bytes are one file sealed under one passphrase.

    The bytes are kept as they came: their hash is the one that the sealed message declares.

    Raises:
        IngestRefused: when it is anything else.

    """
    packets = _packets(data, armoured=False)
    if [packet.tag for packet in packets] != [Tag.SKESK, Tag.PROTECTED]:
        raise IngestRefused(IngestReason.NOT_SEALED)
    if packets[0].body[:1] != b"\x04":
        raise IngestRefused(IngestReason.WRONG_FORMAT)
    _require_protected(packets[1])
    return CheckedFile(data, hashlib.sha256(data).hexdigest())


def _packets(data: bytes, *, armoured: bool = True) -> list[Packet]:
    try:
        raw = binary(data, "MESSAGE") if armoured else data
        packets = split(raw, max_packets=MAX_RECIPIENT_PACKETS + 1)
    except PacketError as error:
        raise IngestRefused(IngestReason.NOT_SEALED) from error
    # Markers mean nothing and must be ignored (RFC 9580, section 5.8).
    packets = [packet for packet in packets if packet.tag != Tag.MARKER]
    if not packets:
        raise IngestRefused(IngestReason.NOT_SEALED)
    return packets


def _require_protected(packet: Packet) -> None:
    if packet.tag != Tag.PROTECTED:
        raise IngestRefused(IngestReason.NOT_SEALED)
    if packet.body[:1] != b"\x01":
        raise IngestRefused(IngestReason.WRONG_FORMAT)
    if len(packet.body) < _SMALLEST_PROTECTED:
        raise IngestRefused(IngestReason.NOT_SEALED)
