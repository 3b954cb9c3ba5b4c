"""Whose signature a head carries."""

from __future__ import annotations

from datetime import timedelta

from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.certificates import CertificateInfo
from tcert.foundation.openpgp.signing import SignatureRefused, verify_detached
from tcert.foundation.transparency.enums import Signed
from tcert.foundation.transparency.headtext import HeadText

_AT_ONCE = timedelta(minutes=1)
"""A head may have been begun just before the first key was there."""


class Keys:
    """The hub's public halves, read once for many heads: the present one first.

    Whoever checks another hub's heads brings the keys that they trust.
    """

    def __init__(self, known: list[CertificateInfo] | None = None) -> None:
        self.known: list[CertificateInfo] = hubkey.known() if known is None else known

    def judge(self, said: HeadText, signature: str) -> Signed:
        """Tell whose signature a head carries.

        A head without one is older than the hub's first key, or somebody took it away.
        """
        if not signature:
            first = min((info.created for info in self.known), default=None)
            before = first is None or said.made_at <= first + _AT_ONCE
            return Signed.BEFORE_KEY if before else Signed.MISSING
        for number, info in enumerate(self.known):
            try:
                verify_detached(said.write().encode(), signature, info.certificate)
            except SignatureRefused:
                continue
            return Signed.EARLIER_KEY if number else Signed.PRESENT_KEY
        return Signed.FALSE
