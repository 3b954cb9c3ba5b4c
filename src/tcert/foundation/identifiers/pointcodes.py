"""Signalling point codes: addresses of nodes in one SS7 network each.

The same 14 bits name another node in every national network, so that a national code says nothing
without its country and network indicator and is refused.
"""

import re

from tcert.foundation.identifiers.kinds import Identifier, Kind, identifier
from tcert.foundation.identifiers.refusals import IdentifierRefused, admitted

HIGHEST = 0x3FFF
"""The highest code of 14 bits (ITU-T Q.704 clause 2.2)."""
INTERNATIONAL_INDICATOR = 0
"""ITU-T Q.704 clause 14.2.2: 0 international, 1 spare, 2 national, 3 for national use."""
NATIONAL_INDICATORS = (2, 3)

_GROUPS = re.compile(r"([0-9]{1,3})-([0-9]{1,3})-([0-9]{1,3})")
_NATIONAL = re.compile(r"([A-Za-z]{2})[/: ]([0-9])[/: ](?:([0-9]{1,5})|([0-7]-[0-9]{1,3}-[0-7]))")
_OTHER_WIDTH = {"CN": "24 bits", "JP": "16 bits", "US": "24 bits, as ANSI 8-8-8"}
"""Countries whose national network has no codes of 14 bits."""
_WANTED_INTERNATIONAL = (
    "An international point code is zone (0 to 7), area (0 to 255) and point (0 to 7), such as "
    "2-000-0."
)
_WANTED_ANSI = "An ANSI point code is network, cluster and member, each 0 to 255, such as 246-1-5."
_WANTED_NATIONAL = (
    "A national point code needs its country and network indicator (2 or 3), since every country "
    "has its own: DE/2/1234, the code from 0 to 16383 or as 3-8-3."
)


def international(text: str) -> Identifier:
    """Read an international code ``zone-area-point`` (ITU-T Q.708: 3, 8 and 3 bits).

    Zone and area are the signalling area or network code (SANC), which leads to a country.
    """
    return from_number(
        _number(text, (7, 255, 7), (11, 3, 0), _WANTED_INTERNATIONAL), INTERNATIONAL_INDICATOR
    )


def ansi(text: str) -> Identifier:
    """Read a code ``network-cluster-member`` of 24 bits (ANSI T1.111.4)."""
    number = _number(text, (255, 255, 255), (16, 8, 0), _WANTED_ANSI)
    network, cluster, member = number >> 16, number >> 8 & 0xFF, number & 0xFF
    parts = {"number": str(number), "network": str(network), "cluster": str(cluster)}
    return identifier(Kind.POINT_CODE_ANSI, f"{network}-{cluster}-{member}", parts)


def national(text: str) -> Identifier:
    """Read a national code ``country/indicator/code``; refuses one without country or indicator."""
    match = _NATIONAL.fullmatch(admitted(text, _WANTED_NATIONAL))
    if match is None:
        raise IdentifierRefused(_WANTED_NATIONAL)
    country, indicator, decimal, grouped = match.groups()
    number = (
        int(decimal) if decimal else _number(grouped, (7, 255, 7), (11, 3, 0), _WANTED_NATIONAL)
    )
    if int(indicator) not in NATIONAL_INDICATORS:
        raise IdentifierRefused(_WANTED_NATIONAL)
    return from_number(number, int(indicator), country)


def from_number(number: int, indicator: int | None, country: str = "") -> Identifier:
    """Return the identifier of a code of 14 bits as signalling carries it.

    `indicator` is the network indicator, `country` the ISO 3166 code of the national network that
    was observed. A national code without them is refused.
    """
    if not 0 <= number <= HIGHEST:
        raise IdentifierRefused(
            _WANTED_INTERNATIONAL if indicator == INTERNATIONAL_INDICATOR else _WANTED_NATIONAL
        )
    if indicator == INTERNATIONAL_INDICATOR:
        sanc = f"{number >> 11}-{number >> 3 & 0xFF:03}"
        return identifier(
            Kind.POINT_CODE_INTERNATIONAL,
            f"{sanc}-{number & 7}",
            {"number": str(number), "sanc": sanc},
        )
    country = country.upper()
    if indicator not in NATIONAL_INDICATORS or re.fullmatch("[A-Z]{2}", country) is None:
        raise IdentifierRefused(_WANTED_NATIONAL)
    if country in _OTHER_WIDTH:
        raise IdentifierRefused(
            f"National point codes of {country} have {_OTHER_WIDTH[country]}. {_WANTED_NATIONAL}"
        )
    return identifier(
        Kind.POINT_CODE_NATIONAL,
        f"{country}/{indicator}/{number}",
        {"number": str(number), "country": country, "indicator": str(indicator)},
    )


def _number(
    text: str, highest: tuple[int, int, int], shifts: tuple[int, int, int], wanted: str
) -> int:
    match = _GROUPS.fullmatch(admitted(text, wanted))
    if match is None:
        raise IdentifierRefused(wanted)
    groups = [int(group) for group in match.groups()]
    if any(group > most for group, most in zip(groups, highest, strict=True)):
        raise IdentifierRefused(wanted)
    return sum(group << shift for group, shift in zip(groups, shifts, strict=True))
