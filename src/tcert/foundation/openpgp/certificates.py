# ruff: noqa: PLR2004 - the numbers are octets of the wire format, named by the clauses of RFC 9580
"""What a key says about itself, and whether the hub takes it.

In the interface a certificate is a *key* (design/interface.md). The library seals to
expired and revoked keys without a word and takes a pasted secret key for a public one,
so every key passes here first, and again before each sealing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import pysequoia
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.openpgp.key_algorithms import algorithm_name, is_proven_in_browser, is_weak
from tcert.foundation.openpgp.packets import (
    Packet,
    PacketError,
    Tag,
    armour,
    binary,
    recipient_key_id,
    split,
)
from tcert.foundation.openpgp.signatures import (
    KeyBody,
    SelfSignature,
    SignatureType,
    is_valid,
    read_key,
    read_signature,
)

MAX_BYTES = 128 * 1024
MAX_USER_IDS = 20
KEPT_READINGS = 256

_KIND = "PUBLIC KEY BLOCK"
_SECRET_TEXT = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY")
_SECRET_TAGS = frozenset({Tag.SECRET_KEY, Tag.SECRET_SUBKEY})
_KEY_TAGS = frozenset({Tag.PUBLIC_KEY, Tag.PUBLIC_SUBKEY})
_OF_THE_KEY = frozenset({SignatureType.KEY_REVOCATION, SignatureType.DIRECT_KEY})
_CERTIFICATIONS = frozenset(range(SignatureType.GENERIC, SignatureType.POSITIVE + 1))
_OF_A_SUBKEY = frozenset({SignatureType.SUBKEY_BINDING, SignatureType.SUBKEY_REVOCATION})


class Refusal(StrEnum):
    """Why a key is not taken."""

    SECRET_KEY = "secret-key"  # noqa: S105 - a reason, no secret
    TOO_LARGE = "too-large"
    NOT_A_KEY = "not-a-key"
    SEVERAL_KEYS = "several-keys"
    TOO_MANY_USER_IDS = "too-many-user-ids"
    WEAK = "weak"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NO_ENCRYPTION_SUBKEY = "no-encryption-subkey"


_MESSAGES: dict[Refusal, Promise] = {
    Refusal.SECRET_KEY: _(
        "This is a secret key. It has left your machine and must be considered lost: revoke it, "
        "make a new one, and upload only the public half. The hub has not stored it."
    ),
    Refusal.TOO_LARGE: _(
        "This key is larger than 128 KB. Export it without other people's signatures."
    ),
    Refusal.NOT_A_KEY: _("This is not a public OpenPGP key. Paste the whole exported block."),
    Refusal.SEVERAL_KEYS: _("These are several keys. Give one key at a time."),
    Refusal.TOO_MANY_USER_IDS: _("This key carries more than 20 user ids. Export it with fewer."),
    Refusal.WEAK: _(
        "This key rests on an algorithm that is too weak today (a short RSA key, DSA, ElGamal or "
        "a SHA-1 signature). Make a new key, or renew its signatures."
    ),
    Refusal.REVOKED: _("This key has been revoked by its owner."),
    Refusal.EXPIRED: _("This key, or its part for encryption, has expired."),
    Refusal.NO_ENCRYPTION_SUBKEY: _(
        "Nothing can be sealed to this key: it has no part for encryption."
    ),
}


class CertificateRefused(DomainError):
    """A key was not taken; `code` is a `Refusal`, `message` says what its owner can do."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(_MESSAGES[code], code=code)


@dataclass(frozen=True, slots=True)
class SubkeyInfo:
    """One part of a key; `expires` already includes the whole key's expiry."""

    fingerprint: str
    key_id: str
    created: datetime
    expires: datetime | None
    revoked: bool
    algorithm: str
    weak: bool
    usable: bool


@dataclass(frozen=True, slots=True)
class CertificateInfo:
    """A key as the hub and its readers see it; fingerprints and key ids are upper hex."""

    version: int
    fingerprint: str
    user_ids: tuple[str, ...]
    created: datetime
    expires: datetime | None
    revoked: bool
    algorithm: str
    weak: bool
    encryption_subkeys: tuple[SubkeyInfo, ...]
    signing_subkeys: tuple[SubkeyInfo, ...]
    remark: str
    certificate: bytes = field(repr=False)

    @property
    def armoured(self) -> str:
        """The public key as text."""
        return armour(self.certificate, _KIND)

    @property
    def usable_subkeys(self) -> tuple[SubkeyInfo, ...]:
        """The subkeys that may be sealed to now."""
        return tuple(subkey for subkey in self.encryption_subkeys if subkey.usable)

    @property
    def newest_subkey(self) -> SubkeyInfo | None:
        """The one that GnuPG and OpenPGP.js choose among those that may be sealed to now."""
        return max(self.usable_subkeys, key=lambda subkey: subkey.created, default=None)

    @property
    def latest_subkey(self) -> SubkeyInfo | None:
        """The newest one that was not revoked, whether or not it has run out."""
        living = [subkey for subkey in self.encryption_subkeys if not subkey.revoked]
        return max(living, key=lambda subkey: subkey.created, default=None)

    @property
    def key_ids(self) -> frozenset[str]:
        """Ids of the subkeys that may be sealed to now."""
        return frozenset(subkey.key_id for subkey in self.usable_subkeys)

    @property
    def display_fingerprint(self) -> str:
        """The fingerprint in groups of four, for reading aloud."""
        digits = self.fingerprint
        return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


@dataclass(slots=True)
class _Component:
    """A key or user id with the signatures that follow it."""

    packet: Packet
    signatures: list[SelfSignature] = field(default_factory=list)
    checked: list[tuple[SelfSignature, bool | None]] = field(default_factory=list)

    def check(self, key: KeyBody, signed: bytes, types: Collection[int]) -> None:
        """Check the signatures of these types that the key made over some bytes."""
        self.checked = [(s, is_valid(s, key, signed)) for s in self.signatures if s.type in types]


def inspect(data: bytes | str, now: datetime) -> CertificateInfo:
    """Read a key and refuse it unless messages can be sealed to it now.

    Args:
        data: One public key, armoured or binary.
        now: The moment that decides about expiry, aware.

    Raises:
        CertificateRefused: with one of `Refusal`.

    """
    info = describe(data, now)
    if info.revoked:
        raise CertificateRefused(Refusal.REVOKED)
    if info.weak:
        raise CertificateRefused(Refusal.WEAK)
    if info.expires is not None and info.expires <= now:
        raise CertificateRefused(Refusal.EXPIRED)
    if not info.usable_subkeys:
        raise CertificateRefused(_why_unusable(info.encryption_subkeys, now))
    return info


def _why_unusable(subkeys: tuple[SubkeyInfo, ...], now: datetime) -> Refusal:
    if any(subkey.weak for subkey in subkeys):
        return Refusal.WEAK
    if any(subkey.expires is not None and subkey.expires <= now for subkey in subkeys):
        return Refusal.EXPIRED
    if any(subkey.revoked for subkey in subkeys):
        return Refusal.REVOKED
    return Refusal.NO_ENCRYPTION_SUBKEY


def describe(data: bytes | str, now: datetime) -> CertificateInfo:
    """Read a key without asking whether it can be used, to show its state.

    Raises:
        CertificateRefused: when it is secret, not one key, or too large.

    """
    raw = data.encode() if isinstance(data, str) else data
    read = _reading(raw, int(now.timestamp()) // 60)
    key, library = read.key, read.library
    expires, revoked = _whole_key(library, read.primary)
    parts = [
        part
        for part in (_subkey(component, expires, now, library) for component in read.subkeys)
        if part
    ]
    own_flags = _primary_flags(read.primary, read.user_ids, now)
    if own_flags:
        itself = _info(key, expires, revoked=revoked, now=now)
        parts.insert(0, (itself, own_flags))
    return CertificateInfo(
        version=key.version,
        fingerprint=key.fingerprint,
        user_ids=_user_ids(library, read.user_ids),
        created=key.created,
        expires=expires,
        revoked=revoked,
        algorithm=algorithm_name(key),
        weak=is_weak(key) or library is None,
        encryption_subkeys=tuple(part for part, flags in parts if flags.may_encrypt),
        signing_subkeys=tuple(part for part, flags in parts if flags.may_sign),
        remark=_remark(key, parts),
        certificate=read.certificate,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """A key read and its signatures checked: everything that is the same at every moment."""

    certificate: bytes
    key: KeyBody
    primary: _Component
    user_ids: list[_Component]
    subkeys: list[_Component]
    library: _LibraryView | None


@lru_cache(maxsize=KEPT_READINGS)
def _reading(data: bytes, minute: int) -> _Reading:
    """Read one public key; the same bytes are read and checked once a minute.

    One report asks for its two keys sixteen times, and a conversation of 120 readers for each of
    theirs twice. Only public keys are kept. What depends on the moment is worked out anew at each
    call from the dates in the signatures; what the library says of its own clock is a minute old
    at most, and other bytes (a revocation) are another key here.
    """
    return _checked(b"".join(packet.encoded for packet in _public_packets(data)), minute)


@lru_cache(maxsize=KEPT_READINGS)
def _checked(certificate: bytes, _minute: int) -> _Reading:
    """Check a key that came armoured and binary, as a reporter's does, once."""
    packets = split(certificate)
    primary, user_ids, subkeys = _components(packets)
    key = _read(primary.packet)
    primary.check(key, key.hashed, _OF_THE_KEY)
    for component in user_ids:
        name = component.packet.body
        signed = key.hashed + b"\xb4" + len(name).to_bytes(4, "big") + name
        component.check(key, signed, _CERTIFICATIONS)
    for component in subkeys:
        with suppress(PacketError):  # of a version that nothing is sealed to; `_subkey` skips it
            signed = key.hashed + read_key(component.packet.body).hashed
            component.check(key, signed, _OF_A_SUBKEY)
    return _Reading(certificate, key, primary, user_ids, subkeys, _library_view(certificate))


def _public_packets(data: bytes) -> list[Packet]:
    """The packets of exactly one public key, or the reason why they are not."""
    if _SECRET_TEXT.search(data):
        raise CertificateRefused(Refusal.SECRET_KEY)
    if data.count(b"-----BEGIN PGP " + _KIND.encode()) > 1:
        raise CertificateRefused(Refusal.SEVERAL_KEYS)
    # Armour and line ends add a third; the limit is on the key itself.
    if len(data) > 2 * MAX_BYTES:
        raise CertificateRefused(Refusal.TOO_LARGE)
    try:
        raw = binary(data, _KIND)
        packets = split(raw)
    except PacketError as error:
        raise CertificateRefused(Refusal.NOT_A_KEY) from error
    if any(packet.tag in _SECRET_TAGS for packet in packets):
        raise CertificateRefused(Refusal.SECRET_KEY)
    if len(raw) > MAX_BYTES:
        raise CertificateRefused(Refusal.TOO_LARGE)
    if not packets or packets[0].tag != Tag.PUBLIC_KEY:
        raise CertificateRefused(Refusal.NOT_A_KEY)
    if sum(packet.tag == Tag.PUBLIC_KEY for packet in packets) > 1:
        raise CertificateRefused(Refusal.SEVERAL_KEYS)
    if sum(packet.tag == Tag.USER_ID for packet in packets) > MAX_USER_IDS:
        raise CertificateRefused(Refusal.TOO_MANY_USER_IDS)
    # Trust packets are somebody's private notes, markers and padding say nothing.
    return [p for p in packets if p.tag not in {Tag.TRUST, Tag.MARKER, Tag.PADDING}]


def _components(packets: list[Packet]) -> tuple[_Component, list[_Component], list[_Component]]:
    components: list[_Component] = []
    for packet in packets:
        if packet.tag in _KEY_TAGS | {Tag.USER_ID, Tag.USER_ATTRIBUTE}:
            components.append(_Component(packet))
        elif packet.tag == Tag.SIGNATURE:
            try:
                components[-1].signatures.append(read_signature(packet.body))
            except PacketError:
                # Signatures of old versions bind nothing; they are carried, not counted.
                continue
        else:
            raise CertificateRefused(Refusal.NOT_A_KEY)
    return (
        components[0],
        [c for c in components if c.packet.tag == Tag.USER_ID],
        [c for c in components if c.packet.tag == Tag.PUBLIC_SUBKEY],
    )


def _read(packet: Packet) -> KeyBody:
    try:
        return read_key(packet.body)
    except PacketError as error:
        # Versions 2 and 3 have forgeable key ids.
        code = Refusal.WEAK if packet.body[:1] in {b"\x02", b"\x03"} else Refusal.NOT_A_KEY
        raise CertificateRefused(code) from error


@dataclass(frozen=True, slots=True)
class _LibraryView:
    """What the library, which checks every signature under its policy, makes of the key."""

    user_ids: tuple[str, ...]
    expires: datetime | None
    revoked: bool
    sealed_to: frozenset[str]


def _library_view(certificate: bytes) -> _LibraryView | None:
    """None when the library's policy finds no valid self-signature."""
    try:
        parsed = pysequoia.Cert.from_bytes(bytes=certificate)
    except Exception as error:
        raise CertificateRefused(Refusal.NOT_A_KEY) from error
    try:
        expires, revoked = parsed.expiration, parsed.is_revoked
    except Exception:  # noqa: BLE001 - the library raises bare exceptions with stack traces
        return None
    user_ids = tuple(str(user_id) for user_id in parsed.user_ids)
    return _LibraryView(user_ids, expires, revoked, frozenset(_probe(parsed)))


def _probe(parsed: pysequoia.Cert) -> Iterator[str]:
    """Ids of the subkeys whose binding the library accepts, whatever their expiry."""
    try:
        sealed = pysequoia.encrypt(bytes=b"", recipients=[parsed], armor=False)
    except Exception:  # noqa: BLE001 - see above
        return
    for packet in split(sealed):
        if packet.tag != Tag.PKESK:
            continue
        if packet.body[0] == 6:
            size = packet.body[1]
            fingerprint = packet.body[3 : 2 + size].hex().upper()
            yield fingerprint[-16:] if packet.body[2] == 4 else fingerprint[:16]
        else:
            yield recipient_key_id(packet.body)


def _whole_key(library: _LibraryView | None, primary: _Component) -> tuple[datetime | None, bool]:
    """Expiry and revocation of the key as a whole."""
    revoked = any(
        signature.type == SignatureType.KEY_REVOCATION and valid is not False
        for signature, valid in primary.checked
    )
    if library is None:
        return None, revoked
    return library.expires, revoked or library.revoked


def _user_ids(library: _LibraryView | None, components: list[_Component]) -> tuple[str, ...]:
    """User ids that are bound and not revoked; as written when the library cannot say."""
    if library is None:
        return tuple(c.packet.body.decode(errors="replace") for c in components)
    return library.user_ids


def _newest(signatures: list[SelfSignature], now: datetime) -> SelfSignature | None:
    """The newest signature that was made by now and still counts."""
    living = [
        (s.created, at, s)
        for at, s in enumerate(signatures)
        if s.created and s.created <= now and (s.expires is None or now < s.expires)
    ]
    return max(living, default=(None, 0, None))[2]


def _primary_flags(
    primary: _Component, user_ids: list[_Component], now: datetime
) -> SelfSignature | None:
    """The newest self-signature that says what the primary key is for."""
    direct = [
        s
        for s, valid in primary.checked
        if s.type == SignatureType.DIRECT_KEY and valid is not False
    ]
    if newest := _newest(direct, now):
        return newest
    named = [s for one in user_ids for s, valid in one.checked if valid is not False]
    return _newest(named, now)


def _subkey(
    component: _Component,
    whole_expires: datetime | None,
    now: datetime,
    library: _LibraryView | None,
) -> tuple[SubkeyInfo, SelfSignature] | None:
    """A subkey with the binding that counts, or None when nothing binds it."""
    try:
        subkey = read_key(component.packet.body)
    except PacketError:
        return None
    known_to_library = library is not None and subkey.key_id in library.sealed_to
    bindings = [
        s
        for s, valid in component.checked
        if s.type == SignatureType.SUBKEY_BINDING
        and (valid or (valid is None and (known_to_library or s.may_sign)))
    ]
    binding = _newest(bindings, now)
    if binding is None:
        return None
    revoked = any(
        s.type == SignatureType.SUBKEY_REVOCATION and valid is not False
        for s, valid in component.checked
    )
    expires = whole_expires
    if binding.key_lifetime is not None:
        own = subkey.created + binding.key_lifetime
        expires = min(own, expires) if expires else own
    info = _info(subkey, expires, revoked=revoked, now=now, sealable=known_to_library)
    return info, binding


def _info(
    key: KeyBody, expires: datetime | None, *, revoked: bool, now: datetime, sealable: bool = True
) -> SubkeyInfo:
    weak = is_weak(key)
    alive = key.created <= now and (expires is None or now < expires)
    return SubkeyInfo(
        fingerprint=key.fingerprint,
        key_id=key.key_id,
        created=key.created,
        expires=expires,
        revoked=revoked,
        algorithm=algorithm_name(key),
        weak=weak,
        usable=alive and not revoked and not weak and sealable,
    )


def _remark(key: KeyBody, parts: list[tuple[SubkeyInfo, SelfSignature]]) -> str:
    """Version 6 and post-quantum keys are taken, but the browser's side is not proven with them."""
    strange = any(not is_proven_in_browser(part.algorithm) for part, _flags in parts if part.usable)
    return str(_("not usable in the browser yet")) if key.version != 4 or strange else ""
