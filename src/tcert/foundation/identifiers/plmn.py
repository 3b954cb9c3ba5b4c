"""PLMN identities (3GPP TS 23.003 clause 2.2): text, never numbers; `208-01` and `310-410`.

The MNC has two or three digits and its length is not derivable, so a written identity keeps the
length it was given. Where the length is lost (an IMSI, a name with a padded MNC) both readings
stay, in order.
"""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import StrEnum

from tcert.foundation.identifiers.kinds import Identifier, Kind, identifier
from tcert.foundation.identifiers.refusals import IdentifierRefused, admitted

PlmnRefused = IdentifierRefused

TEST_MCC = "001"
"""Test networks (ITU-T E.212 Annex)."""
PRIVATE_MCC = "999"
"""For internal use within a private network (ITU-T E.212)."""
SHARED_MCC = "901"
"""Shared by networks of several countries, each with its own MNC (ITU-T E.212 Annex A)."""

_WRITTEN = re.compile(r"([0-9]{3})[- /]?([0-9]{2,3})")
_PADDED = re.compile(r"mnc([0-9]{3})\.mcc([0-9]{3})", re.IGNORECASE)
_WANTED = "A PLMN is a three-digit MCC and a two- or three-digit MNC, such as 208-01 or 310-410."
_WANTED_OCTETS = (
    "A PLMN on the wire is three octets with its digits in half octets, such as 13 00 14 for "
    "310-410; F stands for the third digit of a two-digit MNC."
)
_WANTED_PADDED = "A padded PLMN has three digits for MNC and MCC each, such as mnc015.mcc234."
_FILLER = 0xF
_OCTETS = 3
_SHORT = 2
"""Digits of the shorter MNC."""


class Use(StrEnum):
    """What a network code is for, by its MCC."""

    NATIONAL = "national"
    SHARED = "shared"
    TEST = "test"
    PRIVATE = "private"
    OTHER = "other"


_OF_COUNTRIES = frozenset("234567")
_USES = {TEST_MCC: Use.TEST, PRIVATE_MCC: Use.PRIVATE, SHARED_MCC: Use.SHARED}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of digits that hide the length of the MNC; `operational` if it is in use."""

    plmn: str
    operational: bool


def parse(text: str) -> str:
    """Return the canonical form ``MCC-MNC`` of a written PLMN identity.

    Accepts ``208-01``, ``208 01``, ``20801`` and ``310410``; refuses digits of other scripts.
    """
    match = _WRITTEN.fullmatch(admitted(text, _WANTED))
    if match is None:
        raise IdentifierRefused(_WANTED)
    return f"{match[1]}-{match[2]}"


def read(text: str) -> Identifier:
    """Return the identifier of a written PLMN identity."""
    canonical = parse(text)
    mcc, mnc = canonical.split("-")
    parts = {"plmn": canonical, "mcc": mcc, "mnc": mnc, "use": use(canonical)}
    return identifier(Kind.PLMN, canonical, parts, geographic=is_geographic(mcc))


def is_test(plmn: str) -> bool:
    """Tell whether a canonical PLMN belongs to no public network: test or private use."""
    return plmn[:3] in {TEST_MCC, PRIVATE_MCC}


def is_geographic(plmn: str) -> bool:
    """Tell whether a PLMN or MCC belongs to a country: those begin with 2 to 7 (ITU-T E.212)."""
    return plmn[:1] in _OF_COUNTRIES


def use(plmn: str) -> Use:
    """Return what a canonical PLMN is for; `OTHER` has neither a country nor a known use."""
    return _USES.get(plmn[:3], Use.NATIONAL if is_geographic(plmn) else Use.OTHER)


def from_wire(octets: bytes) -> str:
    """Return the canonical form of the three octets of 3GPP TS 24.008 clause 10.5.1.13.

    Octet by octet, high half first: MCC 2 and 1, MNC 3 and MCC 3, MNC 2 and 1.
    """
    if len(octets) != _OCTETS:
        raise IdentifierRefused(_WANTED_OCTETS)
    (mcc2, mcc1), (mnc3, mcc3), (mnc2, mnc1) = (divmod(octet, 16) for octet in octets)
    digits = [mcc1, mcc2, mcc3, mnc1, mnc2]
    if mnc3 != _FILLER:
        digits.append(mnc3)
    if max(digits) > 9:  # noqa: PLR2004 - the highest digit
        raise IdentifierRefused(_WANTED_OCTETS)
    written = "".join(str(digit) for digit in digits)
    return f"{written[:3]}-{written[3:]}"


def to_wire(plmn: str) -> bytes:
    """Return the three octets of a PLMN; the other way round of `from_wire`."""
    mcc, mnc = parse(plmn).split("-")
    third = mnc[_SHORT] if len(mnc) > _SHORT else "f"
    return bytes.fromhex(mcc[1] + mcc[0] + third + mcc[2] + mnc[1] + mnc[0])


def from_padded(text: str, operational: Container[str] = ()) -> tuple[Candidate, ...]:
    """Return the readings of ``mncNNN.mccNNN``, the likelier first.

    3GPP TS 23.003 (clauses 9.1, 19.2, 28.2) pads a two-digit MNC with a zero in front, so that
    ``mnc015`` is 15 or 015; one that is `operational` comes first.
    """
    match = _PADDED.fullmatch(admitted(text, _WANTED_PADDED))
    if match is None:
        raise IdentifierRefused(_WANTED_PADDED)
    mnc, mcc = match[1], match[2]
    readings = [f"{mcc}-{mnc[1:]}"] if mnc.startswith("0") else []
    return ranked([*readings, f"{mcc}-{mnc}"], operational)


def of_imsi(digits: str, operational: Container[str] = ()) -> tuple[Candidate, ...]:
    """Return the readings of the digits of an IMSI: the MNC's length is not in it.

    The longest prefix among the `operational` PLMNs comes first; without any, two digits before
    three. A reading leaves at least one digit of MSIN.
    """
    mcc, rest = digits[:3], digits[3:]
    readings = [f"{mcc}-{rest[:length]}" for length in (2, 3) if len(rest) > length]
    found = ranked(readings, operational)
    return tuple(sorted(found, key=lambda c: -len(c.plmn) if c.operational else 0))


def ranked(readings: Iterable[str], operational: Container[str]) -> tuple[Candidate, ...]:
    """Return the readings as candidates, those in use first, else in the order given."""
    found = [Candidate(plmn, plmn in operational) for plmn in readings]
    return tuple(sorted(found, key=lambda candidate: not candidate.operational))
