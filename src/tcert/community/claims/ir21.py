"""Claims out of an IR.21 file, as GSMA's TADIG RAEX exchanges it in XML. Pure.

What the file holds is described in GSMA PRD IR.21 (Roaming Database, Structure and Updating
Procedures), which was not at hand when this was written, nor was the XML schema, which goes to
GSMA's members only. The names below are those of its namespace
``https://infocentre.gsm.org/TADIG-RAEX-IR21`` as public readers of such files know them, of schema
versions 8.2 to 18.0: elements are known by their local names and by what they stand in, since
sections were renamed (IPRoaming_IW_InfoSection became GRXIPXRoutingForDataRoamingSection).

What is claimed: networks (E.212), ranges of Global Titles and of subscriber numbers (CC, NDC, first
and last number), networks of the IP backbone, AS numbers of the operator's own list, EPC realms and
the hosts below these. What is a carrier's or a hosted network's is not: the AS number beside a
GRX or IPX provider, an edge agent under a provider's name. Everything else that the file says is
counted by section and told, so that nobody believes it was taken over.

The file is hostile until proven otherwise: document types, entities and references to elsewhere
are refused, depth and size are bounded.
"""

import io
import re
from collections import Counter
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
    "CountryInitials": "country",
    "TADIGCode": "tadig",
    "SenderTADIG": "sender",
    "NetworkName": "network",
    "NetworkOwner": "network owner",
    "GRXProvider": "carrier",
    "ProviderName": "carrier",
    "TADIGRAEXIR21SchemaVersion": "schema version",
    "FileCreationTimestamp": "created",
}
_USUAL_OWNER = "MNO"
"""Stands in nearly every row; another one is shown, for the person to look at."""
_SECTIONS = frozenset(
    {
        "RAEXIR21FileHeader",
        "RoutingInfoSection",
        "InternationalSCCPGatewaySection",
        "DomesticSCCPGatewaySection",
        "SCCPProtocolAvailableAtPMNSection",
        "SubscrIdentityAuthenticationSection",
        "TestNumbersInfoSection",
        "MAPGeneralInfoSection",
        "MAPOptimalRoutingSection",
        "MAPInterOperatorSMSEnhancementSection",
        "NetworkElementsInfoSection",
        "USSDInfoSection",
        "CAMELInfoSection",
        "PacketDataServiceInfoSection",
        "IPRoaming_IW_InfoSection",
        "GRXIPXRoutingForDataRoamingSection",
        "MMS_IW_InfoSection",
        "WLANInfoSection",
        "LTEInfoSection",
        "SignallingInfoSection",
        "ContactInfoSection",
        "HostedNetworksInfo",
    }
)
_PLAIN = frozenset({"OrganisationInfo", "NetworkList", "Network", "NetworkData"})
"""What sections stand in; a value right below one is told by its own name."""
_NO_VALUE = frozenset({"EffectiveDateOfChange", "ChangeHistory", "SectionID", "SectionNA"})
_PLMN = frozenset({"CCITT_E212_NumberSeries", "NetworkProperties"})
_RANGES = {"GT_NumberRanges": Kind.GT_RANGE, "MSISDN_NumberRanges": Kind.MSISDN_RANGE}
_BACKBONE, _ASNS = "InterPMNBackboneIPList", "ASNsList"
_REALMS, _HOST, _LTE = "EPCRealmsForRoaming", "FQDN", "LTEInfoSection"
_HOSTED = "HostedNetworksInfo"
_BETWEEN = re.compile(r"[\s,;]+")
_KEPT = frozenset({"NumberRange", "SN_Range", *_PLMN, "IPAddressOrRange"})
"""What is read whole when it ends."""
LEFT, UNKNOWN = "left", "unknown"
_MOST_LEFT = 60


@dataclass(slots=True)
class Ir21:
    """What a file holds: rows to claim, and what else it says.

    `facts` are pairs of a word and a text: of whose it is; under the words `LEFT` and `UNKNOWN`
    what was not taken over, the latter in sections that nobody here knows.
    """

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
    found, walk = Ir21(), _Walk()
    try:
        found.rows = list(once(_numbered(walk.claims(data), now)))
    except DefusedXmlException:
        raise FileRefused("entities") from None
    except (ParseError, ValueError, LookupError):
        raise FileRefused("xml") from None
    found.facts = [*walk.facts, *walk.left()]
    return found


def _numbered(cells: Iterator[tuple[Kind, str]], now: datetime) -> Iterator[Row | RefusedRow]:
    seen: set[tuple[Kind, str]] = set()
    for number, (kind, value) in enumerate(cells, start=1):
        if (kind, value) in seen:
            continue  # one range stands in several sections of a file; that is no mistake
        seen.add((kind, value))
        yield read(number, {"kind": kind, "value": value, "evidence": "IR.21"}, now)


@dataclass(slots=True)
class _Walk:
    """One pass over a file; elements are thrown away as soon as they have ended."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    unused: Counter[tuple[str, str]] = field(default_factory=Counter)
    realms: set[str] = field(default_factory=set)
    hosts: dict[str, None] = field(default_factory=dict)

    def claims(self, data: bytes) -> Iterator[tuple[Kind, str]]:
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
            yield from self._claimed(path, element)
            self._note(path, element)
            path.pop()
            stack.pop()
            if stack and path[-1] not in _KEPT:
                stack[-1].remove(element)
        for host in self.hosts:
            if any(host.lower().endswith(f".{realm}") for realm in self.realms):
                yield Kind.DIAMETER_HOST, host
            else:
                self.unused[LEFT, f"{_LTE} / {_HOST}"] += 1

    def _claimed(self, path: list[str], element: Element) -> Iterator[tuple[Kind, str]]:
        name, above = path[-1], set(path[:-1])
        text = (element.text or "").strip()
        if _HOSTED in above:
            return
        if name == "NumberRange" and above & _RANGES.keys():
            kind = next(_RANGES[one] for one in reversed(path) if one in _RANGES)
            yield kind, _range(element)
        elif name in _PLMN and _child(element, "MCC"):
            yield Kind.PLMN, f"{_child(element, 'MCC')}-{_child(element, 'MNC')}"
        elif name == "IPAddressOrRange" and _BACKBONE in above:
            network = _child(element, "IPAddressRange") or _child(element, "IPAddress") or text
            yield (Kind.CIDR if "/" in network else Kind.IP), network
        elif name == "ASN" and _ASNS in above and text:
            yield Kind.ASN, text
        elif name == _REALMS and text:
            for realm in filter(None, _BETWEEN.split(text)):
                self.realms.add(realm.lower())
                yield Kind.DIAMETER_REALM, realm
        elif name == _HOST and _LTE in above and text:
            self.hosts[text] = None

    def _note(self, path: list[str], element: Element) -> None:
        """Keep what the file says of itself, and count what is not taken over."""
        name, text = path[-1], (element.text or "").strip()
        if not text or not _NO_VALUE.isdisjoint(path):
            return
        label = _FACTS.get(name, "")
        fact = (label, _shown(text))
        if label and fact not in self.facts and text != _USUAL_OWNER:
            if len(self.facts) < _MOST_FACTS:
                self.facts.append(fact)
        elif not label and not _is_taken(path):
            self.unused[_where(path)] += 1

    def left(self) -> list[tuple[str, str]]:
        """Return what was not taken over: first what is unknown, then by section."""
        found = sorted(self.unused.items(), key=lambda one: (one[0][0] == LEFT, one[0][1]))
        return [(word, f"{where}: {count}") for (word, where), count in found[:_MOST_LEFT]]


def _is_taken(path: list[str]) -> bool:
    """Tell whether a value is part of what is claimed."""
    names = set(path)
    if _HOSTED in names:
        return False
    if "NumberRange" in names and names & _RANGES.keys():
        return True
    if path[-1] in {"MCC", "MNC"} and names & _PLMN:
        return True
    if _BACKBONE in names or (path[-1] == "ASN" and _ASNS in names):
        return True
    return path[-1] == _REALMS or (path[-1] == _HOST and _LTE in names)


def _where(path: list[str]) -> tuple[str, str]:
    """Return whether its section is known, and where a value stands: section and list."""
    below = [name for name in path[1:] if name not in _PLAIN] or path[-1:]
    section = below[0]
    # <RoutingInfoSection><RoutingInfo><MSRN_NumberRanges>: what is in the middle says nothing.
    part = f" / {_shown(below[2])}" if section in _READ and len(below) > 2 else ""  # noqa: PLR2004
    return (LEFT if section in _SECTIONS else UNKNOWN), _shown(section) + part


_READ = frozenset(
    {
        "RoutingInfoSection",
        "IPRoaming_IW_InfoSection",
        "GRXIPXRoutingForDataRoamingSection",
        "LTEInfoSection",
    }
)
"""Sections of which some is taken over: of these it is told which parts are not."""


def _shown(text: str) -> str:
    return "".join(letter for letter in text[:_LONGEST_FACT] if letter.isprintable())


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


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
