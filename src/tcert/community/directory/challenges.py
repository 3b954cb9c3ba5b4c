"""What a backup has to open, not only to sign: a text sealed to the part that is in use now.

A kit made before the last rotation still signs with the same key, and would be taken for a backup
of what it cannot open. So the hub seals what it asks for, and shows nobody the text.
"""

from tcert.community.directory.models import TeamKey
from tcert.foundation.openpgp.certificates import CertificateRefused
from tcert.foundation.openpgp.packets import armour
from tcert.foundation.openpgp.sealing import SealingFailed, seal


def challenge(key: TeamKey, text: str) -> str:
    """Return the text sealed to the newest part of a key, in armour; empty where nothing can be."""
    try:
        sealed = seal(text.encode(), [key.certificate], newest_only=True)
    except (CertificateRefused, SealingFailed):
        return ""
    return armour(sealed, "MESSAGE")
