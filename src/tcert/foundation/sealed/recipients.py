"""Which keys of a thread's readers can be sealed to at a moment."""

from collections.abc import Iterable
from datetime import datetime

from tcert.foundation.openpgp.certificates import CertificateRefused, Refusal, describe, inspect
from tcert.foundation.openpgp.ingest import RecipientKey
from tcert.foundation.sealed.enums import LeftOut
from tcert.foundation.sealed.models import Recipient

_REASONS = {Refusal.EXPIRED: LeftOut.EXPIRED, Refusal.REVOKED: LeftOut.REVOKED}


def unusable(certificate: str, now: datetime) -> str:
    """Why a key cannot be sealed to, as `LeftOut`; empty when it can."""
    try:
        inspect(certificate, now)
    except CertificateRefused as refused:
        return _REASONS.get(Refusal(refused.code), LeftOut.UNUSABLE)
    return ""


def usable_keys(
    recipients: Iterable[Recipient], now: datetime
) -> tuple[list[RecipientKey], list[str]]:
    """The keys that a message to these readers must be sealed to, and fingerprints that block it.

    Readers who were left out by confirmation are in neither list.
    """
    keys: list[RecipientKey] = []
    blocked: list[str] = []
    for one in recipients:
        if one.left_out:
            continue
        try:
            keys.append(RecipientKey.of(inspect(one.certificate, now)))
        except CertificateRefused:
            blocked.append(one.fingerprint)
    return keys, blocked


def summary(one: Recipient, now: datetime) -> dict[str, str]:
    """A reader as pages and scripts need it: who, which key, until when, and what is wrong."""
    info = describe(one.certificate, now)
    return {
        "holder_kind": one.holder_kind,
        "holder_id": str(one.holder_id),
        "fingerprint": one.fingerprint,
        "certificate": one.certificate,
        "expires": info.expires.isoformat() if info.expires else "",
        "left_out": one.left_out,
        "unusable": unusable(one.certificate, now),
    }
