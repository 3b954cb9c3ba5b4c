"""Numbers of the telephone network: E.164, Global Titles of SS7, and ranges of either.

A Global Title is digits with a numbering plan and a nature of address; whoever sends a message
writes them, so the calling one names a suspect only. Nodes and subscribers share one numbering
plan, and only claimed ranges tell them apart: each title therefore carries a masked form.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Self

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, is_valid_number
from phonenumbers import region_code_for_number as _region_of

from tcert.foundation.identifiers import plmn as plmns
from tcert.foundation.identifiers.kinds import Identifier, Kind, hidden, identifier
from tcert.foundation.identifiers.refusals import IdentifierRefused, admitted

LONGEST_NUMBER = 15
"""Digits of an international number, country code included (ITU-T E.164 clause 6)."""
SHORTEST_NUMBER = 5
"""Digits that 3GPP TS 29.571 asks of an MSISDN."""
HIDDEN_DIGITS = 6
"""How many last digits a mask takes from a number, so that a million numbers share what is left."""

_NOT_GEOGRAPHIC = "001"
"""How the metadata of phonenumbers writes country codes of no country: +800, +870, +881 to +883."""
_LONGEST_CODE = 3

_SEPARATORS = re.compile(r"[ ./()-]")
_E164 = re.compile(r"\+\(?[0-9](?:[ ./()-]{0,2}[0-9])+")
_TITLE = re.compile(r"\+?([0-9]{1,15})(?:;np=([0-9]{1,2}))?(?:;nai=([0-9]))?")
_RANGE = re.compile(r"\+?([0-9]{1,15})(?:\*|\s?-\s?\+?([0-9]{1,15}))?")
_WANTED = (
    "A telephone number is + and the country code, 5 to 15 digits in all (E.164), such as "
    "+33 1 23 45 67 89; it carries no trunk prefix."
)
_WANTED_TITLE = (
    "A Global Title is up to 15 digits, with numbering plan and nature of address where they are "
    "not 1 and 4: +491710000000 or 491710000000;np=7;nai=4."
)
_WANTED_OCTETS = (
    "A Global Title with indicator 0100 is translation type, numbering plan and encoding scheme, "
    "nature of address, then up to 15 digits, two to an octet, low half first (Q.713 3.4.2.3.4)."
)
_WANTED_RANGE = (
    "A range of numbers is a prefix with its country code, such as +4917100, or a first and a last "
    "number of equal length, such as +4917100000-4917100499."
)


class NumberingPlan(IntEnum):
    """Numbering plans of ITU-T Q.713 clause 3.4.2.3.3 that a title may have."""

    UNKNOWN = 0
    E164 = 1
    GENERIC = 2
    X121 = 3
    F69 = 4
    E210 = 5
    E212 = 6
    E214 = 7
    PRIVATE = 14


class NatureOfAddress(IntEnum):
    """Natures of address of ITU-T Q.713 clause 3.4.2.3.1; 2 is kept for national use."""

    UNKNOWN = 0
    SUBSCRIBER = 1
    NATIONAL = 3
    INTERNATIONAL = 4


class _Scheme(IntEnum):
    """Encoding schemes of ITU-T Q.713 clause 3.4.2.3.3: whether the last half octet is filler."""

    BCD_ODD = 1
    BCD_EVEN = 2


_WITH_COUNTRY_CODE = {NumberingPlan.E164, NumberingPlan.E214}
_WITH_MSIN = {NumberingPlan.E212, NumberingPlan.E214}
_HEADER = 3
"""Octets before the digits of a title with indicator 0100."""
_FILLERS = frozenset("0f")
"""Q.713 fills with 0; stacks that write F are common."""
_SWAP = bytes((octet & 0xF) << 4 | octet >> 4 for octet in range(256))
"""For each octet the one with its halves exchanged: digits stand low half first."""


@dataclass(frozen=True, slots=True)
class GlobalTitle:
    """The address in an SCCP message: digits as text, and how they are to be read.

    The translation type serves the node that routes; it is no part of whom the title names.
    """

    digits: str
    plan: NumberingPlan = NumberingPlan.E164
    nature: NatureOfAddress = NatureOfAddress.INTERNATIONAL
    translation_type: int = 0

    @classmethod
    def from_wire(cls, octets: bytes) -> Self:
        """Read the octets after the address indicator of a title with indicator 0100."""
        count = len(octets) - _HEADER
        if not 0 < count <= (LONGEST_NUMBER + 1) // 2:
            raise IdentifierRefused(_WANTED_OCTETS)
        try:
            plan = NumberingPlan(octets[1] >> 4)
            scheme = _Scheme(octets[1] & 0xF)
            nature = NatureOfAddress(octets[2])
        except ValueError:
            raise IdentifierRefused(_WANTED_OCTETS) from None
        digits = octets[_HEADER:].translate(_SWAP).hex()
        if scheme == _Scheme.BCD_ODD:
            digits, filler = digits[:-1], digits[-1]
            if filler not in _FILLERS:
                raise IdentifierRefused(_WANTED_OCTETS)
        if len(digits) > LONGEST_NUMBER or not digits.isdecimal():
            raise IdentifierRefused(_WANTED_OCTETS)
        return cls(digits, plan, nature, octets[0])

    def to_wire(self) -> bytes:
        """Return the octets that `from_wire` reads; the filler is 0."""
        odd = len(self.digits) % 2
        scheme = _Scheme.BCD_ODD if odd else _Scheme.BCD_EVEN
        padded = self.digits + "0" * odd
        swapped = "".join(padded[i + 1] + padded[i] for i in range(0, len(padded), 2))
        head = bytes([self.translation_type, self.plan << 4 | scheme, self.nature])
        return head + bytes.fromhex(swapped)


def country_code(digits: str) -> str:
    """Return the country code that the digits begin with; refuses one that is not assigned."""
    return _code_of(digits[:_LONGEST_CODE])


@lru_cache(maxsize=2_000)
def _code_of(head: str) -> str:
    for length in range(1, _LONGEST_CODE + 1):
        if int(head[:length]) in COUNTRY_CODE_TO_REGION_CODE and head[0] != "0":
            return head[:length]
    raise IdentifierRefused(_WANTED)


def is_geographic(digits: str) -> bool:
    """Tell whether the country code of an international number belongs to a country or several."""
    return _NOT_GEOGRAPHIC not in COUNTRY_CODE_TO_REGION_CODE[int(country_code(digits))]


def region(digits: str) -> str:
    """Return the ISO 3166 code of the number's country, or nothing if it cannot be told.

    Country codes with several countries (+1, +7, +44) need the number's own range: +44 7911 12 is
    Guernsey's, not the United Kingdom's.
    """
    regions = COUNTRY_CODE_TO_REGION_CODE[int(country_code(digits))]
    if len(regions) == 1:
        return "" if regions[0] == _NOT_GEOGRAPHIC else regions[0]
    return _region_of(_number(digits)) or ""


def is_assigned(digits: str) -> bool:
    """Tell whether an international number lies in a range that its country gives out."""
    return is_valid_number(_number(digits))


def _number(digits: str) -> PhoneNumber:
    code = country_code(digits)
    national = digits[len(code) :]
    zeros = len(national) - len(national.lstrip("0"))
    return PhoneNumber(
        country_code=int(code),
        national_number=int(national),
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros or None,
    )


def e164(text: str) -> str:
    """Return the digits of a written international number: + first, common separators allowed.

    Refuses a number without +, since a national number would read as one of another country.
    """
    text = admitted(text, _WANTED)
    digits = _SEPARATORS.sub("", text[1:])
    fits = SHORTEST_NUMBER <= len(digits) <= LONGEST_NUMBER
    if not fits or "(0)" in text or _E164.fullmatch(text) is None:
        raise IdentifierRefused(_WANTED)
    country_code(digits)
    return digits


def masked(digits: str) -> str:
    """Return the number without its last digits; the country code stays, never more than asked."""
    shown = max(len(country_code(digits)), len(digits) - HIDDEN_DIGITS)
    return digits[:shown] + hidden(digits[shown:])


def global_title(text: str) -> Identifier:
    """Read a written Global Title; without `np` and `nai` it is an international E.164 number."""
    match = _TITLE.fullmatch(admitted(text, _WANTED_TITLE).replace(" ", ""))
    if match is None:
        raise IdentifierRefused(_WANTED_TITLE)
    try:
        plan = NumberingPlan(int(match[2] or NumberingPlan.E164))
        nature = NatureOfAddress(int(match[3] or NatureOfAddress.INTERNATIONAL))
    except ValueError:
        raise IdentifierRefused(_WANTED_TITLE) from None
    return identify(GlobalTitle(match[1], plan, nature))


def identify(title: GlobalTitle, *, located: bool = True) -> Identifier:
    """Return the identifier of a title, read from text or from the wire.

    Its country takes longer to tell than all else; who reads many and asks for none leaves it out.

    E.214 and E.212 titles end in an MSIN and are subscriber data. An E.164 title is not taken for
    it, since most are nodes; what is not in a claimed range of nodes is shown in its masked form.
    """
    plan, nature, digits = title.plan, title.nature, title.digits
    international = nature == NatureOfAddress.INTERNATIONAL
    parts = {"digits": digits, "np": str(plan.value), "nai": str(nature.value)}
    code = geographic = ""
    if international and plan in _WITH_COUNTRY_CODE:
        if len(digits) < SHORTEST_NUMBER:
            raise IdentifierRefused(_WANTED_TITLE)
        code = parts["country_code"] = country_code(digits)
        geographic = code if is_geographic(digits) else ""
        if located:
            parts["region"] = region(digits) if plan == NumberingPlan.E164 else ""
    if plan == NumberingPlan.E164:
        shown = masked(digits) if code else hidden(digits)
    elif plan == NumberingPlan.E212:
        # the candidates of the PLMN need six digits; a mask shows the five that are never MSIN
        geographic = digits[:3] if plmns.is_geographic(digits) else ""
        shown = digits[:5] + hidden(digits[5:])
    else:
        shown = code + hidden(digits[len(code) :])
    return identifier(
        Kind.GLOBAL_TITLE,
        _written(digits, plan, nature),
        parts,
        masked=_written(shown, plan, nature),
        subscriber=plan in _WITH_MSIN,
        geographic=bool(geographic),
    )


def _written(digits: str, plan: NumberingPlan, nature: NatureOfAddress) -> str:
    if (plan, nature) == (NumberingPlan.E164, NatureOfAddress.INTERNATIONAL):
        return f"+{digits}"
    return f"{digits};np={plan.value};nai={nature.value}"


def number_range(kind: Kind, text: str) -> Identifier:
    """Read a range of Global Titles or of MSISDNs: a prefix, or a first and a last number.

    A first and a last number that cover one whole prefix are that prefix.
    """
    match = _RANGE.fullmatch(admitted(text, _WANTED_RANGE))
    if match is None:
        raise IdentifierRefused(_WANTED_RANGE)
    first, last = match[1], match[2] or match[1]
    if len(first) != len(last) or first > last:
        raise IdentifierRefused(_WANTED_RANGE)
    code = country_code(first)
    if not last.startswith(code):
        raise IdentifierRefused(_WANTED_RANGE)
    covered = prefixes(first, last)
    canonical = f"+{covered[0]}" if len(covered) == 1 else f"+{first}-{last}"
    parts = {"first": first, "last": last, "country_code": code, "prefixes": " ".join(covered)}
    return identifier(kind, canonical, parts, geographic=is_geographic(first))


def prefixes(first: str, last: str) -> tuple[str, ...]:
    """Return the fewest prefixes that cover `first` to `last`, digits of equal length, in order.

    The engine looks numbers up by prefix, longest first, so a range becomes at most 18 prefixes
    for each digit in which its ends differ.
    """
    width, low, high = len(first), int(first), int(last)
    found = []
    while low <= high:
        size = 0
        while size < width and low % 10 ** (size + 1) == 0 and low + 10 ** (size + 1) - 1 <= high:
            size += 1
        found.append(f"{low:0{width}}"[: width - size])
        low += 10**size
    return tuple(found)
