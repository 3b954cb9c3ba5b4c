"""A reporter's key, written packet by packet, so that nothing in it tells when it was made.

The library of this room can neither set a creation date nor leave a user id constant, and keys that
it makes advertise a message format that GnuPG 2.2 cannot read. A reporter's key is small and fixed
in form: version 4, an EdDSA primary key on Ed25519 and an ECDH subkey on Curve25519 (RFC 4880,
RFC 6637, RFC 9580 appendix; the "legacy" forms that GnuPG 2.2, Sequoia and OpenPGP.js all read).
Every date in it is the same constant and every user id is the same word: two reporters' keys differ
in their random key material only. A reporter's signatures name the same constant, because the day
of signing would tell who wrote about midnight. `static/intake/sealing.js` does both in the browser.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

CREATED = datetime(2020, 1, 1, tzinfo=UTC)
USER_ID = "reporter"

_TIME = int(CREATED.timestamp()).to_bytes(4, "big")
_PUBLIC_KEY, _SECRET_KEY, _PUBLIC_SUBKEY, _SECRET_SUBKEY = 6, 5, 14, 7
_SIGNATURE, _USER_ID = 2, 13
_EDDSA, _ECDH, _SHA512 = 22, 18, 10
_OID_ED25519 = bytes.fromhex("2b06010401da470f01")
_OID_CV25519 = bytes.fromhex("2b060104019755010501")
_KDF = bytes([3, 1, 8, 7])  # length, reserved, SHA-256, AES-128: what GnuPG writes for Curve25519
_UNLOCKED = b"\x00"  # secret material in clear: the whole file is locked from outside
_POSITIVE_CERTIFICATION, _SUBKEY_BINDING = 0x13, 0x18
_CERTIFY_AND_SIGN, _ENCRYPT = b"\x03", b"\x0c"
_LENGTH_ONE_OCTET, _LENGTH_TWO_OCTETS = 192, 8384


@dataclass(frozen=True)
class ReporterKey:
    """A fresh key: `secret` is the transferable secret key, unlocked; never store it as it is."""

    fingerprint: str
    certificate: bytes
    secret: bytes


def create() -> ReporterKey:
    """Make a key from the system's random source; all but the key material is constant."""
    signing, opening = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
    primary = _public(_EDDSA, _OID_ED25519, signing.public_key().public_bytes_raw(), parameters=b"")
    subkey = _public(_ECDH, _OID_CV25519, opening.public_key().public_bytes_raw(), parameters=_KDF)
    user_id = USER_ID.encode()
    certification = _signature(
        signing,
        primary,
        _POSITIVE_CERTIFICATION,
        _hashed_user_id(user_id),
        _subpacket(27, _CERTIFY_AND_SIGN)
        + _subpacket(11, b"\x09\x07")  # AES-256, AES-128
        + _subpacket(21, b"\x0a\x08")  # SHA-512, SHA-256
        + _subpacket(22, b"\x00")  # no compression: length tells nothing, bombs find no door
        + _subpacket(30, b"\x01")  # modification detection only: SEIPD version 1
        + _subpacket(25, b"\x01"),
    )
    binding = _signature(
        signing, primary, _SUBKEY_BINDING, _hashed_key(subkey), _subpacket(27, _ENCRYPT)
    )
    parts = [_packet(_USER_ID, user_id), certification]
    return ReporterKey(
        fingerprint=_fingerprint(primary).hex().upper(),
        certificate=b"".join(
            [_packet(_PUBLIC_KEY, primary), *parts, _packet(_PUBLIC_SUBKEY, subkey), binding]
        ),
        secret=b"".join(
            [
                _packet(_SECRET_KEY, primary + _secret(signing.private_bytes_raw())),
                *parts,
                # The format stores this scalar with its fixed bits set, most significant first.
                _packet(_SECRET_SUBKEY, subkey + _secret(_clamped(opening.private_bytes_raw()))),
                binding,
            ]
        ),
    )


def _packet(tag: int, body: bytes) -> bytes:
    """Frame a packet in the new format (RFC 9580, 4.2.1)."""
    size = len(body)
    if size < _LENGTH_ONE_OCTET:
        length = bytes([size])
    elif size < _LENGTH_TWO_OCTETS:
        length = (size - _LENGTH_ONE_OCTET + (_LENGTH_ONE_OCTET << 8)).to_bytes(2, "big")
    else:
        length = b"\xff" + size.to_bytes(4, "big")
    return bytes([0xC0 | tag]) + length + body


def _subpacket(kind: int, data: bytes) -> bytes:
    return bytes([len(data) + 1, kind]) + data


def _mpi(number: bytes) -> bytes:
    """Write a multiprecision integer: bit count, then the octets without leading zeros."""
    stripped = number.lstrip(b"\x00")
    return int.from_bytes(stripped, "big").bit_length().to_bytes(2, "big") + stripped


def _public(algorithm: int, oid: bytes, point: bytes, *, parameters: bytes) -> bytes:
    """Return the body of a public key packet; 0x40 marks a native point (RFC 9580, 11.2)."""
    curve = bytes([len(oid)]) + oid
    return b"\x04" + _TIME + bytes([algorithm]) + curve + _mpi(b"\x40" + point) + parameters


def _secret(number: bytes) -> bytes:
    """Return the secret tail of a key packet: unlocked, with its two-octet sum."""
    material = _mpi(number)
    return _UNLOCKED + material + (sum(material) % 65536).to_bytes(2, "big")


def _clamped(scalar: bytes) -> bytes:
    """Return an X25519 scalar with its fixed bits set (RFC 7748, 5), most significant first."""
    octets = bytearray(scalar)
    octets[0] &= 248
    octets[31] = octets[31] & 127 | 64
    return bytes(reversed(octets))


def _hashed_key(body: bytes) -> bytes:
    return b"\x99" + len(body).to_bytes(2, "big") + body


def _hashed_user_id(user_id: bytes) -> bytes:
    return b"\xb4" + len(user_id).to_bytes(4, "big") + user_id


def _fingerprint(body: bytes) -> bytes:
    return hashlib.sha1(_hashed_key(body), usedforsecurity=False).digest()


def _signature(
    key: Ed25519PrivateKey, primary: bytes, kind: int, subject: bytes, subpackets: bytes
) -> bytes:
    """Return a version 4 self-signature over the primary key and `subject` (RFC 9580, 5.2.4)."""
    fingerprint = _fingerprint(primary)
    hashed = _subpacket(2, _TIME) + subpackets + _subpacket(33, b"\x04" + fingerprint)
    head = bytes([4, kind, _EDDSA, _SHA512]) + len(hashed).to_bytes(2, "big") + hashed
    trailer = b"\x04\xff" + len(head).to_bytes(4, "big")
    digest = hashlib.sha512(_hashed_key(primary) + subject + head + trailer).digest()
    made = key.sign(digest)
    issuer = _subpacket(16, fingerprint[-8:])
    return _packet(
        _SIGNATURE,
        head
        + len(issuer).to_bytes(2, "big")
        + issuer
        + digest[:2]
        + _mpi(made[:32])
        + _mpi(made[32:]),
    )
