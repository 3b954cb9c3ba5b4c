"""PLMN identities (3GPP TS 23.003 clause 2.2): text, never numbers; `208-01` and `310-410`.

The MNC has two or three digits and its length is not derivable, so a written identity keeps the
length it was given.
"""

import re

_WRITTEN = re.compile(r"([0-9]{3})[-\s/]?([0-9]{2,3})", re.ASCII)
TEST_MCC = "001"
"""Test networks (ITU-T E.212 Annex)."""
PRIVATE_MCC = "999"
"""For internal use within a private network (ITU-T E.212)."""


class PlmnRefused(ValueError):
    """The text is no PLMN identity; the message says what one looks like."""


def parse(text: str) -> str:
    """Return the canonical form ``MCC-MNC`` of a written PLMN identity.

    Accepts ``208-01``, ``208 01``, ``20801`` and ``310410``; refuses digits of other scripts.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise PlmnRefused(
            "A PLMN is a three-digit MCC and a two- or three-digit MNC, such as 208-01 or 310-410."
        )
    return f"{match[1]}-{match[2]}"


def is_test(plmn: str) -> bool:
    """Tell whether a canonical PLMN belongs to no public network: test or private use."""
    return plmn[:3] in {TEST_MCC, PRIVATE_MCC}
