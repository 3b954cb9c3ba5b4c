"""The door of the room: read a text as a kind, guess the kinds it may be, find its networks."""

import re
from collections.abc import Callable, Container, Mapping
from functools import partial
from types import MappingProxyType

from tcert.foundation.identifiers import (
    internet,
    names,
    numbers,
    places,
    plmn,
    pointcodes,
    products,
    subscribers,
)
from tcert.foundation.identifiers.cpe import cpe
from tcert.foundation.identifiers.kinds import Identifier, Kind
from tcert.foundation.identifiers.purl import purl
from tcert.foundation.identifiers.refusals import EDGES, LONGEST, IdentifierRefused

PARSERS: Mapping[Kind, Callable[[str], Identifier]] = MappingProxyType(
    {
        Kind.PLMN: plmn.read,
        Kind.IMSI: subscribers.imsi,
        Kind.SUCI: subscribers.suci,
        Kind.GUTI: subscribers.guti,
        Kind.GUTI_5G: subscribers.guti_5g,
        Kind.NAI: subscribers.nai,
        Kind.IMEI: subscribers.imei,
        Kind.TAC: subscribers.tac,
        Kind.MSISDN: subscribers.msisdn,
        Kind.MSISDN_RANGE: partial(numbers.number_range, Kind.MSISDN_RANGE),
        Kind.GLOBAL_TITLE: numbers.global_title,
        Kind.GT_RANGE: partial(numbers.number_range, Kind.GT_RANGE),
        Kind.POINT_CODE_INTERNATIONAL: pointcodes.international,
        Kind.POINT_CODE_NATIONAL: pointcodes.national,
        Kind.POINT_CODE_ANSI: pointcodes.ansi,
        Kind.ECGI: places.ecgi,
        Kind.NCGI: places.ncgi,
        Kind.TAI: places.tai,
        Kind.DIAMETER_REALM: names.realm,
        Kind.DIAMETER_HOST: names.host,
        Kind.FQDN_5G: names.fqdn_5g,
        Kind.APN: names.apn,
        Kind.IP: internet.ip,
        Kind.CIDR: internet.cidr,
        Kind.ASN: internet.asn,
        Kind.DOMAIN: internet.domain,
        Kind.EMAIL: internet.email,
        Kind.PRODUCT: products.product,
        Kind.CPE: cpe,
        Kind.PURL: purl,
        Kind.FUNCTION: products.function,
    }
)

_NEVER_GUESSED = {Kind.FUNCTION, Kind.GT_RANGE, Kind.MSISDN_RANGE}
"""A short word, and a number that another kind already reads, would be among every answer."""
_BARE = re.compile(r"[0-9]+")
_PADDED = re.compile(r"mnc[0-9]{3}\.mcc[0-9]{3}", re.IGNORECASE)
_USUAL_IMSI = {14, 15}
_USUAL_IMEI = {15, 16}
_DEVICE_BODIES = ("01", "35", "86", "91", "99")
"""Reporting bodies that begin most of today's TACs (3GPP TS 23.003 clause 6.2.2)."""
_SURE, _LIKELY, _POSSIBLE, _UNLIKELY = range(4)


def parse(kind: Kind, text: str) -> Identifier:
    """Read a text as an identifier of one kind.

    Raises IdentifierRefused, whose message says what a right one looks like and never repeats the
    text.
    """
    return PARSERS[kind](text)


def guess(text: str) -> tuple[Identifier, ...]:
    """Return every kind that the text can be read as, the likelier first; none if it is none.

    More than one answer is the rule for bare digits and for names: a person or the context decides.
    Whoever stores or shows what was pasted masks it as the most sensitive answer asks.
    """
    if len(text) > LONGEST:
        return ()
    text = text.strip(EDGES)
    found = _padded(text)
    for kind, read in PARSERS.items():
        if kind in _NEVER_GUESSED:
            continue
        # signalling writes a subscriber's number without +, and so do the people who paste it
        written = f"+{text}" if kind == Kind.MSISDN and _BARE.fullmatch(text) else text
        try:
            found.append(read(written))
        except IdentifierRefused:
            continue
    return tuple(sorted(found, key=lambda candidate: _doubt(candidate, text)))


def networks(found: Identifier, operational: Container[str] = ()) -> tuple[plmn.Candidate, ...]:
    """Return the PLMNs that an identifier may belong to, the likelier first; often none.

    `operational` are the PLMNs in use; they decide where the length of an MNC is not known. For
    cells, tracking areas and GUTIs this is the serving network, for the others the home network.
    """
    if "plmn" in found.parts:
        return plmn.ranked([found.parts["plmn"]], operational)
    if "padded" in found.parts:
        return plmn.from_padded(found.parts["padded"], operational)
    if found.kind == Kind.IMSI:
        return plmn.of_imsi(found.canonical, operational)
    if found.parts.get("np") == str(numbers.NumberingPlan.E212.value):
        return plmn.of_imsi(found.parts["digits"], operational)
    return ()


def _padded(text: str) -> list[Identifier]:
    """Read ``mnc005.mcc405`` alone, which names a network without saying how long its MNC is."""
    if _PADDED.fullmatch(text) is None:
        return []
    return [plmn.read(candidate.plmn) for candidate in plmn.from_padded(text)]


def _doubt(found: Identifier, text: str) -> int:
    """Return how little the text tells its kind by itself: 0 is sure, 3 unlikely."""
    if _BARE.fullmatch(text):
        return _doubt_of_digits(found, text)
    doubt = _SURE
    match found.kind:
        case Kind.DIAMETER_REALM if not names.is_operator_realm(found.canonical):
            doubt = _POSSIBLE
        case Kind.DIAMETER_HOST:
            doubt = _LIKELY if "padded" in found.parts else _POSSIBLE
        case Kind.DOMAIN:
            doubt = _UNLIKELY if names.wears_plmn(found.canonical) else _LIKELY
        case Kind.MSISDN if not numbers.is_assigned(found.canonical[1:]):
            doubt = _POSSIBLE
        case Kind.GLOBAL_TITLE:
            doubt = _LIKELY
        case Kind.POINT_CODE_ANSI:
            doubt = _LIKELY
        case Kind.ASN if not text.upper().startswith("AS"):
            doubt = _POSSIBLE
    return doubt


def _doubt_of_digits(found: Identifier, text: str) -> int:
    doubt = _POSSIBLE
    match found.kind:
        case Kind.PLMN:
            doubt = _SURE
        case Kind.IMSI if len(text) not in _USUAL_IMSI or found.parts["use"] == plmn.Use.OTHER:
            doubt = _UNLIKELY
        case Kind.IMSI:
            doubt = _LIKELY if text.startswith(_DEVICE_BODIES) else _SURE
        case Kind.IMEI:
            doubt = _SURE if len(text) in _USUAL_IMEI and text.startswith(_DEVICE_BODIES) else doubt
        case Kind.MSISDN if not numbers.is_assigned(text):
            doubt = _UNLIKELY
        case Kind.GLOBAL_TITLE if numbers.is_assigned(text):
            doubt = _LIKELY
    return doubt
