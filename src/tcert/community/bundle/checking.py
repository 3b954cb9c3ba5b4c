"""Whether a bundle is the hub's, whole, in time, and not older than one accepted before.

Needs no database and no network: the bundle, the hub's key, the clock, and what was accepted last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tcert.community.bundle import manifest, packing
from tcert.community.bundle.manifest import LIFETIME, Manifest, NoManifest, digest
from tcert.community.bundle.packing import MANIFEST, SIGNATURE, NoBundle
from tcert.foundation.openpgp.certificates import CertificateInfo
from tcert.foundation.openpgp.hubchanges import Predecessor
from tcert.foundation.openpgp.signing import SignatureRefused, Verified, verify_exactly

SKEW = timedelta(minutes=10)
"""A clock may be behind the hub's by so much; a bundle from further ahead is not taken."""


class Refusal(StrEnum):
    """Why a bundle is refused."""

    ALTERED = "altered"
    EXPIRED = "expired"
    ROLLED_BACK = "rolled-back"
    OTHER_LINE = "other-line"
    EARLY = "early"


class BundleRefused(Exception):
    """A bundle is refused; the message is one sentence."""

    def __init__(self, refusal: Refusal, sentence: str) -> None:
        super().__init__(sentence)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Known:
    """The bundle that was accepted last; of a serial that was merely noted there is no hash."""

    serial: int
    manifest: str = ""
    hub: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A bundle that holds."""

    manifest: Manifest
    digest: str
    signer: str
    missed: int
    """So many bundles came between it and the one accepted last."""
    files: dict[str, bytes]

    @property
    def known(self) -> Known:
        """Return what to remember of it."""
        return Known(self.manifest.serial, self.digest, self.manifest.hub)


def check(
    data: bytes,
    *,
    key: CertificateInfo,
    now: datetime,
    predecessors: Sequence[Predecessor] = (),
    known: Known | None = None,
) -> Accepted:
    """Check a bundle; the signature before anything else of it is believed.

    Args:
        data: The file.
        key: The hub's key, which the reader trusts.
        now: The reader's clock.
        predecessors: Keys that handed over to it.
        known: What was accepted last; None compares with nothing.

    Raises:
        BundleRefused: it is altered, expired, rolled back, of another line, or of the future.

    """
    try:
        files = packing.unpack(data)
    except NoBundle:
        raise BundleRefused(
            Refusal.ALTERED,
            "This is not a bundle as the hub packs it: a file in it is missing, added, named "
            "twice or changed in form, or the download broke off.",
        ) from None
    signer, before = _signed(files[MANIFEST], files[SIGNATURE], key, predecessors)
    try:
        found = manifest.read(files[MANIFEST])
    except NoManifest:
        raise BundleRefused(
            Refusal.ALTERED,
            "The hub's key signed this, but it is no manifest that this version can read.",
        ) from None
    _whole(found, files)
    if before is not None:
        _of_its_time(found, before)
    _in_time(found, key, now)
    own = digest(files[MANIFEST])
    missed = after(found, own, known) if known else 0
    return Accepted(found, own, signer, missed, files)


def _signed(
    text: bytes, signature: bytes, key: CertificateInfo, predecessors: Sequence[Predecessor]
) -> tuple[str, Predecessor | None]:
    if key.revoked:
        raise BundleRefused(
            Refusal.ALTERED,
            "The key is revoked: what it signed cannot be told from a forgery.",
        )
    try:
        return verify_exactly(text, signature, key.certificate).certificate, None
    except SignatureRefused:
        pass
    for before in predecessors:
        try:
            verified: Verified = verify_exactly(text, signature, before.certificate.certificate)
        except SignatureRefused:
            continue
        if before.signed_in_time(verified):
            return verified.certificate, before
        raise _too_late(before)
    raise BundleRefused(
        Refusal.ALTERED,
        "The signature does not fit: the manifest was changed, or another key signed it.",
    )


def _too_late(before: Predecessor) -> BundleRefused:
    return BundleRefused(
        Refusal.ALTERED,
        f"It is signed with an earlier key of the hub, after {before.on:%Y-%m-%d}, when that "
        "key was replaced: somebody else may have it.",
    )


def _of_its_time(found: Manifest, before: Predecessor) -> None:
    """Hold the dates of a bundle of an earlier key against the change of keys.

    Whoever has an old key can date a signature back, so the bundle itself must be of that time,
    and run out as all do: then a key that was replaced counts for nothing a month later.
    """
    if found.issued >= before.on + timedelta(days=1) or found.expires > found.issued + LIFETIME:
        raise _too_late(before)


def _whole(found: Manifest, files: dict[str, bytes]) -> None:
    if set(found.files) != set(packing.CONTENTS):
        raise BundleRefused(
            Refusal.ALTERED, "The manifest names other files than the bundle holds."
        )
    for name, expected in found.files.items():
        if digest(files[name]) != expected:
            raise BundleRefused(
                Refusal.ALTERED, f"{name} was changed: its hash is not the one that was signed."
            )


def _in_time(found: Manifest, key: CertificateInfo, now: datetime) -> None:
    if found.issued > now + SKEW:
        raise BundleRefused(
            Refusal.EARLY,
            f"It is dated {found.issued:%Y-%m-%d %H:%M} UTC, which is still to come: set the clock "
            "of this machine, or do not trust the bundle.",
        )
    if found.expires <= now:
        raise BundleRefused(
            Refusal.EXPIRED,
            f"It expired on {found.expires:%Y-%m-%d %H:%M} UTC: fetch the present one.",
        )
    if key.expires is not None and key.expires <= found.issued:
        raise BundleRefused(
            Refusal.EXPIRED,
            f"The hub's key expired on {key.expires:%Y-%m-%d}, before this bundle was made: fetch "
            "the key again, and compare its fingerprint.",
        )


def after(found: Manifest, own: str, known: Known) -> int:
    """Return how many bundles were missed since the one accepted last.

    Raises:
        BundleRefused: it is of another hub or line, or older.

    """
    if known.hub and known.hub != found.hub:
        raise BundleRefused(
            Refusal.OTHER_LINE,
            f"It is of the hub {found.hub}, and the one accepted before was of {known.hub}.",
        )
    if found.serial < known.serial:
        raise BundleRefused(
            Refusal.ROLLED_BACK,
            f"It has serial {found.serial}, and serial {known.serial} was accepted before: "
            "somebody gives you an older state, or the hub went back to a backup: ask its "
            "operator, in another way.",
        )
    if not known.manifest:
        return max(found.serial - known.serial - 1, 0)
    said = own if found.serial == known.serial else found.said_of(known.serial)
    if said is not None and said != known.manifest:
        raise BundleRefused(
            Refusal.OTHER_LINE,
            f"The bundle that was accepted as serial {known.serial} is not the one that this "
            "one follows: the hub, or somebody with its key, gives out two different lines. Only "
            "if its operator tells you, in another way, that the hub went back to a backup, begin "
            "a note of another name.",
        )
    return max(found.serial - known.serial - 1, 0)
