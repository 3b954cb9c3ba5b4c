"""Detached signatures: made with a secret key at hand, checked against one given key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pysequoia
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.openpgp.packets import PacketError, armour, dearmour, split
from tcert.foundation.openpgp.signatures import digest_of, read_signature

_KIND = "SIGNATURE"
_V4 = 4


class SignatureRefused(DomainError):
    """A signature is missing, damaged, or not of the key that it should be of."""

    def __init__(self) -> None:
        super().__init__(
            _("The signature does not fit: the text was changed, or another key signed it."),
            code="bad-signature",
        )


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A secret key in memory; it shows only its fingerprint."""

    secret: bytes = field(repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def fingerprint(self) -> str:
        """Upper hex."""
        return str(self._tsk().extract_certificate().fingerprint).upper()

    @property
    def certificate(self) -> bytes:
        """The public half, binary."""
        return bytes(self._tsk().extract_certificate())

    def signer(self) -> pysequoia.PySigner:
        """The library's handle, for this room only."""
        return self._tsk().signer(password=self.password)

    def _tsk(self) -> pysequoia.Tsk:
        return pysequoia.Tsk.from_bytes(bytes=self.secret)


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds; fingerprints in upper hex."""

    certificate: str
    signing_key: str
    created: datetime | None


def sign_detached(data: bytes, key: SigningKey) -> str:
    """An armoured detached signature over the bytes."""
    made = pysequoia.sign(
        signer=key.signer(), bytes=data, mode=pysequoia.SignatureMode.DETACHED, armor=True
    )
    return made.decode() if isinstance(made, bytes) else str(made)


def verify_detached(data: bytes, signature: bytes | str, certificate: bytes | str) -> Verified:
    """Check a detached signature against one key.

    Args:
        data: The exact signed bytes.
        signature: Armoured or binary.
        certificate: The key that must have signed, armoured or binary. The caller decides
            whether that key counts (see `certificates.inspect`).

    Raises:
        SignatureRefused: when the signature does not hold.

    """
    raw = signature.encode() if isinstance(signature, str) else signature
    key = certificate.encode() if isinstance(certificate, str) else certificate
    try:
        parsed = pysequoia.Cert.from_bytes(bytes=key)
        loaded = pysequoia.Sig.from_bytes(bytes=raw)
        result = pysequoia.verify(bytes=data, store=lambda _ids: [parsed], signature=loaded)
    except Exception as error:
        raise SignatureRefused from error
    own = [s for s in result.valid_sigs if s.certificate == parsed.fingerprint]
    if not own:
        raise SignatureRefused
    return Verified(
        certificate=str(own[0].certificate).upper(),
        signing_key=str(own[0].signing_key).upper(),
        created=loaded.created,
    )


def verify_exactly(data: bytes, signature: bytes, certificate: bytes | str) -> Verified:
    """Check a detached signature that must stand there as `sign_detached` wrote it.

    Readers pass over some octets of a signature: armour headers, what is not hashed, the two
    octets that only hint at the digest. Here none of them may differ.

    Raises:
        SignatureRefused: the signature does not hold, or another octet could stand in its place.

    """
    verified = verify_detached(data, signature, certificate)
    try:
        raw = dearmour(signature, _KIND)
        packets = split(raw)
        parsed = read_signature(packets[0].body)
    except (PacketError, IndexError) as error:
        raise SignatureRefused from error
    hint = packets[0].body[len(parsed.prefix) :][:4]
    as_written = armour(packets[0].encoded, _KIND).encode()
    if len(packets) != 1 or as_written != signature or parsed.version != _V4:
        raise SignatureRefused
    if hint != b"\x00\x00" + (digest_of(parsed, data) or b"")[:2]:
        raise SignatureRefused
    return verified
