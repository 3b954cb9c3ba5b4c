"""Messages become elements, by the decoders of pycrate; runs in the limited process alone.

Whatever the library raises is taken for what it is: the octets are no such message. What is shown
of a value `showing` decides, never the library.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import Any

from tcert.response.captures import sip as sips
from tcert.response.captures.naming import Names
from tcert.response.captures.sightings import Tally
from tcert.response.explain import layers, showing
from tcert.response.explain.enums import Protocol
from tcert.response.explain.tree import DEEPEST, MOST_ELEMENTS, Element

LIBRARIES = {
    Protocol.M3UA: ("pycrate_mobile.SCCP", "pycrate_asn1dir.TCAP_MAPv2v3"),
    Protocol.SCCP: ("pycrate_mobile.SCCP", "pycrate_asn1dir.TCAP_MAPv2v3"),
    Protocol.TCAP: ("pycrate_asn1dir.TCAP_MAPv2v3",),
    Protocol.MAP: ("pycrate_asn1dir.TCAP_MAPv2v3",),
    Protocol.DIAMETER: ("pycrate_diameter.Diameter3GPP",),
    Protocol.GTP: ("pycrate_mobile.TS29274_GTPC", "pycrate_mobile.TS29060_GTP"),
    Protocol.PFCP: ("pycrate_mobile.TS29244_PFCP",),
    Protocol.SIP: (),
}
"""What reads a protocol: loaded before the limits close, since nothing can be opened then."""

_SCCP_SERVICE = 3
_PROTOCOL_DATA = 0x0210
_PARAMETERS = {
    0x0006: "Routing Context",
    0x000B: "Traffic Mode Type",
    0x000C: "Error Code",
    0x000D: "Status",
    0x0011: "ASP Identifier",
    0x0012: "Affected Point Code",
    0x0013: "Correlation Id",
    0x0200: "Network Appearance",
}
"""Numbers of four octets (RFC 4666 clause 3.2); what others hold may be text."""
_GTP_USER_DATA = 255
_ASN1_PAIR = 2
_MOST_ARCS = 64
_LONGEST_TAG = 3
"""Octets; in a longer one somebody could write."""
_LONGEST_LIST = 200
_NOISE = frozenset(("spare", "pad", "AVPPad", "reserved", "res", "ext", "Pointers", "Len"))
_OF_AN_ELEMENT = frozenset(("Hdr", "Type"))
"""What repeats in numbers which element it is; its name says it already."""
_LABELS = frozenset(("APNItem", "Label"))
_SHOWN_HEADERS = frozenset(
    ("content-length", "content-type", "cseq", "expires", "max-forwards", "server")
)
_SHOWN_VALUE = re.compile(
    r"[0-9]{1,10}( [A-Z]{1,24})?|[A-Za-z0-9._+-]{1,60}/[A-Za-z0-9._+-]{1,60}|[A-Za-z._-]{1,30}"
)
"""A number, a method, a type or a product; nothing that reads as a sentence."""
_HEADERS = re.compile(
    r"a|accept|accept-contact|accept-encoding|accept-language|alert-info|allow|allow-events"
    r"|authentication-info|authorization|b|c|call-id|call-info|contact|content-disposition"
    r"|content-encoding|content-language|content-length|content-transfer-encoding|content-type"
    r"|cseq|d|date|diversion|e|error-info|event|expires|f|feature-caps|from|history-info|i"
    r"|in-reply-to|j|k|l|m|max-forwards|mime-version|min-expires|min-se|o|organization"
    r"|p-access-network-info|p-asserted-identity|p-associated-uri|p-called-party-id"
    r"|p-charging-function-addresses|p-charging-vector|p-early-media|p-preferred-identity"
    r"|p-preferred-service|p-visited-network-id|path|priority|privacy|proxy-authenticate"
    r"|proxy-authorization|proxy-require|r|rack|reason|record-route|refer-to|referred-by"
    r"|reject-contact|replaces|reply-to|request-disposition|require|retry-after|route|rseq|s"
    r"|security-client|security-server|security-verify|server|service-route|session-expires"
    r"|sip-etag|sip-if-match|subject|subscription-state|supported|t|timestamp|to|u|unsupported"
    r"|user-agent|v|via|warning|www-authenticate|x"
)
"""Names that are printed: a line that goes on from the one before, or a body in the wrong place,
has none of them."""
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


class Undecodable(ValueError):
    """The octets are no message of the protocol that they were given as."""


class Explainer:
    """Explains messages; `problems` tells what could not be decoded."""

    def __init__(self, *, whole: bool = False) -> None:
        self.whole = whole
        self.problems: list[str] = []
        self._left = MOST_ELEMENTS
        self._names = Names(Tally())
        self._readers: dict[Protocol, Callable[[bytes, Element], None]] = {
            Protocol.M3UA: self._m3ua,
            Protocol.SCCP: self._sccp,
            Protocol.TCAP: self._tcap,
            Protocol.MAP: self._tcap,
            Protocol.DIAMETER: self._diameter,
            Protocol.GTP: self._gtp,
            Protocol.PFCP: self._pfcp,
            Protocol.SIP: self._sip,
        }

    def packet(self, link: int, octets: bytes) -> Element:
        """Explain a packet of a capture."""
        found = Element("packet", f"{len(octets)} octets")
        try:
            for one in layers.carried(link, octets, found):
                self._into(one.protocol, one.octets, one.into)
        except layers.Damaged as error:
            self.problems.append(str(error))
        return found

    def message(self, protocol: Protocol, octets: bytes) -> Element:
        """Explain octets that are said to be a message of a protocol."""
        found = Element("message", f"{len(octets)} octets")
        self._into(protocol, octets, found)
        return found

    def _into(self, protocol: Protocol, octets: bytes, into: Element) -> None:
        one = into.add(protocol.upper())
        try:
            self._readers[protocol](octets, one)
        except (MemoryError, ImportError):
            raise
        except Exception:  # noqa: BLE001 - the library raises whatever its code runs into
            one.add("not decoded", f"{len(octets)} octets, not shown")
            self.problems.append(f"{len(octets)} octets are no {protocol.upper()} that can be read")

    def _m3ua(self, data: bytes, into: Element) -> None:
        kind, length = data[2:4], int.from_bytes(data[4:8], "big")
        if data[0] != 1 or not 8 < length <= len(data):  # noqa: PLR2004 - its header
            raise Undecodable
        into.add("class and type", f"{kind[0]} and {kind[1]}")
        at = 8
        while at < length:
            tag, size = (
                int.from_bytes(data[at : at + 2], "big"),
                int.from_bytes(data[at + 2 : at + 4], "big"),
            )
            value = data[at + 4 : at + size]
            if size < 4 or len(value) != size - 4:  # noqa: PLR2004 - a parameter's own header
                raise Undecodable
            if tag == _PROTOCOL_DATA and len(value) >= 12:  # noqa: PLR2004
                self._protocol_data(value, into.add("Protocol Data"))
            else:
                is_number = tag in _PARAMETERS and len(value) == 4  # noqa: PLR2004
                said = int.from_bytes(value, "big") if is_number else f"{len(value)} octets"
                into.add(_PARAMETERS.get(tag, f"parameter 0x{tag:04x}"), said)
            at += size + 3 & ~3

    def _protocol_data(self, value: bytes, into: Element) -> None:
        origin, target = int.from_bytes(value[:4], "big"), int.from_bytes(value[4:8], "big")
        service, network = value[8], value[9]
        into.add("originating point code", origin)
        into.add("destination point code", target)
        into.add("service indicator", service)
        into.add("network indicator", network)
        if service == _SCCP_SERVICE:
            self._into(Protocol.SCCP, value[12:], into)
        else:
            into.add("user's message", f"{len(value) - 12} octets of service {service}, not read")

    def _sccp(self, data: bytes, into: Element) -> None:
        found, wrong = _library("pycrate_mobile.SCCP").parse_SCCP(data)
        if wrong or found is None:
            raise Undecodable
        for one in list(found):
            name = one._name  # noqa: SLF001 - the library has no other way to ask
            if name in {"CalledPartyAddr", "CallingPartyAddr"}:
                self._party(one.to_bytes()[1:], into.add(name), one)
            elif name == "Data":
                if user := one[1].to_bytes():
                    self._into(Protocol.TCAP, user, into)
            else:
                self._walk(one, into, (name,))

    def _party(self, octets: bytes, into: Element, read: Any) -> None:
        """Tell a party by the reading of `captures`, which knows fillers and masks."""
        side = self._names.signalling_side[b"", octets, -1, 0]
        if side.gt is not None:
            into.add("global title", side.gt.canonical if self.whole else side.gt.masked)
        if side.ssn is not None:
            self._walk(read[1]["SSN"], into, ("SSN",))
        self._walk(read[1][0], into, ("address indicator",))

    def _tcap(self, data: bytes, into: Element) -> None:
        module = _library("pycrate_asn1dir.TCAP_MAPv2v3")
        message = module.TCAP_MAP_Messages.TCAP_MAP_Message
        try:
            message.from_ber(data)
            found = message.get_val()
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - as above
            self._ber(data, into.add("not read as MAP", "its elements by tag"), 0)
            self.problems.append("TCAP that is no MAP of this library: told by its tags alone")
            return
        self._asn1(found, into, (showing.MAP,))

    def _ber(self, data: bytes, into: Element, depth: int) -> None:
        """Tell elements of BER (ITU-T X.690) by tag and length; the values are not shown."""
        at = 0
        while at < len(data) and depth < DEEPEST and self._counted():
            begin, tag = at, data[at]
            at += 1
            if tag & 0x1F == 0x1F:  # noqa: PLR2004 - the tag goes on
                while data[at] & 0x80:
                    at += 1
                at += 1
            if at - begin > _LONGEST_TAG:
                raise Undecodable
            name = data[begin:at].hex()
            length = data[at]
            at += 1
            if length & 0x80:
                count = length & 0x7F
                length = int.from_bytes(data[at : at + count], "big")
                at += count
                if not 0 < count <= 4:  # noqa: PLR2004 - octets of a length
                    raise Undecodable
            value = data[at : at + length]
            if len(value) != length:
                raise Undecodable
            at += length
            if tag & 0x20:
                self._ber(value, into.add(f"tag {name}"), depth + 1)
            else:
                into.add(f"tag {name}", f"{length} octets, not shown")

    def _asn1(self, value: Any, into: Element, path: tuple[str, ...]) -> None:
        """Put a value of ASN.1 into an element: mappings, choices, lists and plain ones."""
        if not self._counted() or len(path) > DEEPEST:
            return
        if isinstance(value, dict):
            for name, one in value.items():
                self._asn1(one, into.add(str(name)), (*path, str(name)))
        elif isinstance(value, list):
            for one in value[:_LONGEST_LIST]:
                self._asn1(one, into.add("item"), path)
            if len(value) > _LONGEST_LIST:
                into.add("item", f"{len(value) - _LONGEST_LIST} more, not shown")
        elif isinstance(value, tuple):
            self._asn1_tuple(value, into, path)
        else:
            into.value = self._plain(value, path)

    def _plain(self, value: object, path: tuple[str, ...]) -> str:
        if isinstance(value, bytes):
            return showing.octets(path, value, whole=self.whole)
        if isinstance(value, str):
            return value if value in _words() else showing.text(path, value, whole=self.whole)
        if isinstance(value, int) and not isinstance(value, bool):
            return showing.number(path, value, whole=self.whole)
        return "yes" if value else "no"

    def _asn1_tuple(self, value: tuple[Any, ...], into: Element, path: tuple[str, ...]) -> None:
        if all(isinstance(one, int) for one in value):
            if len(value) == _ASN1_PAIR:
                into.value = showing.bits(path, *value, whole=self.whole)
            else:
                into.value = showing.arcs(value[:_MOST_ARCS])
            return
        name, inside = value
        if isinstance(name, tuple):  # the module and name of an open type
            name = name[-1]
        named = str(name)
        if named.startswith("_unk"):
            into.add("unknown extension", "not shown")
            return
        self._asn1(inside, into.add(named), (*path, named))

    def _diameter(self, data: bytes, into: Element) -> None:
        if data[0] != 1 or int.from_bytes(data[1:4], "big") != len(data):
            raise Undecodable
        message = _library("pycrate_diameter.Diameter3GPP").Diameter3GPP()
        message.from_bytes(data)
        if len(message.to_bytes()) != len(data):
            self.problems.append("the attributes of a message do not fill it: some are not told")
        self._walk(message[0], into, ("header",))
        self._attributes(message[1], into, ())

    def _attributes(self, several: Any, into: Element, path: tuple[str, ...]) -> None:
        for one in list(several):
            if not self._counted():
                return
            code = one[0]["Code"]
            name = _label(code) or f"AVP {code.get_val()}"
            for data in list(one)[1:]:
                if data._name in _NOISE:  # noqa: SLF001
                    continue
                element, inside = into.add(name), (*path, name)
                if _is_many(data) and len(inside) < DEEPEST and _has_attributes(data):
                    self._attributes(data, element, inside)
                else:
                    self._attribute(data, element, inside)

    def _attribute(self, data: Any, into: Element, path: tuple[str, ...]) -> None:
        if data.__class__.__name__ == "Address" or _is_many(data):
            into.value = showing.octets(path, data.to_bytes(), whole=self.whole)
        else:
            self._leaf(data, into, path)

    def _gtp(self, data: bytes, into: Element) -> None:
        head = 4 if data[0] >> 5 == 2 else 8  # noqa: PLR2004 - octets that the length leaves out
        self._and_behind(Protocol.GTP, self._gtp_message, data, head, into)

    def _gtp_message(self, data: bytes, into: Element) -> None:
        version = data[0] >> 5
        if version == 2:  # noqa: PLR2004
            found, wrong = _library("pycrate_mobile.TS29274_GTPC").parse_GTPC(data)
        elif version == 1 and data[1] == _GTP_USER_DATA:
            into.add("user plane", showing.content(len(data) - 8))
            return
        else:
            module = _library("pycrate_mobile.TS29060_GTP")
            found, wrong = module.parse_GTP_SGSN(data)
            if found is None:
                found, wrong = module.parse_GTP_GGSN(data)
        self._parsed(found, wrong, into)

    def _pfcp(self, data: bytes, into: Element) -> None:
        self._and_behind(Protocol.PFCP, self._pfcp_message, data, 4, into)

    def _pfcp_message(self, data: bytes, into: Element) -> None:
        found, wrong = _library("pycrate_mobile.TS29244_PFCP").parse_PFCP(data)
        self._parsed(found, wrong, into)

    def _and_behind(
        self,
        protocol: Protocol,
        reading: Callable[[bytes, Element], None],
        data: bytes,
        head: int,
        into: Element,
    ) -> None:
        """Explain the first message of a datagram and those behind it (piggybacked)."""
        length = head + int.from_bytes(data[2:4], "big")
        if length > len(data):
            raise Undecodable
        reading(data[:length], into)
        if length < len(data) and self._counted() and data[length] >> 5 == data[0] >> 5:
            self._into(protocol, data[length:], into.add("behind it"))

    def _parsed(self, found: Any, wrong: int, into: Element) -> None:
        if found is None:
            raise Undecodable
        if wrong:
            into.add("note", "an element that the standard wants is missing")
        into.value = str(found._name)  # noqa: SLF001
        for one in list(found):
            self._walk(one, into, (one._name,))  # noqa: SLF001

    def _walk(self, one: Any, into: Element, path: tuple[str, ...]) -> None:
        """Put an element of the library into ours, without what is only padding."""
        if not self._counted() or len(path) > DEEPEST or one.get_trans():
            return
        name = str(one._name)  # noqa: SLF001
        if name in _NOISE or (name in _OF_AN_ELEMENT and _is_of_element(path)):
            return
        if hasattr(one, "get_alt"):
            one = one.get_alt()
        if _is_many(one):
            element = into.add(path[-1] if len(path) == 1 else name)
            several = list(one)  # the library counts nested iterations; one at a time is sure
            if several and several[0]._name in _LABELS:  # noqa: SLF001
                named = path if showing.meant(path) == "apn" else (*path, "fqdn")
                element.value = showing.octets(named, one.to_bytes(), whole=self.whole)
                return
            for inside in several:
                self._walk(inside, element, (*path, str(inside._name)))  # noqa: SLF001
            return
        self._leaf(one, into.add(name), path)

    def _leaf(self, one: Any, into: Element, path: tuple[str, ...]) -> None:
        value = one.get_val()
        if isinstance(value, int):
            into.value = showing.number(path, value, _label(one), whole=self.whole)
        elif isinstance(value, str):
            into.value = showing.text(path, value, whole=self.whole)
        else:
            into.value = showing.octets(path, one.to_bytes(), whole=self.whole)

    def _sip(self, data: bytes, into: Element) -> None:
        if not sips.begins(data, 0, len(data)):
            raise Undecodable
        head, *behind = _END_OF_HEADERS.split(data, 1)
        body = b"".join(behind)
        first, *rest = re.split(rb"\r?\n", head)
        words = first.decode("ascii", "replace").split(" ")
        if words[0] == "SIP/2.0":
            into.add("answer", words[1])
        else:
            into.add("request", f"{words[0]} to {self._uri(words[1].encode())}")
        for line in rest:
            if not self._counted():
                return
            name, _colon, value = line.partition(b":")
            plain, value = name.decode("ascii", "replace").rstrip(" \t"), value.strip()
            if _HEADERS.fullmatch(plain.lower()) is None:
                into.add("header", f"{len(line)} octets, not shown")
            elif plain.lower() in {"from", "to", "f", "t"}:
                into.add(plain, self._uri(value))
            else:
                into.add(plain, _header(plain, value))
        into.add("body", showing.content(len(body)) if body else "empty")

    def _uri(self, value: bytes) -> str:
        """Return the domain of an address, with the part before @ masked unless all is asked."""
        host = sips.domain(value).decode("ascii", "replace")
        if not host:
            return f"{len(value)} octets, not shown"
        _scheme, _colon, rest = value.partition(b"sip")
        user = rest.partition(b":")[2].partition(b"@")[0].decode("ascii", "replace")
        if host.isdecimal() and not self.whole:
            host = "hidden"  # a number to call that stands where a domain should
        shown = user if self.whole and b"@" in rest else "hidden"
        return f"{shown}@{showing.unnumbered(host)}" if b"@" in rest else showing.unnumbered(host)

    def _counted(self) -> bool:
        self._left -= 1
        return self._left > 0


def load(protocols: Iterable[Protocol]) -> None:
    """Load what reads protocols; raises ImportError where it is not installed."""
    for protocol in protocols:
        for name in LIBRARIES[protocol]:
            _library(name)
        if any("asn1dir" in name for name in LIBRARIES[protocol]):
            _words()


@cache
def _library(name: str) -> Any:
    return import_module(name)


@cache
def _words() -> frozenset[str]:
    """Return the words of all enumerations of MAP: what else is a text is a text of somebody."""
    module = _library("pycrate_asn1dir.TCAP_MAPv2v3")
    found: set[str] = set()
    for part in vars(module).values():
        for one in getattr(part, "_all_", ()):
            found |= _enumerated(one, 0)
    return frozenset(found)


def _enumerated(one: Any, depth: int) -> set[str]:
    inside = getattr(one, "_cont", None)
    if getattr(one, "TYPE", "") == "ENUMERATED" and inside:
        return {str(name) for name in inside}
    found: set[str] = set()
    if isinstance(inside, dict) and depth < 4:  # noqa: PLR2004 - types within types
        for part in inside.values():
            found |= _enumerated(part, depth + 1)
    return found


def _header(name: str, value: bytes) -> str:
    """Return what is shown of a header of SIP."""
    shown = value.decode("ascii", "replace")
    if name.lower() in _SHOWN_HEADERS and _SHOWN_VALUE.fullmatch(shown):
        return showing.unnumbered(shown)
    return f"{len(value)} octets, not shown"


def _is_of_element(path: tuple[str, ...]) -> bool:
    """Tell whether a path leads to what stands directly in an information element."""
    *_before, group, _element, _name = ("", "", *path)
    return group.endswith("IEs")


def _is_many(one: Any) -> bool:
    return hasattr(one, "_content")


def _has_attributes(one: Any) -> bool:
    several = list(one)
    inside = list(several[0]) if several and _is_many(several[0]) else []
    return bool(inside) and inside[0]._name == "AVPHdr"  # noqa: SLF001


def _label(one: Any) -> str:
    """Return the library's word for a number, nothing where it has none."""
    try:
        words = one.get_dic()
        return str(words[one.get_val()]) if words else ""
    except (AttributeError, KeyError, TypeError, IndexError):
        return ""
