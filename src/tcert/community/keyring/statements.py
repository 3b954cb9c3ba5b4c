"""What the attesting team's key signs: one text, the same for the browser, GnuPG and the hub. Pure.

Whoever holds the text, the signature and the attesting team's key can check it without the hub.
Names are left out, because they change; the ids are those of the teams' pages.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tcert.community.keyring.enums import Basis


@dataclass(frozen=True, slots=True)
class Statement:
    """One team's word that a fingerprint is another team's key."""

    hub: str
    by_team: UUID
    by_key: str
    of_team: UUID
    of_key: str
    basis: Basis
    checked_on: date
    until: date

    def text(self) -> str:
        """Return what is signed: ASCII, LF line ends, one at the end."""
        return (
            "TCERT key attestation, version 1\n"
            f"Hub: {self.hub}\n"
            f"By team: {self.by_team}\n"
            f"By key: {self.by_key}\n"
            f"Of team: {self.of_team}\n"
            f"Of key: {self.of_key}\n"
            f"Basis: {self.basis}\n"
            f"Checked on: {self.checked_on.isoformat()}\n"
            f"Until: {self.until.isoformat()}\n"
            "We had this fingerprint from the team itself and not from the hub.\n"
        )


def same_ending(typed: str, fingerprint: str, length: int = 16) -> bool:
    """Tell whether somebody typed the last characters of a fingerprint; spaces do not matter."""
    heard = "".join(typed.split()).replace(":", "").upper()
    return len(heard) >= length and fingerprint.endswith(heard)
