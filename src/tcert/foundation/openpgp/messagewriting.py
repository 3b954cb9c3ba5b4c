"""Writing the inside of a message ourselves, so that no clock gets into it. Pure.

The library writes its clock, to the second, into each signature that it makes, and offers no way to
set it: every reader of a reporter's message would learn the second in which it was sealed. So the
signed content of such a message is written here, packet by packet, as OpenPGP.js writes it in a
reporter's browser, and put under the session key that the library has sealed to the readers. That
key is learned from a decoy: one more recipient, made for this message alone, whose secret we hold.
The library keeps all that it does well: choosing subkeys, and sealing to every kind of key.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.asymmetric import x25519
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from tcert.foundation.openpgp.keywriting import (
    KDF,
    SHA512,
    mpi,
    opening_half,
    signing_half,
    subpacket,
    write_key,
)
from tcert.foundation.openpgp.packets import PacketError, Tag, encode, recipient_key_id, split
from tcert.foundation.openpgp.signatures import Algorithm, KeyBody, mpis

_AES256, _KEY_OCTETS, _BLOCK = 9, 32, 16
_BINARY, _CRITICAL = 0x00, 0x80
# `QUICK` of the browser (common.js): 65,536 octets are hashed.
_ITERATED, _SHA256, _QUICK = 3, 8, 96
_NATIVE_POINT = 0x40
# What OpenPGP.js adds to each signature, so that no two are over the same octets.
_SALT_NAME, _SALT_OCTETS = b"salt@notations.openpgpjs.org", 32


@dataclass(frozen=True, slots=True)
class Decoy:
    """A recipient of one message, through which its session key is learned."""

    secret_key: bytes = field(repr=False)
    subkey: KeyBody
    opens: x25519.X25519PrivateKey = field(repr=False)

    @property
    def key_id(self) -> str:
        """What its PKESK names, upper hex."""
        return self.subkey.key_id

    def session_key(self, sealed: bytes) -> bytes:
        """Open the decoy's PKESK (RFC 4880, section 5.1; RFC 6637, sections 7, 8 and 10).

        Args:
            sealed: The body of a version 3 PKESK packet that is sealed to the decoy.

        Returns:
            The 32 octets of an AES-256 key.

        Raises:
            PacketError: when it is not sealed to the decoy, damaged, or of another cipher.

        """
        if recipient_key_id(sealed) != self.key_id or sealed[9] != Algorithm.ECDH:
            raise PacketError("not sealed to the decoy")
        (point,) = mpis(sealed[10:], 1)
        if point >> 256 != _NATIVE_POINT:
            raise PacketError("not a point of this curve")
        wrapped = sealed[10 + 2 + 33 :]
        if len(wrapped) < 1 or wrapped[0] != len(wrapped) - 1:
            raise PacketError("a wrapped key is cut short")
        shown = x25519.X25519PublicKey.from_public_bytes((point % (1 << 256)).to_bytes(32, "big"))
        try:
            opened = aes_key_unwrap(self._wrapping_key(self.opens.exchange(shown)), wrapped[1:])
        except (InvalidUnwrap, ValueError) as error:
            raise PacketError("a wrapped key does not open") from error
        return _read_session_key(opened)

    def _wrapping_key(self, shared: bytes) -> bytes:
        """Derive the key that wraps the session key (RFC 6637, sections 7 and 8)."""
        curve = self.subkey.material[: 1 + self.subkey.material[0]]
        parameters = (
            curve
            + bytes([Algorithm.ECDH])
            + KDF
            + b"Anonymous Sender    "
            + bytes.fromhex(self.subkey.fingerprint)
        )
        # SHA-256, cut to the length of an AES-128 key: what `KDF` announces.
        return hashlib.sha256(b"\x00\x00\x00\x01" + shared + parameters).digest()[:16]


def make_decoy() -> Decoy:
    """Make a recipient that announces SEIPDv1 only, so that the library writes version 1."""
    secret = write_key(
        user_id="decoy",
        created=datetime(2020, 1, 1, tzinfo=UTC),
        lifetime=None,
        for_encryption=True,
    )
    (packet,) = (packet for packet in split(secret) if packet.tag == Tag.SECRET_SUBKEY)
    return Decoy(secret, *opening_half(packet))


def _read_session_key(opened: bytes) -> bytes:
    """Cipher, key, sum and padding (RFC 4880, section 5.1; RFC 6637, section 8)."""
    padding = opened[-1]
    if not 1 <= padding <= len(opened) or opened[-padding:] != bytes([padding]) * padding:
        raise PacketError("a session key is padded wrongly")
    content = opened[:-padding]
    key, total = content[1:-2], content[-2:]
    if content[:1] != bytes([_AES256]) or len(key) != _KEY_OCTETS:
        raise PacketError("not an AES-256 session key")
    if sum(key) & 0xFFFF != int.from_bytes(total, "big"):
        raise PacketError("a session key is damaged")
    return key


def signed_content(plaintext: bytes, secret_key: bytes, signed_at: datetime) -> bytes:
    """Write a signed message: one-pass signature, literal data, signature (RFC 4880, 11.3).

    The literal packet has no file name and no date, as in the browser.

    Args:
        plaintext: The signed bytes.
        secret_key: An unprotected transferable secret key, version 4, Ed25519 primary (EdDSA).
        signed_at: The moment that the signature names, whole seconds.

    Raises:
        PacketError: when it is any other key.

    """
    key, secret = signing_half(split(secret_key)[0])
    issuer = bytes.fromhex(key.key_id)
    # Version 3, and 1 for "no other signature follows" (RFC 4880, section 5.4).
    announced = bytes([3, _BINARY, SHA512, Algorithm.EDDSA]) + issuer + b"\x01"
    hashed = (
        subpacket(2 | _CRITICAL, int(signed_at.timestamp()).to_bytes(4, "big"))
        + subpacket(16, issuer)
        + subpacket(20, _salt())
        + subpacket(33, b"\x04" + bytes.fromhex(key.fingerprint))
    )
    # RFC 4880, sections 5.2.3 and 5.2.4.
    head = bytes([4, _BINARY, Algorithm.EDDSA, SHA512]) + len(hashed).to_bytes(2, "big") + hashed
    trailer = b"\x04\xff" + len(head).to_bytes(4, "big")
    digest = hashlib.sha512(plaintext + head + trailer).digest()
    made = secret.sign(digest)
    signature = head + bytes(2) + digest[:2] + mpi(made[:32]) + mpi(made[32:])
    return (
        encode(Tag.ONE_PASS_SIGNATURE, announced)
        + literal(plaintext)
        + encode(Tag.SIGNATURE, signature)
    )


def _salt() -> bytes:
    """A notation with fresh octets (RFC 4880, section 5.2.3.16)."""
    sizes = len(_SALT_NAME).to_bytes(2, "big") + _SALT_OCTETS.to_bytes(2, "big")
    return bytes(4) + sizes + _SALT_NAME + os.urandom(_SALT_OCTETS)


def literal(plaintext: bytes) -> bytes:
    """Write a literal packet: binary, no name, no date (RFC 4880, section 5.9)."""
    return encode(Tag.LITERAL, b"b\x00" + bytes(4) + plaintext)


def secret_packet(secret: str, session_key: bytes) -> bytes:
    """Seal a session key under a secret: the body of a version 4 SKESK packet.

    RFC 4880, section 5.3, with the iterated and salted derivation of section 3.7.1.3 (SHA-256)
    at the count that the browser uses.
    """
    salt = os.urandom(8)
    salted = salt + secret.encode()
    size = max((16 + (_QUICK & 15)) << ((_QUICK >> 4) + 6), len(salted))
    stretched = (salted * (size // len(salted) + 1))[:size]
    sealing = Cipher(
        algorithms.AES(hashlib.sha256(stretched).digest()), CFB(bytes(_BLOCK))
    ).encryptor()
    sealed = sealing.update(bytes([_AES256]) + session_key) + sealing.finalize()
    return bytes([4, _AES256, _ITERATED, _SHA256]) + salt + bytes([_QUICK]) + sealed


def protected(content: bytes, session_key: bytes) -> bytes:
    """Seal packets under a session key: the body of a SEIPDv1 packet (RFC 4880, section 5.13).

    AES-256 in the format's own feedback mode: a zero vector, a block of random octets whose last
    two are repeated, no resynchronisation; SHA-1 over all of it in a last packet, as prescribed.
    """
    prefix = os.urandom(_BLOCK)
    checked = prefix + prefix[-2:] + content + b"\xd3\x14"
    digest = hashlib.sha1(checked, usedforsecurity=False).digest()
    sealing = Cipher(algorithms.AES(session_key), CFB(bytes(_BLOCK))).encryptor()
    return b"\x01" + sealing.update(checked + digest) + sealing.finalize()
