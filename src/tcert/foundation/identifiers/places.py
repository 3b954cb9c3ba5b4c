"""Cells and tracking areas: they name the *serving* network, and several may share it.

In a shared radio network the PLMN in front is the one that the cell was numbered under, not
necessarily the one that serves the subscriber (3GPP TS 23.251), so it is a lead, not proof.
"""

import re

from tcert.foundation.identifiers import plmn as plmns
from tcert.foundation.identifiers.kinds import Identifier, Kind, identifier
from tcert.foundation.identifiers.refusals import IdentifierRefused, admitted

_PLACE = re.compile(r"([0-9]{3})-?([0-9]{2,3})-([0-9a-f]+)")
_DIGITS = {Kind.ECGI: {7}, Kind.NCGI: {9}, Kind.TAI: {4, 6}}
"""Hexadecimal digits behind the PLMN: 28 and 36 bits of cell, 16 or 24 of tracking area."""
_WANTED = {
    Kind.ECGI: "An ECGI is a PLMN and 7 hexadecimal digits of cell, such as 208-01-00a1b2c.",
    Kind.NCGI: "An NCGI is a PLMN and 9 hexadecimal digits of cell, such as 208-01-00000a1b2.",
    Kind.TAI: "A TAI is a PLMN and 4 or 6 hexadecimal digits of area, such as 208-01-00a1.",
}


def ecgi(text: str) -> Identifier:
    """Read an E-UTRAN cell (3GPP TS 23.003 clause 19.6)."""
    return _place(Kind.ECGI, text)


def ncgi(text: str) -> Identifier:
    """Read an NR cell (3GPP TS 23.003 clause 19.6A)."""
    return _place(Kind.NCGI, text)


def tai(text: str) -> Identifier:
    """Read a tracking area of EPS or 5GS (3GPP TS 23.003 clauses 19.4.2.3 and 28.6)."""
    return _place(Kind.TAI, text)


def _place(kind: Kind, text: str) -> Identifier:
    match = _PLACE.fullmatch(admitted(text, _WANTED[kind]).lower())
    if match is None or len(match[3]) not in _DIGITS[kind]:
        raise IdentifierRefused(_WANTED[kind])
    network = f"{match[1]}-{match[2]}"
    parts = {"plmn": network, "place": match[3]}
    return identifier(kind, f"{network}-{match[3]}", parts, geographic=plmns.is_geographic(network))
