"""Which keys of a thread's readers can be sealed to at a moment."""

from collections.abc import Collection, Iterable
from datetime import datetime

from tcert.foundation.openpgp import standing
from tcert.foundation.openpgp.certificates import CertificateRefused, Refusal, describe, inspect
from tcert.foundation.openpgp.ingest import RecipientKey
from tcert.foundation.sealed.enums import LeftOut
from tcert.foundation.sealed.models import Recipient

_REASONS = {Refusal.EXPIRED: LeftOut.EXPIRED, Refusal.REVOKED: LeftOut.REVOKED}


def unusable(certificate: str, now: datetime, *, is_ended: bool = False) -> str:
    """Why a key cannot be sealed to, as `LeftOut`; empty when it can.

    `is_ended` says that its owner has revoked it, which this copy need not show
    (`openpgp/standing`).
    """
    if is_ended:
        return LeftOut.REVOKED
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
    asked = [one for one in recipients if not one.left_out]
    ended = standing.ended([one.fingerprint for one in asked])
    for one in asked:
        if one.fingerprint in ended:
            blocked.append(one.fingerprint)
            continue
        try:
            keys.append(RecipientKey.of(inspect(one.certificate, now)))
        except CertificateRefused:
            blocked.append(one.fingerprint)
    return keys, blocked


def summary(one: Recipient, now: datetime, ended: Collection[str] = ()) -> dict[str, str]:
    """A reader as pages and scripts need it: who, which key, until when, and what is wrong.

    `ended` are the fingerprints of revoked keys among the readers' (`openpgp/standing`).
    """
    info = describe(one.certificate, now)
    return {
        "holder_kind": one.holder_kind,
        "holder_id": str(one.holder_id),
        "fingerprint": one.fingerprint,
        "certificate": one.certificate,
        "expires": info.expires.isoformat() if info.expires else "",
        "left_out": one.left_out,
        "unusable": unusable(one.certificate, now, is_ended=one.fingerprint in ended),
    }
