"""Claims out of an IR.21 file, as GSMA's TADIG RAEX exchanges it in XML. Pure.

The schema's namespace differs between its versions, so elements are known by their local names
(GSMA PRD TD.13, RAEX IR.21 XML schema). What is read: networks (E.212), ranges of Global Titles
and of subscriber numbers (CC, NDC, first and last number), networks and AS numbers of the IP
backbone, Diameter realms and hosts. What it says of the organisation is shown, and claims nothing.

The file is hostile until proven otherwise: document types, entities and references to elsewhere
are refused, depth and size are bounded.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from tcert.community.claims.csvfile import FileRefused
from tcert.community.claims.rows import RefusedRow, Row, once, read
from tcert.foundation.identifiers.kinds import Kind

MOST_BYTES = 10 * 1024 * 1024
DEEPEST = 60
MOST_ELEMENTS = 600_000
_MOST_FACTS = 60
_LONGEST_FACT = 120
_ROOT = "TADIGRAEXIR21"
_FACTS = {
    "OrganisationName": "organisation",
    "OrganizationName": "organisation",
    "CountryInitials": "country",
    "TADIGCode": "tadig",
    "SenderTADIG": "sender",
    "NetworkName": "network",
    "GRXProvider": "carrier",
    "IPXProviderName": "carrier",
}
_REALMS = {"Realm", "EPCRealm", "DiameterRealm", "EPCRealmName", "HomeRealm"}
_HOSTS = {"DiameterHost", "HostName", "DiameterFQDN", "DEAFQDN"}
_NETWORKS = {"IPAddressRange", "IPAddressOrRange", "IPAddress"}
_BACKBONE = {"InterPMNBackboneIPList", "InterPMNBackboneIPs"}
_TITLES, _SUBSCRIBERS = "GT_NumberRanges", "MSISDN_NumberRanges"


@dataclass(slots=True)
class Ir21:
    """What a file holds: rows to claim, and what it says of whose it is."""

    rows: list[Row | RefusedRow] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)


def read_ir21(data: bytes, now: datetime) -> Ir21:
    """Read a file; rows are numbered in the order of the file, as it has no lines that count.

    Raises:
        FileRefused: it is no XML, none of this kind, too deep or too large, or it holds a document
            type or an entity.

    """
    if len(data) > MOST_BYTES:
        raise FileRefused("large")
    found = Ir21()
    try:
        found.rows = list(once(_numbered(_found(data, found.facts), now)))
    except DefusedXmlException:
        raise FileRefused("entities") from None
    except (ParseError, ValueError, LookupError):
        raise FileRefused("xml") from None
    return found


def _numbered(cells: Iterator[tuple[Kind, str]], now: datetime) -> Iterator[Row | RefusedRow]:
    seen: set[tuple[Kind, str]] = set()
    for number, (kind, value) in enumerate(cells, start=1):
        if (kind, value) in seen:
            continue  # one range stands in several sections of a file; that is no mistake
        seen.add((kind, value))
        yield read(number, {"kind": kind, "value": value, "evidence": "IR.21"}, now)


def _found(data: bytes, facts: list[tuple[str, str]]) -> Iterator[tuple[Kind, str]]:
    """Walk the file once; elements are thrown away as soon as they have ended."""
    path: list[str] = []
    stack: list[Element] = []
    events: Any = iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True)
    for count, (event, element) in enumerate(events):
        if event == "start":
            path.append(_local(element.tag))
            stack.append(element)
            if len(path) > DEEPEST or count > 2 * MOST_ELEMENTS:
                raise FileRefused("deep")
            if len(path) == 1 and path[0] != _ROOT:
                raise FileRefused("not-ir21")
            continue
        yield from _claimed(path, element)
        _note(path[-1], element, facts)
        path.pop()
        stack.pop()
        if stack and path[-1] not in _KEPT:
            stack[-1].remove(element)


_KEPT = {"NumberRange", "SN_Range", "CCITT_E212_NumberSeries", "RangeData"}
"""What is read whole when it ends."""


def _claimed(path: list[str], element: Element) -> Iterator[tuple[Kind, str]]:
    name, above = path[-1], set(path[:-1])
    text = (element.text or "").strip()
    if name == "NumberRange" and _TITLES in above:
        yield Kind.GT_RANGE, _range(element)
    elif name == "NumberRange" and _SUBSCRIBERS in above:
        yield Kind.MSISDN_RANGE, _range(element)
    elif name == "CCITT_E212_NumberSeries":
        yield Kind.PLMN, f"{_child(element, 'MCC')}-{_child(element, 'MNC')}"
    elif name in _NETWORKS and above & _BACKBONE and text:
        yield (Kind.CIDR if "/" in text else Kind.IP), text
    elif name == "ASN" and text:
        yield Kind.ASN, text
    elif name in _REALMS and text:
        yield Kind.DIAMETER_REALM, text
    elif name in _HOSTS and text and any("Diameter" in one or "LTE" in one for one in above):
        yield Kind.DIAMETER_HOST, text


def _range(element: Element) -> str:
    """Put a range together: country code, network code, first and last number."""
    front = _child(element, "CC") + _child(element, "NDC")
    first, last = _child(element, "SN_RangeStart"), _child(element, "SN_RangeStop")
    return f"+{front}{first}-{front}{last}" if first and last else f"+{front}{first or last}"


def _child(element: Element, name: str) -> str:
    for one in element.iter():
        if _local(one.tag) == name:
            return (one.text or "").strip()
    return ""


def _note(name: str, element: Element, facts: list[tuple[str, str]]) -> None:
    label, text = _FACTS.get(name, ""), (element.text or "").strip()[:_LONGEST_FACT]
    fact = (label, "".join(letter for letter in text if letter.isprintable()))
    if label and fact[1] and len(facts) < _MOST_FACTS and fact not in facts:
        facts.append(fact)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
