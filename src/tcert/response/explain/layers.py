"""What a packet carries: link, IP, transport, and the messages in it, as elements. Pure.

One packet stands alone: what goes across packets (IP fragments, chunks, segments) is said to be a
piece, and is not put together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from struct import error, unpack_from

from tcert.response.explain.enums import Protocol
from tcert.response.explain.showing import content
from tcert.response.explain.tree import Element

_TAGS = frozenset((0x8100, 0x88A8, 0x9100, 0x9200))
_IPV4, _IPV6 = 0x0800, 0x86DD
_TCP, _UDP, _SCTP, _FRAGMENT = 6, 17, 132, 44
_EXTENSIONS = frozenset((0, 43, 60, 135, 139, 140))
_SIGNALLING = {139: 7, 140: 3, 141: 0}
"""Links of SS7, and the octets before their MTP3."""
_MOST = 16
"""Tags, extension headers; no packet has more of them."""
_MOST_CHUNKS = 256
_GTP_USER = 2152
_DATAGRAMS = {2123: Protocol.GTP, 8805: Protocol.PFCP, 5060: Protocol.SIP}
_SEGMENTS = {3868: Protocol.DIAMETER, 5060: Protocol.SIP}
_CHUNKS = {3: Protocol.M3UA, 46: Protocol.DIAMETER}
_ASSOCIATIONS = {2905: Protocol.M3UA, 3868: Protocol.DIAMETER}
_DATA, _I_DATA = 0, 64


@dataclass(frozen=True, slots=True)
class Carried:
    """A message that a packet carries: where to put what is read of it."""

    protocol: Protocol
    octets: bytes
    into: Element


class Damaged(ValueError):
    """A layer breaks its own rules; the sentence says which."""


def carried(link: int, data: bytes, into: Element) -> Iterator[Carried]:
    """Put the layers of a packet into an element; yield the messages in it.

    Raises Damaged. Link types are those of the Tcpdump Group.
    """
    starts: dict[int, Callable[[], tuple[int, int]]] = {
        0: lambda: (_version(data, 4), 4),
        1: lambda: _tagged(data, 12),
        12: lambda: (_version(data, 0), 0),
        14: lambda: (_version(data, 0), 0),
        101: lambda: (_version(data, 0), 0),
        108: lambda: (_version(data, 4), 4),
        113: lambda: _tagged(data, 14),
        228: lambda: (_IPV4, 0),
        229: lambda: (_IPV6, 0),
        276: lambda: (_word(data, 0), 20),
    }
    try:
        if link == 248:  # noqa: PLR2004 - SCTP without IP
            yield from _sctp(data, into)
            return
        if link in _SIGNALLING:
            unit = data[_SIGNALLING[link] :]
            into.add("MTP3", f"service {unit[0] & 0xF}")
            if unit[0] & 0xF == 3:  # noqa: PLR2004 - SCCP
                yield Carried(Protocol.SCCP, unit[5:], into)
            return
        if link == 142:  # noqa: PLR2004 - SCCP itself
            yield Carried(Protocol.SCCP, data, into)
            return
        if link not in starts:
            raise Damaged(f"Packets of link type {link} are not read.")
        kind, at = starts[link]()
        yield from _internet(kind, data[at:], into)
    except (error, IndexError):
        raise Damaged("The packet is shorter than its layers say.") from None


def _word(data: bytes, at: int) -> int:
    return int(unpack_from(">H", data, at)[0])


def _version(data: bytes, at: int) -> int:
    return _IPV6 if data[at] >> 4 == 6 else _IPV4  # noqa: PLR2004 - the version's own number


def _tagged(data: bytes, at: int) -> tuple[int, int]:
    for _ in range(_MOST):
        if _word(data, at) not in _TAGS:
            break
        at += 4
    return _word(data, at), at + 2


def _internet(kind: int, data: bytes, into: Element) -> Iterator[Carried]:
    if kind == _IPV4 and data[0] >> 4 == 4:  # noqa: PLR2004
        total, place = _word(data, 2), _word(data, 6)
        ends, protocol = (data[12:16], data[16:20]), data[9]
        rest = data[(data[0] & 0xF) * 4 : total or len(data)]
        piece = place & 0x3FFF
        first = not place & 0x1FFF
    elif kind == _IPV6 and data[0] >> 4 == 6:  # noqa: PLR2004
        ends, protocol = (data[8:24], data[24:40]), data[6]
        rest = data[40 : 40 + _word(data, 4) if _word(data, 4) else len(data)]
        protocol, rest, piece, first = _behind(protocol, rest)
    else:
        raise Damaged(f"Behind the link stands no IP: type 0x{kind:04x}.")
    source, target = (str(ip_address(end)) for end in ends)
    packet = into.add("IP", f"{source} to {target}")
    if piece:
        packet.add("fragment", "one piece of several, not put together")
    if not first:
        return
    if protocol == _UDP:
        yield from _udp(rest, packet)
    elif protocol == _TCP:
        yield from _tcp(rest, packet)
    elif protocol == _SCTP:
        yield from _sctp(rest, packet)
    else:
        packet.add("protocol", f"{protocol}, not read")


def _behind(protocol: int, rest: bytes) -> tuple[int, bytes, int, bool]:
    piece, first = 0, True
    for _ in range(_MOST):
        if protocol == _FRAGMENT:
            piece, first = 1, not _word(rest, 2) & 0xFFF8
            protocol, rest = rest[0], rest[8:]
        elif protocol in _EXTENSIONS:
            protocol, rest = rest[0], rest[8 + rest[1] * 8 :]
        else:
            break
    return protocol, rest, piece, first


def _udp(data: bytes, into: Element) -> Iterator[Carried]:
    source, target = _word(data, 0), _word(data, 2)
    one = into.add("UDP", f"port {source} to {target}")
    payload = data[8 : _word(data, 4)]
    protocol = _DATAGRAMS.get(target) or _DATAGRAMS.get(source)
    if _GTP_USER in {source, target}:
        one.add("user plane", content(len(payload)))
    elif protocol and payload:
        yield Carried(protocol, payload, one)
    else:
        one.add("payload", f"{len(payload)} octets of another port, not read")


def _tcp(data: bytes, into: Element) -> Iterator[Carried]:
    source, target = _word(data, 0), _word(data, 2)
    one = into.add("TCP", f"port {source} to {target}")
    payload = data[(data[12] >> 4) * 4 :]
    protocol = _SEGMENTS.get(target) or _SEGMENTS.get(source)
    if protocol is None:
        one.add("payload", f"{len(payload)} octets of another port, not read")
        return
    for _ in range(_MOST_CHUNKS):
        if not payload:
            return
        length = len(payload)
        if protocol == Protocol.DIAMETER:
            if payload[0] != 1:
                one.add("segment", "goes on with an earlier one, not put together")
                return
            length = int.from_bytes(payload[1:4], "big")
            if length < 20 or length > len(payload):  # noqa: PLR2004 - its header
                one.add("segment", "the message goes on in the next one, not put together")
                return
        yield Carried(protocol, payload[:length], one)
        payload = payload[length:]


def _sctp(data: bytes, into: Element) -> Iterator[Carried]:
    source, target = _word(data, 0), _word(data, 2)
    one = into.add("SCTP", f"port {source} to {target}")
    at = 12
    for _ in range(_MOST_CHUNKS):
        if at + 4 > len(data):
            return
        kind, flags, length = unpack_from(">BBH", data, at)
        if length < 4 or at + length > len(data):  # noqa: PLR2004 - a chunk's own header
            raise Damaged("An SCTP chunk is longer than its packet.")
        start = {_DATA: 16, _I_DATA: 20}.get(kind, 0)
        if not start:
            one.add("chunk", f"type {kind}, management of the link")
        else:
            chunk = one.add("chunk", "DATA")
            word = int(unpack_from(">I", data, at + start - 4)[0])
            protocol = _CHUNKS.get(word) or (
                None if word else _ASSOCIATIONS.get(target) or _ASSOCIATIONS.get(source)
            )
            payload = data[at + start : at + length]
            if flags & 3 != 3:  # noqa: PLR2004 - both the first and the last piece
                chunk.add("piece", f"{len(payload)} octets of a message in several, not read")
            elif protocol:
                yield Carried(protocol, payload, chunk)
            else:
                chunk.add("payload", f"{len(payload)} octets of protocol {word}, not read")
        at += length + 3 & ~3
