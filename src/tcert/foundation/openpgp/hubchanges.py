"""Changes of the hub's key: notes signed by the old key and the new, and who came before whom.

A change is one text file that anybody may keep: the note, the signature of the old key, the
signature of the new one, and the old public key. Nothing in it is believed because of where it
lies: the chain is walked back from a key that the reader trusts already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tcert.foundation.kernel import clock
from tcert.foundation.openpgp.certificates import CertificateInfo, CertificateRefused, describe
from tcert.foundation.openpgp.signing import SignatureRefused, Verified, verify_detached

_NOTE = re.compile(
    r"TCERT hub key transition\nOld key: ([0-9A-F]{40,64})\nNew key: ([0-9A-F]{40,64})\n"
    r"Date: (\d{4}-\d{2}-\d{2})\n"
)
_SIGNATURE = re.compile(
    r"-----BEGIN PGP SIGNATURE-----\n.*?\n-----END PGP SIGNATURE-----", re.DOTALL
)
_KEY = re.compile(
    r"-----BEGIN PGP PUBLIC KEY BLOCK-----\n.*?\n-----END PGP PUBLIC KEY BLOCK-----", re.DOTALL
)
# The note names a day: a signature of that day's last hour is not later than it.
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A key that handed over to the next one, by a note that both have signed."""

    certificate: CertificateInfo
    followed_by: str
    on: datetime

    def signed_in_time(self, verified: Verified) -> bool:
        """Tell whether a signature is from before the change; its date is the signer's own word."""
        return verified.created is not None and verified.created < self.on + _DAY


def write(note: str, signature_by_old: str, signature_by_new: str, old: CertificateInfo) -> str:
    """Return a change as the file that is published."""
    return f"{note}\n{signature_by_old}\n{signature_by_new}\n{old.armoured}"


def predecessors(present: CertificateInfo, texts: Iterable[str]) -> list[Predecessor]:
    """Return the keys before a trusted one, the latest first; what does not hold ends the chain.

    Args:
        present: The key that the reader trusts.
        texts: Files of changes, in any order; several may stand in one.

    """
    changes = [found for text in texts for found in _changes(text)]
    chain: list[Predecessor] = []
    at, seen = present, {present.fingerprint}
    while (found := _before(at, changes)) and found.certificate.fingerprint not in seen:
        seen.add(found.certificate.fingerprint)
        chain.append(found)
        at = found.certificate
    return chain


def _before(at: CertificateInfo, changes: Sequence[_Change]) -> Predecessor | None:
    return next(filter(None, (change.leads_to(at) for change in changes)), None)


@dataclass(frozen=True, slots=True)
class _Change:
    note: str
    old: str
    new: str
    on: datetime
    signatures: tuple[str, str]
    certificate: str

    def leads_to(self, at: CertificateInfo) -> Predecessor | None:
        """The key before `at`, if this change is about `at` and both signatures hold."""
        if self.new != at.fingerprint:
            return None
        try:
            before = describe(self.certificate, clock.now())
            if before.fingerprint != self.old:
                return None
            verify_detached(self.note.encode(), self.signatures[0], before.certificate)
            verify_detached(self.note.encode(), self.signatures[1], at.certificate)
        except (CertificateRefused, SignatureRefused):
            return None
        return Predecessor(before, at.fingerprint, self.on)


def _changes(text: str) -> list[_Change]:
    """The changes that stand in a text, each from its note to the next."""
    text = text.replace("\r\n", "\n")
    notes = list(_NOTE.finditer(text))
    ends = [note.start() for note in notes[1:]] + [len(text)]
    found = []
    for note, end in zip(notes, ends, strict=True):
        rest = text[note.end() : end]
        signatures, keys = _SIGNATURE.findall(rest), _KEY.findall(rest)
        try:
            on = datetime.strptime(note[3], "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            continue
        if len(signatures) == 2 and len(keys) == 1:  # noqa: PLR2004 - old and new
            by = (signatures[0] + "\n", signatures[1] + "\n")
            found.append(_Change(note[0], note[1], note[2], on, by, keys[0] + "\n"))
    return found
