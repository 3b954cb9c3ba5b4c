"""Sealing to keys and under passphrases, in the one format that everybody opens.

Always SEIPDv1 with version 3 PKESK (GnuPG 2.2, Sequoia, OpenPGP.js, Thunderbird), never
compressed. The library seals to revoked and expired keys silently and picks SEIPDv2 as
soon as all recipients announce it, so both are settled here and the output is read back.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

import pysequoia

from tcert.foundation.kernel import clock
from tcert.foundation.openpgp.certificates import CertificateInfo, inspect
from tcert.foundation.openpgp.messagewriting import (
    Decoy,
    literal,
    make_decoy,
    protected,
    secret_packet,
    signed_content,
)
from tcert.foundation.openpgp.packets import Packet, PacketError, Tag, recipient_key_id, split
from tcert.foundation.openpgp.signing import SigningKey

SHORTEST_SECRET = 32


class SealingFailed(RuntimeError):
    """The sealed result is not what it must be; nothing may be sent or stored."""


def seal(
    plaintext: bytes,
    certificates: Sequence[bytes | str | CertificateInfo],
    signer: SigningKey | None = None,
    *,
    now: datetime | None = None,
    signed_at: datetime | None = None,
    newest_only: bool = False,
) -> bytes:
    """Seal bytes to every currently usable subkey of every key.

    Args:
        plaintext: What only the recipients shall read.
        certificates: At least one key, armoured, binary or inspected.
        signer: Who signs it, inside.
        now: The moment that decides about expiry; the clock's when left out.
        signed_at: The moment that the signature names, for a signer whose hour is nobody's
            business (a reporter). Left out, it is the second of signing.
        newest_only: Seal to each key's newest usable subkey alone, as browsers and GnuPG do:
            what a stranger sends must not lie under an intake key whose days are over.

    Returns:
        One OpenPGP message, binary: PKESK packets and a SEIPDv1 packet.

    Raises:
        CertificateRefused: when a key is revoked, expired or has nothing to seal to.
        SealingFailed: when the library's result is not in our format.

    """
    keys = _inspected(certificates, now)
    decoy = make_decoy()
    if signer is None or signed_at is None:
        *sealed_keys, body = _by_library(plaintext, keys, decoy, signer)
    else:
        # The library's body is of no use here: its session key is, sealed to every reader.
        *sealed_keys, _empty = _by_library(b"", keys, decoy)
        body = _signed_body(plaintext, signer, signed_at, _session_key(sealed_keys, decoy))
    _require_protected(body)
    wanted = frozenset[str]().union(*(_ids_of(key, newest_only) for key in keys))
    return _for_readers(sealed_keys, wanted) + body.encoded


def session_for(certificates: Sequence[bytes | str]) -> tuple[bytes, bytes]:
    """Make a session key for a body that is written elsewhere.

    Returns:
        The PKESK packets that seal it to every usable subkey, and the key (AES-256).

    Raises:
        CertificateRefused, SealingFailed: as `seal`.

    """
    keys = _inspected(certificates, None)
    decoy = make_decoy()
    *sealed_keys, _empty = _by_library(b"", keys, decoy)
    wanted = frozenset[str]().union(*(key.key_ids for key in keys))
    return _for_readers(sealed_keys, wanted), _session_key(sealed_keys, decoy)


def _inspected(
    certificates: Sequence[bytes | str | CertificateInfo], now: datetime | None
) -> list[CertificateInfo]:
    if not certificates:
        raise SealingFailed("nobody to seal to")
    at = now or clock.now()
    return [
        inspect(key.certificate if isinstance(key, CertificateInfo) else key, at)
        for key in certificates
    ]


def _for_readers(sealed_keys: Sequence[Packet], wanted: frozenset[str]) -> bytes:
    """Keep the packets of the readers' subkeys, and require one for each."""
    kept = [packet for packet in sealed_keys if _key_id(packet) in wanted]
    if {_key_id(packet) for packet in kept} != wanted:
        raise SealingFailed("not sealed to every usable subkey")
    return b"".join(packet.encoded for packet in kept)


def _ids_of(key: CertificateInfo, newest_only: bool) -> frozenset[str]:
    newest = key.newest_subkey
    return frozenset({newest.key_id}) if newest_only and newest else key.key_ids


def seal_with_password(plaintext: bytes, password: str) -> bytes:
    """Seal bytes under a passphrase: one SKESK and one SEIPDv1 packet, binary.

    Raises:
        SealingFailed: when the library's result is not in our format.

    """
    if not password:
        raise SealingFailed("no passphrase")
    try:
        sealed = pysequoia.encrypt(bytes=plaintext, passwords=[password], armor=False)
    except Exception as error:
        raise SealingFailed("the library could not seal") from error
    packets = split(sealed)
    if [packet.tag for packet in packets] != [Tag.SKESK, Tag.PROTECTED]:
        raise SealingFailed("not a password file")
    if packets[0].body[:1] != b"\x04":
        raise SealingFailed("not a version 4 SKESK")
    _require_protected(packets[1])
    return b"".join(packet.encoded for packet in packets)


def seal_with_secret(plaintext: bytes, secret: str) -> bytes:
    """Seal bytes under a secret that the hub drew or derived, of 100 bits of chance or more.

    The form is that of `seal_with_password`, as the browser writes it. The library's slow
    derivation, meant for what people choose, takes 40 ms of a processor for each report and for
    each file of it, and guards nothing here: a receipt can be tested faster against the hash of
    its id, and 2^100 guesses of a fast hash are out of reach (design/browser.md).
    """
    if len(secret) < SHORTEST_SECRET:
        raise SealingFailed("too short for a random secret")
    session_key = os.urandom(32)
    body = Packet(Tag.PROTECTED, protected(literal(plaintext), session_key))
    return Packet(Tag.SKESK, secret_packet(secret, session_key)).encoded + body.encoded


def _by_library(
    plaintext: bytes,
    keys: Sequence[CertificateInfo],
    decoy: Decoy,
    signer: SigningKey | None = None,
) -> list[Packet]:
    """Let the library seal to the keys, and to a decoy that keeps it from writing SEIPDv2."""
    recipients = [pysequoia.Cert.from_bytes(bytes=key.certificate) for key in keys]
    recipients.append(pysequoia.Tsk.from_bytes(bytes=decoy.secret_key).extract_certificate())
    try:
        sealed = pysequoia.encrypt(
            bytes=plaintext,
            recipients=recipients,
            signer=signer.signer() if signer else None,
            armor=False,
        )
    except Exception as error:
        # The library's errors carry stack traces.
        raise SealingFailed("the library could not seal") from error
    return split(sealed)


def _session_key(sealed_keys: Sequence[Packet], decoy: Decoy) -> bytes:
    for packet in sealed_keys:
        if _key_id(packet) == decoy.key_id:
            try:
                return decoy.session_key(packet.body)
            except PacketError as error:
                raise SealingFailed("the session key is not of our form") from error
    raise SealingFailed("not sealed to the decoy")


def _signed_body(
    plaintext: bytes, signer: SigningKey, signed_at: datetime, session_key: bytes
) -> Packet:
    try:
        content = signed_content(plaintext, signer.secret, signed_at)
    except PacketError as error:
        raise SealingFailed("this key cannot sign with a given date") from error
    return Packet(Tag.PROTECTED, protected(content, session_key))


def _key_id(packet: Packet) -> str:
    if packet.tag != Tag.PKESK or packet.body[:1] != b"\x03":
        raise SealingFailed("not a version 3 PKESK")
    return recipient_key_id(packet.body)


def _require_protected(packet: Packet) -> None:
    if packet.tag != Tag.PROTECTED or packet.body[:1] != b"\x01":
        raise SealingFailed("not a SEIPDv1 packet")
