"""The desk's intake key: the part of its certificate that reports are sealed to for 90 days.

A subkey of its own expiry. The one before it stays valid for a fortnight, so that a page opened
before the change is not refused; then nothing can be sealed to it, and its secret is needed only
for what it sealed, until retention ends (decided.md 9). The certificate's first part for
encryption has no such end: conversations go on when a rotation is missed, reports do not.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tcert.foundation.openpgp.certificates import CertificateInfo, CertificateRefused, describe

LIFETIME = timedelta(days=90)
OVERLAP = timedelta(days=14)
REMIND_BEFORE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class IntakeKey:
    """The newest part for encryption of a key: what a report would be sealed to."""

    fingerprint: str
    since: datetime
    rotate_by: datetime
    ends: datetime | None
    is_usable: bool

    def is_due_soon(self, at: datetime) -> bool:
        """Tell whether its holders should be asked for the next one."""
        return self.rotate_by - REMIND_BEFORE <= at

    def is_due(self, at: datetime) -> bool:
        """Tell whether its 90 days are over."""
        return self.rotate_by <= at


def intake_key(certificate: str, at: datetime) -> IntakeKey | None:
    """Return the intake key of a certificate; None when it has no part for encryption at all.

    Never an older one behind it: falling back would undo the rotation without a word.
    """
    try:
        return of(describe(certificate, at))
    except CertificateRefused:
        return None


def of(info: CertificateInfo) -> IntakeKey | None:
    """Return the same of a key that was read already."""
    latest = info.latest_subkey
    if latest is None:
        return None
    rotate_by = latest.created + LIFETIME
    if latest.expires is not None:
        rotate_by = min(rotate_by, latest.expires - OVERLAP)
    return IntakeKey(
        latest.fingerprint, latest.created, rotate_by, latest.expires, is_usable=latest.usable
    )
