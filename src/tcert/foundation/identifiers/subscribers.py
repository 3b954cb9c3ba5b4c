"""Identifiers of subscribers and their devices: IMSI, SUCI, GUTI, NAI, IMEI, MSISDN.

All of them are subscriber data. What routing needs is the network in front of the subscriber's
part; the masked form shows that and nothing else.
"""

import re

from tcert.foundation.identifiers import plmn as plmns
from tcert.foundation.identifiers.kinds import Identifier, Kind, hidden, identifier
from tcert.foundation.identifiers.names import host_name, naming, wears_plmn
from tcert.foundation.identifiers.numbers import (
    LONGEST_NUMBER,
    SHORTEST_NUMBER,
    country_code,
    e164,
    is_geographic,
    masked,
    region,
)
from tcert.foundation.identifiers.refusals import IdentifierRefused, admitted

LONGEST_IMSI = 15
"""Digits (3GPP TS 23.003 clause 2.2)."""
NULL_SCHEME = "0"
"""The protection scheme of a SUCI that protects nothing (3GPP TS 33.501 Annex C.2)."""

_NEVER_MSIN = 5
"""First digits of an IMSI that are MCC and MNC whatever the length of the MNC."""
_TAC = 8

_IMSI = re.compile(r"(?:imsi-)?([0-9]{6,15})", re.IGNORECASE)
_SUCI = re.compile(
    r"suci-0-([0-9]{3})-([0-9]{2,3})-([0-9]{1,4})-([0-9a-f])-(0|[1-9][0-9]{0,2})-([0-9a-f]+)"
)
_GUTI = re.compile(r"guti-([0-9]{3})-([0-9]{2,3})-([0-9a-f]{4})-([0-9a-f]{2})-([0-9a-f]{8})")
_GUTI_5G = re.compile(r"5g-guti-([0-9]{5,6})([0-9a-f]{6})([0-9a-f]{8})")
_IMEI = re.compile(
    r"(?:imei(?:sv)?-)?([0-9]{2}[- ]?[0-9]{6}[- ]?[0-9]{6})[- ]?([0-9]{0,2})", re.IGNORECASE
)
_TAC_ONLY = re.compile(r"[0-9]{8}")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,253}")

_WANTED_IMSI = "An IMSI is MCC, MNC and MSIN, 6 to 15 digits without separators."
_WANTED_SUCI = (
    "A SUCI of a subscriber with an IMSI is suci-0-MCC-MNC-routing indicator-scheme-key-output, "
    "such as suci-0-208-01-0-1-27- and the output in hexadecimal digits; with scheme 0 the key "
    "is 0 and the output is the MSIN."
)
_WANTED_GUTI = (
    "A GUTI is guti-MCC-MNC-MME group-MME code-M-TMSI, such as guti-208-01-8001-02-c0ffee01."
)
_WANTED_GUTI_5G = (
    "A 5G-GUTI is 5g-guti- with MCC and MNC, six hexadecimal digits of AMF and eight of 5G-TMSI, "
    "such as 5g-guti-20801cafe00c0ffee01."
)
_WANTED_NAI = (
    "A network access identifier of a 3GPP network ends in its domain, such as "
    "user@ims.mnc001.mcc208.3gppnetwork.org."
)
_WANTED_IMEI = (
    "An IMEI is 14 digits and a check digit that fits them; an IMEISV is 14 digits and two of "
    "software version."
)
_WANTED_TAC = "A TAC is the first 8 digits of an IMEI."


def imsi(text: str) -> Identifier:
    """Read an IMSI, or a SUPI ``imsi-…`` (3GPP TS 23.003 clauses 2.2 and 2.2A).

    The length of the MNC is not in it: `plmn.of_imsi` gives the readings.
    """
    match = _IMSI.fullmatch(admitted(text, _WANTED_IMSI))
    if match is None:
        raise IdentifierRefused(_WANTED_IMSI)
    digits = match[1]
    parts = {"mcc": digits[:3], "use": plmns.use(digits)}
    return identifier(
        Kind.IMSI,
        digits,
        parts,
        masked=masked_imsi(digits),
        geographic=plmns.is_geographic(digits),
    )


def masked_imsi(digits: str) -> str:
    """Return an IMSI without what may be its MSIN."""
    return digits[:_NEVER_MSIN] + hidden(digits[_NEVER_MSIN:])


def suci(text: str) -> Identifier:
    """Read a SUCI of SUPI type IMSI (3GPP TS 23.003 clause 2.2B, written as in TS 29.571).

    With the null scheme the output *is* the MSIN; the part ``imsi`` then holds the IMSI.
    """
    match = _SUCI.fullmatch(admitted(text, _WANTED_SUCI).lower())
    if match is None:
        raise IdentifierRefused(_WANTED_SUCI)
    mcc, mnc, indicator, scheme, key, output = match.groups()
    parts = {"plmn": f"{mcc}-{mnc}", "routing_indicator": indicator, "scheme": scheme, "key": key}
    if scheme == NULL_SCHEME:
        readable = output.isdecimal() and len(mcc + mnc + output) <= LONGEST_IMSI
        if key != "0" or not readable:
            raise IdentifierRefused(_WANTED_SUCI)
        parts["imsi"] = mcc + mnc + output
    elif not 1 <= int(key) <= 255:  # noqa: PLR2004 - an octet; 0 belongs to the null scheme
        raise IdentifierRefused(_WANTED_SUCI)
    head = f"suci-0-{mcc}-{mnc}-{indicator}-{scheme}-{key}-"
    return identifier(
        Kind.SUCI,
        head + output,
        parts,
        masked=head + hidden(output),
        geographic=plmns.is_geographic(mcc),
    )


def guti(text: str) -> Identifier:
    """Read a GUTI of the EPS (3GPP TS 23.003 clause 2.8); the PLMN is the *serving* network's."""
    match = _GUTI.fullmatch(admitted(text, _WANTED_GUTI).lower())
    if match is None:
        raise IdentifierRefused(_WANTED_GUTI)
    mcc, mnc, group, code, tmsi = match.groups()
    head = f"guti-{mcc}-{mnc}-{group}-{code}-"
    parts = {"plmn": f"{mcc}-{mnc}", "mme_group": group, "mme_code": code}
    return identifier(
        Kind.GUTI,
        head + tmsi,
        parts,
        masked=head + hidden(tmsi),
        geographic=plmns.is_geographic(mcc),
    )


def guti_5g(text: str) -> Identifier:
    """Read a 5G-GUTI (3GPP TS 23.003 clause 2.10, written as in TS 29.518 table 6.1.3.2.2-1).

    The two parts behind the PLMN have fixed lengths, so that the length of the MNC follows.
    """
    match = _GUTI_5G.fullmatch(admitted(text, _WANTED_GUTI_5G).lower())
    if match is None:
        raise IdentifierRefused(_WANTED_GUTI_5G)
    network, amf, tmsi = match.groups()
    head = f"5g-guti-{network}{amf}"
    parts = {"plmn": plmns.parse(network), "amf": amf}
    return identifier(
        Kind.GUTI_5G,
        head + tmsi,
        parts,
        masked=head + hidden(tmsi),
        geographic=plmns.is_geographic(network),
    )


def nai(text: str) -> Identifier:
    """Read a network access identifier of a 3GPP network, such as an IMPI or an EAP identity.

    3GPP TS 23.003 clauses 13.3, 14, 19.3 and 28.7: the part before @ is or holds the IMSI, the
    SUCI or a pseudonym. It looks like an e-mail address and is none.
    """
    text = admitted(text, _WANTED_NAI)
    local, at, realm = text.removeprefix("nai-").rpartition("@")
    if not at or _LOCAL.fullmatch(local) is None:
        raise IdentifierRefused(_WANTED_NAI)
    realm = host_name(realm, _WANTED_NAI)
    if not wears_plmn(realm):
        raise IdentifierRefused(_WANTED_NAI)
    named = naming(realm)
    return identifier(
        Kind.NAI,
        f"{local}@{realm}",
        named | {"realm": realm},
        masked=f"xxxx@{realm}",
        geographic=plmns.is_geographic(named["mcc"]),
    )


def imei(text: str) -> Identifier:
    """Read an IMEI or IMEISV (3GPP TS 23.003 clause 6.2); the canonical form is the IMEI.

    The check digit is computed where it is missing: in 14 digits, in an IMEISV, and where the
    radio interface carries the spare digit 0 in its place (clause 6.2.1). Another one that does
    not fit is refused, since a digit was mistyped.
    """
    match = _IMEI.fullmatch(admitted(text, _WANTED_IMEI))
    if match is None:
        raise IdentifierRefused(_WANTED_IMEI)
    digits = re.sub(r"[- ]", "", match[1])
    check = check_digit(digits)
    if len(match[2]) == 1 and match[2] not in {check, "0"}:
        raise IdentifierRefused(_WANTED_IMEI)
    shown = digits[:_TAC] + hidden(digits[_TAC:] + check)
    return identifier(Kind.IMEI, digits + check, {"tac": digits[:_TAC]}, masked=shown)


def tac(text: str) -> Identifier:
    """Read a type allocation code: it names a vendor's model, no device and no operator."""
    text = admitted(text, _WANTED_TAC)
    if _TAC_ONLY.fullmatch(text) is None:
        raise IdentifierRefused(_WANTED_TAC)
    return identifier(Kind.TAC, text, {"tac": text})


def check_digit(digits: str) -> str:
    """Return the Luhn check digit of 14 digits (3GPP TS 23.003 Annex B.2)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return str(-total % 10)


def msisdn(text: str) -> Identifier:
    """Read a subscriber's number: + and E.164, or ``msisdn-`` and digits (3GPP TS 29.571).

    The region is the range holder's: numbers are ported.
    """
    lowered = text[:7].lower()
    digits = e164("+" + text[7:] if lowered == "msisdn-" else text)
    return _msisdn(digits, {"region": region(digits)})


def msisdn_of_digits(digits: str) -> Identifier:
    """Read an international number as messages carry it: bare digits, its country not asked.

    To tell that takes longer than all else, and who reads a capture asks for none.
    """
    fits = SHORTEST_NUMBER <= len(digits) <= LONGEST_NUMBER
    if not fits or not digits.isascii() or not digits.isdecimal():
        return msisdn(f"+{digits}")
    return _msisdn(digits, {})


def _msisdn(digits: str, parts: dict[str, str]) -> Identifier:
    return identifier(
        Kind.MSISDN,
        f"+{digits}",
        {"country_code": country_code(digits), **parts},
        masked=f"+{masked(digits)}",
        geographic=is_geographic(digits),
    )
