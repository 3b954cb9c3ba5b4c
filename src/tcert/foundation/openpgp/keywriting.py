"""Writing version 4 keys packet by packet, as GnuPG 2.2 reads them.

Keys that the library makes announce SEIPDv2, which GnuPG 2.2 cannot read and which makes
every sender's message unreadable to it. Ours announce version 1 only, and no compression.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ed25519, x25519

from tcert.foundation.openpgp.packets import Packet, PacketError, Tag, encode, split
from tcert.foundation.openpgp.signatures import (
    Algorithm,
    KeyBody,
    SignatureType,
    mpis,
    read_key,
)

_ED25519 = bytes.fromhex("092b06010401da470f01")
_CV25519 = bytes.fromhex("0a2b060104019755010501")
# Key derivation of ECDH: SHA-256 and AES-128, as GnuPG writes it for this curve.
KDF = bytes.fromhex("03010807")
SHA512 = 10

CERTIFY, SIGN, ENCRYPT = 0x01, 0x02, 0x0C


def mpi(raw: bytes) -> bytes:
    """Write a multiprecision integer: bit count, then the octets without leading zeros."""
    number = int.from_bytes(raw, "big")
    return number.bit_length().to_bytes(2, "big") + number.to_bytes(
        (number.bit_length() + 7) // 8, "big"
    )


def subpacket(kind: int, content: bytes) -> bytes:
    """Write a signature subpacket of fewer than 192 octets (RFC 4880, section 5.2.3.1)."""
    return bytes([1 + len(content), kind]) + content


def _secret_part(raw: bytes) -> bytes:
    """Unprotected secret numbers with their checksum; the file or the recipient protects them."""
    number = mpi(raw)
    return b"\0" + number + (sum(number) & 0xFFFF).to_bytes(2, "big")


def _key_body(created: datetime, algorithm: int, material: bytes) -> KeyBody:
    seconds = int(created.timestamp()).to_bytes(4, "big")
    return read_key(b"\x04" + seconds + bytes([algorithm]) + material)


def _signature(
    secret: ed25519.Ed25519PrivateKey,
    signer: KeyBody,
    kind: SignatureType,
    signed: bytes,
    subpackets: bytes,
) -> bytes:
    fingerprint = bytes.fromhex(signer.fingerprint)
    hashed = subpackets + subpacket(33, b"\x04" + fingerprint)
    prefix = bytes([4, kind, Algorithm.EDDSA, SHA512]) + len(hashed).to_bytes(2, "big") + hashed
    trailer = b"\x04\xff" + len(prefix).to_bytes(4, "big")
    digest = hashlib.sha512(signed + prefix + trailer).digest()
    unhashed = subpacket(16, fingerprint[-8:])
    made = secret.sign(digest)
    return encode(
        Tag.SIGNATURE,
        prefix
        + len(unhashed).to_bytes(2, "big")
        + unhashed
        + digest[:2]
        + mpi(made[:32])
        + mpi(made[32:]),
    )


def write_key(
    *,
    user_id: str,
    created: datetime,
    lifetime: timedelta | None,
    for_encryption: bool,
) -> bytes:
    """Make an unprotected version 4 secret key: Ed25519, and Cv25519 when wanted.

    Args:
        user_id: The one user id.
        created: Creation time of the key and its signatures, aware.
        lifetime: After which it expires; None for never.
        for_encryption: Whether it gets a subkey that messages can be sealed to.

    Returns:
        The secret key as binary packets.

    """
    secret = ed25519.Ed25519PrivateKey.generate()
    point = secret.public_key().public_bytes_raw()
    primary = _key_body(created, Algorithm.EDDSA, _ED25519 + mpi(b"\x40" + point))
    packets = encode(Tag.SECRET_KEY, primary.body + _secret_part(secret.private_bytes_raw()))
    packets += encode(Tag.USER_ID, user_id.encode())
    packets += _naming(secret, primary, user_id.encode(), created, lifetime)
    return with_subkey(packets, created=created, lifetime=lifetime) if for_encryption else packets


def with_subkey(secret_key: bytes, *, created: datetime, lifetime: timedelta | None) -> bytes:
    """Add a Cv25519 subkey that messages can be sealed to.

    Args:
        secret_key: An unprotected key, as `write_key` wrote it.
        created: Creation time of the subkey and its binding, aware.
        lifetime: After which the subkey expires; None for as long as the key.

    Raises:
        PacketError: when it is any other key.

    """
    primary, secret = signing_half(split(secret_key)[0])
    other = x25519.X25519PrivateKey.generate()
    material = _CV25519 + mpi(b"\x40" + other.public_key().public_bytes_raw()) + KDF
    subkey = _key_body(created, Algorithm.ECDH, material)
    # The secret of this curve is written from its most significant octet on.
    number = _secret_part(_clamped(other.private_bytes_raw())[::-1])
    bound = _moments(created, lifetime) + subpacket(27, bytes([ENCRYPT]))
    return (
        secret_key
        + encode(Tag.SECRET_SUBKEY, subkey.body + number)
        + _signature(
            secret, primary, SignatureType.SUBKEY_BINDING, primary.hashed + subkey.hashed, bound
        )
    )


def extend_key(secret_key: bytes, *, now: datetime, expires: datetime) -> bytes:
    """Write a signing key anew with another expiry; it stays the same key.

    Args:
        secret_key: What `write_key` wrote, without a subkey.
        now: When the new self-signature is made.
        expires: When the key shall expire.

    Raises:
        PacketError: when it is any other key.

    """
    packets = split(secret_key)
    if [packet.tag for packet in packets] != [Tag.SECRET_KEY, Tag.USER_ID, Tag.SIGNATURE]:
        raise PacketError("not a signing key of the hub's making")
    primary, secret = signing_half(packets[0])
    named = _naming(secret, primary, packets[1].body, now, expires - primary.created)
    return packets[0].encoded + packets[1].encoded + named


def signing_half(packet: Packet) -> tuple[KeyBody, ed25519.Ed25519PrivateKey]:
    """Read an unprotected Ed25519 secret key packet: what it shows, and what signs.

    Raises:
        PacketError: when it is any other key.

    """
    key, number = _halves(packet, Tag.SECRET_KEY, Algorithm.EDDSA, _ED25519)
    return key, ed25519.Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))


def opening_half(packet: Packet) -> tuple[KeyBody, x25519.X25519PrivateKey]:
    """Read an unprotected Cv25519 secret subkey packet: what it shows, and what opens.

    Raises:
        PacketError: when it is any other key, or one with another key derivation.

    """
    key, number = _halves(packet, Tag.SECRET_SUBKEY, Algorithm.ECDH, _CV25519, KDF)
    return key, x25519.X25519PrivateKey.from_private_bytes(number.to_bytes(32, "little"))


def _halves(
    packet: Packet, tag: Tag, algorithm: Algorithm, curve: bytes, after: bytes = b""
) -> tuple[KeyBody, int]:
    """A version 4 key of one form, and its secret number (RFC 4880, section 5.5.3)."""
    # Version, time and algorithm, the curve, a point of 263 bits with its length.
    size = 6 + len(curve) + 2 + 33 + len(after)
    key, secret = read_key(packet.body[:size]), packet.body[size:]
    fits = key.body[:1] == b"\x04" and key.material.startswith(curve) and key.body.endswith(after)
    if packet.tag != tag or key.algorithm != algorithm or not fits or secret[:1] != b"\0":
        raise PacketError("not an unprotected key of this form")
    (number,) = mpis(secret[1:], 1)
    if number >= 1 << 256:
        raise PacketError("not a secret of this curve")
    return key, number


def _moments(made: datetime, lifetime: timedelta | None) -> bytes:
    """When a self-signature was made, and how long the key lives from its own creation."""
    seconds = subpacket(2, int(made.timestamp()).to_bytes(4, "big"))
    if lifetime is None:
        return seconds
    return seconds + subpacket(9, int(lifetime.total_seconds()).to_bytes(4, "big"))


def _naming(
    secret: ed25519.Ed25519PrivateKey,
    primary: KeyBody,
    name: bytes,
    made: datetime,
    lifetime: timedelta | None,
) -> bytes:
    """The self-signature over the user id, with what the key is for and what it can read."""
    about = (
        _moments(made, lifetime)
        + subpacket(27, bytes([CERTIFY | SIGN]))
        + subpacket(11, bytes([9, 8, 7]))
        + subpacket(21, bytes([10, 9, 8]))
        + subpacket(22, b"\0")
        + subpacket(23, b"\x80")
        + subpacket(25, b"\1")
        + subpacket(30, b"\1")
    )
    named = primary.hashed + b"\xb4" + len(name).to_bytes(4, "big") + name
    return _signature(secret, primary, SignatureType.POSITIVE, named, about)


def _clamped(raw: bytes) -> bytes:
    """The scalar with the bits set that the curve fixes; GnuPG expects them so."""
    scalar = bytearray(raw)
    scalar[0] &= 248
    scalar[31] &= 127
    scalar[31] |= 64
    return bytes(scalar)
