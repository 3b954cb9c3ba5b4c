"""A key as it is given to others: cut to one address, and why it was revoked."""

from __future__ import annotations

from contextlib import suppress
from email.utils import parseaddr

from tcert.foundation.openpgp.certificates import CertificateRefused, Refusal
from tcert.foundation.openpgp.packets import Packet, PacketError, Tag, binary, split
from tcert.foundation.openpgp.signatures import (
    KeyBody,
    SignatureType,
    is_valid,
    read_key,
    read_signature,
)

_KIND = "PUBLIC KEY BLOCK"
_REASON = 29
_SOFT = frozenset({1, 3})
"""Superseded and retired (RFC 9580, section 5.2.3.31): what was signed before still holds."""


def address_of(user_id: str) -> str:
    """Return the mail address in a user id, lower-case; empty when it names none."""
    _name, address = named(user_id)
    return address.lower() if "@" in address else ""


def named(user_id: str) -> tuple[str, str]:
    """Return name and address in a user id; none where its brackets only nest, to no end."""
    try:
        return parseaddr(user_id)
    except RecursionError:
        return "", ""


def addresses_of(user_ids: tuple[str, ...]) -> frozenset[str]:
    """Return the addresses that a key names."""
    return frozenset(filter(None, map(address_of, user_ids)))


def primary_fingerprints(data: bytes) -> list[str]:
    """Return the fingerprints of the primary keys in a file, upper hex; none if it is no key file.

    Nothing else of it is read or believed: it says only which keys somebody shows.
    """
    try:
        packets = split(binary(data, _KIND), max_packets=500)
    except PacketError:
        return []
    found = []
    for packet in packets:
        if packet.tag == Tag.PUBLIC_KEY:
            with suppress(PacketError):
                found.append(read_key(packet.body).fingerprint)
    return found


def only_for(certificate: str, address: str) -> bytes:
    """Return a key, binary, with only those user ids that name an address, and own signatures.

    What others signed on it is left out (draft-koch-openpgp-webkey-service-21, section 3.1: the
    key carries only the user id that was asked for).

    Raises:
        CertificateRefused: no user id names the address, or it is no key.

    """
    try:
        packets = split(binary(certificate.encode(), _KIND))
        key = read_key(packets[0].body)
    except (PacketError, IndexError) as error:
        raise CertificateRefused(Refusal.NOT_A_KEY) from error
    kept: list[Packet] = []
    taken, named = True, False
    signed: bytes | None = key.hashed
    for packet in packets:
        if packet.tag == Tag.SIGNATURE:
            if taken and (signed is None or _is_own(packet, key, signed)):
                kept.append(packet)
            continue
        taken, signed = True, None
        if packet.tag == Tag.PUBLIC_KEY:
            signed = key.hashed
        elif packet.tag == Tag.USER_ID:
            name = packet.body
            taken = address_of(name.decode(errors="replace")) == address.lower()
            named = named or taken
            signed = key.hashed + b"\xb4" + len(name).to_bytes(4, "big") + name
        elif packet.tag == Tag.USER_ATTRIBUTE:
            taken = False
        if taken:
            kept.append(packet)
    if not named:
        raise CertificateRefused(Refusal.NOT_A_KEY)
    return b"".join(packet.encoded for packet in kept)


def _is_own(packet: Packet, key: KeyBody, signed: bytes) -> bool:
    """Tell whether the key itself made a signature; None of `is_valid` is left to the reader."""
    try:
        return is_valid(read_signature(packet.body), key, signed) is not False
    except PacketError:
        return False


def ended_softly(certificate: str) -> bool:
    """Tell whether a key was revoked by its own signature as superseded or retired.

    A revocation for another reason, or without one, puts all that the key signed in doubt
    (RFC 9580, section 5.2.3.31). So does a key that its team withdrew by word: nothing is signed.
    """
    try:
        packets = split(binary(certificate.encode(), _KIND))
        key = read_key(packets[0].body)
    except (PacketError, IndexError):
        return False
    reasons = []
    for packet in packets[1:]:
        if packet.tag != Tag.SIGNATURE:
            break
        with suppress(PacketError):
            found = read_signature(packet.body)
            if found.type == SignatureType.KEY_REVOCATION and is_valid(found, key, key.hashed):
                reasons.append((found.subpackets.get(_REASON) or b"\0")[0])
    return bool(reasons) and all(reason in _SOFT for reason in reasons)


def algorithm_number(data: bytes) -> int:
    """Return the number of a key's algorithm (RFC 9580, section 9.1); 0 when it is no key."""
    try:
        return read_key(split(binary(data, _KIND))[0].body).algorithm
    except (PacketError, IndexError):
        return 0
