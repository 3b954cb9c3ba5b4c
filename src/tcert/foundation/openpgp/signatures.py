# ruff: noqa: PLR2004 - the numbers are octets of the wire format, named by the clauses cited
"""Reading and checking the self-signatures of a key, packet by packet.

The library behind this room does not say which subkey is bound, expired or revoked,
so the hub reads it itself. The hash input is RFC 9580, section 5.2.4.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from tcert.foundation.openpgp.packets import PacketError


class SignatureType(IntEnum):
    """Signature types that concern a key's own holder."""

    GENERIC = 0x10
    PERSONA = 0x11
    CASUAL = 0x12
    POSITIVE = 0x13
    SUBKEY_BINDING = 0x18
    PRIMARY_BINDING = 0x19
    DIRECT_KEY = 0x1F
    KEY_REVOCATION = 0x20
    SUBKEY_REVOCATION = 0x28
    CERTIFICATION_REVOCATION = 0x30


class Algorithm(IntEnum):
    """Public key algorithms (RFC 9580, section 9.1)."""

    RSA = 1
    RSA_ENCRYPT = 2
    RSA_SIGN = 3
    ELGAMAL = 16
    DSA = 17
    ECDH = 18
    ECDSA = 19
    ELGAMAL_BOTH = 20
    EDDSA = 22
    X25519 = 25
    X448 = 26
    ED25519 = 27
    ED448 = 28


CREATED = 2
EXPIRES_AFTER = 3
KEY_EXPIRES_AFTER = 9
KEY_FLAGS = 27

# MD5, SHA-1 and RIPEMD-160 bind nothing any more.
HASHES: dict[int, tuple[str, hashes.HashAlgorithm]] = {
    8: ("sha256", hashes.SHA256()),
    9: ("sha384", hashes.SHA384()),
    10: ("sha512", hashes.SHA512()),
    11: ("sha224", hashes.SHA224()),
    12: ("sha3_256", hashes.SHA3_256()),
    14: ("sha3_512", hashes.SHA3_512()),
}

CURVES: dict[str, ec.EllipticCurve] = {
    "2a8648ce3d030107": ec.SECP256R1(),
    "2b81040022": ec.SECP384R1(),
    "2b81040023": ec.SECP521R1(),
    "2b2403030208010107": ec.BrainpoolP256R1(),
    "2b240303020801010b": ec.BrainpoolP384R1(),
    "2b240303020801010d": ec.BrainpoolP512R1(),
}


@dataclass(frozen=True, slots=True)
class KeyBody:
    """The body of a public key or subkey packet, read as far as the hub needs."""

    body: bytes
    version: int
    created: datetime
    algorithm: int
    material: bytes

    @property
    def hashed(self) -> bytes:
        """The key as signatures and fingerprints see it."""
        if self.version == 4:
            return b"\x99" + len(self.body).to_bytes(2, "big") + self.body
        return b"\x9b" + len(self.body).to_bytes(4, "big") + self.body

    @property
    def fingerprint(self) -> str:
        """Upper hex."""
        if self.version == 4:
            # Not a choice: the fingerprint of a version 4 key is SHA-1 by definition.
            return hashlib.sha1(self.hashed, usedforsecurity=False).hexdigest().upper()
        return hashlib.sha256(self.hashed).hexdigest().upper()

    @property
    def key_id(self) -> str:
        """Upper hex, 16 digits: the end of a version 4 fingerprint, the start of a later one."""
        return self.fingerprint[-16:] if self.version == 4 else self.fingerprint[:16]


def read_key(body: bytes) -> KeyBody:
    """Read a key packet's body.

    Raises:
        PacketError: for versions other than 4 and 6, and for a body cut short.

    """
    head = 6 if body[:1] == b"\x04" else 10
    if body[:1] not in {b"\x04", b"\x06"} or len(body) <= head:
        raise PacketError("not a version 4 or 6 key")
    return KeyBody(
        body=body,
        version=body[0],
        created=datetime.fromtimestamp(int.from_bytes(body[1:5], "big"), UTC),
        algorithm=body[5],
        material=body[head:],
    )


@dataclass(frozen=True, slots=True)
class SelfSignature:
    """One signature packet, parsed but not yet checked."""

    version: int
    type: int
    algorithm: int
    hash_algorithm: int
    prefix: bytes
    salt: bytes
    subpackets: dict[int, bytes]
    values: bytes

    @property
    def created(self) -> datetime | None:
        """When it was made; only the hashed area counts."""
        raw = self.subpackets.get(CREATED, b"")
        return datetime.fromtimestamp(int.from_bytes(raw, "big"), UTC) if len(raw) == 4 else None

    @property
    def key_lifetime(self) -> timedelta | None:
        """How long after its creation the key lives; None is for ever."""
        return _duration(self.subpackets.get(KEY_EXPIRES_AFTER, b""))

    @property
    def expires(self) -> datetime | None:
        """When the signature itself stops counting; None is never."""
        lifetime = _duration(self.subpackets.get(EXPIRES_AFTER, b""))
        return self.created + lifetime if self.created and lifetime else None

    @property
    def may_encrypt(self) -> bool:
        """Whether the key is for encryption, of transport or storage."""
        return bool((self.subpackets.get(KEY_FLAGS) or b"\0")[0] & 0x0C)

    @property
    def may_sign(self) -> bool:
        """Whether the key is for signing data."""
        return bool((self.subpackets.get(KEY_FLAGS) or b"\0")[0] & 0x02)


def _duration(raw: bytes) -> timedelta | None:
    seconds = int.from_bytes(raw, "big") if len(raw) == 4 else 0
    return timedelta(seconds=seconds) if seconds else None


def read_signature(body: bytes) -> SelfSignature:
    """Parse a signature packet of version 4 or 6.

    Raises:
        PacketError: for other versions and damaged bodies.

    """
    if len(body) < 6 or body[0] not in (4, 6):
        raise PacketError("not a version 4 or 6 signature")
    wide = 2 if body[0] == 4 else 4
    hashed_size = int.from_bytes(body[4 : 4 + wide], "big")
    end = 4 + wide + hashed_size
    unhashed_size = int.from_bytes(body[end : end + wide], "big")
    at = end + wide + unhashed_size + 2
    if len(body) < at:
        raise PacketError("a signature is cut short")
    salt = b""
    if body[0] == 6:
        if len(body) <= at:
            raise PacketError("a signature is cut short")
        salt = body[at + 1 : at + 1 + body[at]]
        at += 1 + len(salt)
    return SelfSignature(
        version=body[0],
        type=body[1],
        algorithm=body[2],
        hash_algorithm=body[3],
        prefix=body[:end],
        salt=salt,
        subpackets=_subpackets(body[4 + wide : end]),
        values=body[at:],
    )


def _subpackets(area: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at < len(area):
        first = area[at]
        if first < 192:
            size, at = first, at + 1
        elif first < 255:
            size, at = (
                ((first - 192) << 8) + int.from_bytes(area[at + 1 : at + 2], "big") + 192,
                at + 2,
            )
        else:
            size, at = int.from_bytes(area[at + 1 : at + 5], "big"), at + 5
        if size < 1 or at + size > len(area):
            raise PacketError("a signature subpacket is cut short")
        # The last of a repeated kind counts, as GnuPG and Sequoia read it.
        found[area[at] & 0x7F] = area[at + 1 : at + size]
        at += size
    return found


def digest_of(signature: SelfSignature, signed: bytes) -> bytes | None:
    """Return what a signature is over (RFC 9580, section 5.2.4); None for a hash too weak."""
    known = HASHES.get(signature.hash_algorithm)
    if known is None:
        return None
    trailer = bytes([signature.version, 0xFF]) + len(signature.prefix).to_bytes(4, "big")
    return hashlib.new(known[0], signature.salt + signed + signature.prefix + trailer).digest()


def is_valid(signature: SelfSignature, signer: KeyBody, signed: bytes) -> bool | None:
    """Whether a key made a signature over some bytes.

    Args:
        signature: The parsed signature.
        signer: The key that is said to have made it.
        signed: What it covers, before the signature's own trailer.

    Returns:
        True or False, or None when the algorithm is one that cannot be checked here
        (post-quantum ones): the caller then asks the library.

    """
    digest = digest_of(signature, signed)
    if digest is None:
        return False
    if signature.algorithm != signer.algorithm or signature.version != signer.version:
        return False
    try:
        return _check(signature.values, signer, digest, HASHES[signature.hash_algorithm][1])
    except (InvalidSignature, OverflowError, PacketError, ValueError):
        return False
    except UnsupportedAlgorithm:
        return None


def _check(
    values: bytes, signer: KeyBody, digest: bytes, algorithm: hashes.HashAlgorithm
) -> bool | None:
    match signer.algorithm:
        case Algorithm.RSA | Algorithm.RSA_SIGN:
            modulus, exponent = mpis(signer.material, 2)
            (value,) = mpis(values, 1)
            key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
            raw = value.to_bytes((modulus.bit_length() + 7) // 8, "big")
            key.verify(raw, digest, padding.PKCS1v15(), Prehashed(algorithm))
        case Algorithm.ECDSA:
            oid, rest = _oid(signer.material)
            if oid not in CURVES:
                return None
            (point,) = mpis(rest, 1)
            raw_point = point.to_bytes((point.bit_length() + 7) // 8, "big")
            curve_key = ec.EllipticCurvePublicKey.from_encoded_point(CURVES[oid], raw_point)
            r, s = mpis(values, 2)
            curve_key.verify(encode_dss_signature(r, s), digest, ec.ECDSA(Prehashed(algorithm)))
        case Algorithm.EDDSA:
            _oid_text, rest = _oid(signer.material)
            (point,) = mpis(rest, 1)
            r, s = mpis(values, 2)
            ed25519.Ed25519PublicKey.from_public_bytes(point.to_bytes(33, "big")[1:]).verify(
                r.to_bytes(32, "big") + s.to_bytes(32, "big"), digest
            )
        case Algorithm.ED25519:
            ed25519.Ed25519PublicKey.from_public_bytes(signer.material[:32]).verify(
                values[:64], digest
            )
        case Algorithm.ED448:
            ed448.Ed448PublicKey.from_public_bytes(signer.material[:57]).verify(
                values[:114], digest
            )
        case _:
            return None
    return True


def mpis(data: bytes, count: int) -> list[int]:
    """The first so many multiprecision integers.

    Raises:
        PacketError: when the data ends before them.

    """
    found = []
    at = 0
    for _ in range(count):
        size = (int.from_bytes(data[at : at + 2], "big") + 7) // 8
        raw = data[at + 2 : at + 2 + size]
        if len(data) < at + 2 or len(raw) != size:
            raise PacketError("a number is cut short")
        found.append(int.from_bytes(raw, "big"))
        at += 2 + size
    return found


def _oid(material: bytes) -> tuple[str, bytes]:
    size = material[0] if material else 0
    return material[1 : 1 + size].hex(), material[1 + size :]


def curve_of(key: KeyBody) -> str:
    """The curve's object identifier in hex, for algorithms that name one."""
    return _oid(key.material)[0]
