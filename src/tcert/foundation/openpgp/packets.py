# ruff: noqa: PLR2004 - the numbers are octets of the wire format, named by the clauses cited
"""OpenPGP packets as bytes: split, re-frame, armour. No cryptography, no Django.

Framing follows RFC 9580, section 4.2; the old format and partial lengths are read
because GnuPG writes them. What leaves here is always new format with one length,
so that the same content has the same bytes whoever framed it.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from enum import IntEnum


class Tag(IntEnum):
    """Packet types that the hub meets (RFC 9580, section 5)."""

    PKESK = 1
    SIGNATURE = 2
    SKESK = 3
    ONE_PASS_SIGNATURE = 4
    SECRET_KEY = 5
    PUBLIC_KEY = 6
    SECRET_SUBKEY = 7
    COMPRESSED = 8
    ENCRYPTED = 9
    MARKER = 10
    LITERAL = 11
    TRUST = 12
    USER_ID = 13
    PUBLIC_SUBKEY = 14
    USER_ATTRIBUTE = 17
    PROTECTED = 18
    PADDING = 21


# Only data packets may come in parts (RFC 9580, section 4.2.1.4).
MAY_BE_PARTIAL = frozenset({Tag.COMPRESSED, Tag.ENCRYPTED, Tag.LITERAL, Tag.PROTECTED})

# The first part of a divided packet holds at least this much (same clause).
FIRST_PART = 512

MAX_PACKETS = 10_000


class PacketError(ValueError):
    """The bytes are not a sequence of whole, well-formed packets."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: its type and its body, without framing."""

    tag: int
    body: bytes

    @property
    def encoded(self) -> bytes:
        """The packet in the one framing that the hub keeps."""
        return encode(self.tag, self.body)


def encode(tag: int, body: bytes) -> bytes:
    """Frame a body: new format, one definite length, shortest form."""
    size = len(body)
    head = bytes([0xC0 | tag])
    if size < 192:
        return head + bytes([size]) + body
    if size < 8384:
        size -= 192
        return head + bytes([192 + (size >> 8), size & 0xFF]) + body
    return head + b"\xff" + size.to_bytes(4, "big") + body


def split(data: bytes, *, max_packets: int = MAX_PACKETS) -> list[Packet]:
    """Split bytes into packets.

    Raises:
        PacketError: when a packet is cut short, has an indeterminate length, comes in
            parts though its type may not, or when there are too many.

    """
    packets: list[Packet] = []
    at = 0
    while at < len(data):
        if len(packets) >= max_packets:
            raise PacketError("too many packets")
        first = data[at]
        if not first & 0x80:
            raise PacketError("no packet starts here")
        if first & 0x40:
            tag = first & 0x3F
            body, at = _new_format(data, at + 1, tag)
        else:
            tag = (first >> 2) & 0x0F
            body, at = _old_format(data, at + 1, first & 0x03)
        if tag == 0:
            raise PacketError("packet type 0 is reserved")
        packets.append(Packet(tag, body))
    return packets


def _take(data: bytes, at: int, size: int) -> bytes:
    taken = data[at : at + size]
    if len(taken) != size:
        raise PacketError("a packet is cut short")
    return taken


def _old_format(data: bytes, at: int, length_type: int) -> tuple[bytes, int]:
    if length_type == 3:
        raise PacketError("a packet of indeterminate length")
    octets = 1 << length_type
    size = int.from_bytes(_take(data, at, octets), "big")
    at += octets
    return _take(data, at, size), at + size


def _new_format(data: bytes, at: int, tag: int) -> tuple[bytes, int]:
    parts: list[bytes] = []
    while True:
        first = _take(data, at, 1)[0]
        if 224 <= first < 255:
            if tag not in MAY_BE_PARTIAL:
                raise PacketError("a packet of this type may not come in parts")
            size = 1 << (first & 0x1F)
            if not parts and size < FIRST_PART:
                raise PacketError("the first part of a packet is too small")
            parts.append(_take(data, at + 1, size))
            at += 1 + size
            continue
        size, at = _definite(data, at, first)
        parts.append(_take(data, at, size))
        return b"".join(parts), at + size


def _definite(data: bytes, at: int, first: int) -> tuple[int, int]:
    if first < 192:
        return first, at + 1
    if first < 224:
        return ((first - 192) << 8) + _take(data, at + 1, 1)[0] + 192, at + 2
    return int.from_bytes(_take(data, at + 1, 4), "big"), at + 5


_ARMOUR = re.compile(
    rb"-----BEGIN PGP ([A-Z ]+)-----[ \t]*\r?\n"
    rb"((?:[A-Za-z]+: [^\r\n]*\r?\n)*)"
    rb"[ \t]*\r?\n"
    rb"([A-Za-z0-9+/=\s]+?)"
    rb"-----END PGP \1-----"
)
_CHECKSUM = re.compile(rb"\s=[A-Za-z0-9+/]{4}\s*\Z")


def is_armoured(data: bytes) -> bool:
    """Whether the bytes are text in armour rather than packets."""
    return b"-----BEGIN PGP " in data


def dearmour(data: bytes, kind: str) -> bytes:
    """The packets inside one armoured block.

    Args:
        data: Text around exactly one block; text outside it is ignored.
        kind: What the block must be, for example ``MESSAGE`` or ``PUBLIC KEY BLOCK``.

    Raises:
        PacketError: when there is no block, more than one, or one of another kind.

    """
    if data.count(b"-----BEGIN PGP ") != 1:
        raise PacketError("not exactly one armoured block")
    found = _ARMOUR.search(data)
    if not found or found.group(1) != kind.encode():
        raise PacketError("no armoured block of this kind")
    text = _CHECKSUM.sub(b"", found.group(3))
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise PacketError("the armour is damaged") from error


def armour(data: bytes, kind: str) -> str:
    """Put packets into an armoured block, with the checksum that GnuPG 2.2 wants to see."""
    text = base64.b64encode(data).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    checksum = base64.b64encode(_crc24(data).to_bytes(3, "big")).decode()
    return "\n".join(
        [f"-----BEGIN PGP {kind}-----", "", *lines, f"={checksum}", f"-----END PGP {kind}-----", ""]
    )


def _crc24_table() -> list[int]:
    table = []
    for octet in range(256):
        crc = octet << 16
        for _bit in range(8):
            crc = (crc << 1) ^ (0x1864CFB if crc & 0x800000 else 0)
        table.append(crc & 0xFFFFFF)
    return table


_CRC24 = _crc24_table()


def _crc24(data: bytes) -> int:
    """RFC 9580, section 6.1.1."""
    crc = 0xB704CE
    for octet in data:
        crc = ((crc << 8) & 0xFFFFFF) ^ _CRC24[(crc >> 16) ^ octet]
    return crc


def binary(data: bytes, kind: str) -> bytes:
    """Packets from either form: armoured text of a kind, or bytes as they are."""
    return dearmour(data, kind) if is_armoured(data) else data


def recipient_key_id(body: bytes) -> str:
    """The key id that a version 3 PKESK names, upper hex.

    Raises:
        PacketError: for another version or a body that is too short.

    """
    if len(body) < 10 or body[0] != 3:
        raise PacketError("not a version 3 PKESK")
    return body[1:9].hex().upper()
