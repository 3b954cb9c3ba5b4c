"""The way of a packet: link, IP, transport, and the scanner of what it carries.

Everything is a suspicion until its length is checked: what is damaged is counted and left, and no
loop is longer than the packet.
"""

from collections.abc import Callable, Iterator
from struct import Struct, error
from typing import IO

from tcert.response.captures import gtp, pfcp, sccp, sctp, sigtran, sip
from tcert.response.captures.context import Context
from tcert.response.captures.enums import Malformed, Skipped
from tcert.response.captures.files import Packet, packets
from tcert.response.captures.sightings import Sighting, Tally
from tcert.response.captures.streams import Streams

MOST_TAGS = 8
"""VLAN tags, and extension headers of IPv6, that are passed over to reach what they stand for."""

_IPV4, _IPV6 = 0x0800, 0x86DD
_TAGS = frozenset((0x8100, 0x88A8, 0x9100, 0x9200))
_TCP, _UDP, _SCTP = 6, 17, 132
_FRAGMENT = 44
_EXTENSIONS = {0: 8, 43: 8, _FRAGMENT: 0, 51: 4, 60: 8, 135: 8, 139: 8, 140: 8}
"""IPv6 extension headers, and in what they count their length beyond eight octets (RFC 8200)."""
_GTP_USER, _SIP, _DIAMETER = 2152, 5060, 3868
_NO_LABEL = (-1, -1, 0)

_USUAL = Struct(">12xHBxH2xHxB2x4s4sHHH").unpack_from
"""Ethernet, IPv4 without options, and the first words of UDP."""
_PLAIN, _FRAGMENTED = 0x45, 0x3FFF
"""Version and header length of such a packet; flag and offset of a fragment."""
_HEAD_4 = Struct(">BxHxxHxBxx4s4s").unpack_from
_HEAD_6 = Struct(">B3xHBx16s16s").unpack_from
_HEAD_UDP = Struct(">HHH").unpack_from
_HEAD_TCP = Struct(">HHI4xB").unpack_from

_DATAGRAMS = {2123: gtp.read, 8805: pfcp.read, _SIP: sip.read}


def scan(file: IO[bytes], *, country: str = "", tally: Tally | None = None) -> Iterator[Sighting]:
    """Yield what the packets of a capture name, in their order, in constant memory.

    `country` (ISO 3166) is that of the national SS7 network in which the capture was taken;
    without it national point codes are left out, since they mean nothing. `tally` counts while
    this goes on. Raises NotACapture before anything is yielded.
    """
    tally = Tally() if tally is None else tally
    return _sightings(packets(file, tally), Scanner(Context(tally, country)))


def _sightings(source: Iterator[Packet], scanner: "Scanner") -> Iterator[Sighting]:
    context = scanner.context
    tally, found = context.tally, context.found
    for link, time, octets, cut in source:
        tally.packets += 1
        context.time = time
        context.cut = cut
        context.source = context.destination = b""
        scanner.packet(link, octets)
        if found:
            tally.scanned += 1
            tally.sightings += len(found)
            yield from found
            found.clear()


class Scanner:
    """Takes packets of one capture, one after the other."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._streams = Streams()
        self._links: dict[int, Callable[[bytes], None]] = {
            0: self._loopback,
            1: self._ethernet,
            12: self._raw,
            14: self._raw,
            101: self._raw,
            108: self._loopback,
            113: self._cooked,
            139: lambda data: sigtran.mtp2(data, 4, len(data), context),
            140: lambda data: sigtran.mtp2(data, 0, len(data), context),
            141: lambda data: sigtran.mtp3(data, 0, len(data), context),
            142: lambda data: sccp.read(data, 0, len(data), _NO_LABEL, context),
            228: self._raw,
            229: self._raw,
            248: lambda data: sctp.read(data, 0, len(data), context),
            276: self._cooked_2,
        }
        """Link types as the Tcpdump Group lists them."""

    def packet(self, link: int, data: bytes) -> None:
        """Read one packet."""
        reader = self._links.get(link)
        if reader is None:
            self.context.skip(Skipped.LINK)
        else:
            reader(data)

    def _ethernet(self, data: bytes) -> None:
        """Read a frame; the usual packet, untagged and whole, without the steps it does not need.

        The long way gives the same answers, as a test holds it to.
        """
        try:
            kind, first, total, fragment, protocol, source, target, port, other, size = _USUAL(data)
        except error:
            kind = first = fragment = protocol = total = 0
        end = 14 + total
        if (
            kind == _IPV4
            and first == _PLAIN
            and not fragment & _FRAGMENTED
            and 34 < end <= len(data)  # noqa: PLR2004 - behind both headers
        ):
            context = self.context
            context.source = source
            context.destination = target
            if protocol == _SCTP:
                sctp.read(data, 34, end, context)
                return
            reader = _DATAGRAMS.get(other) or _DATAGRAMS.get(port)
            if reader and protocol == _UDP and size == end - 34 > 8:  # noqa: PLR2004 - its header
                reader(data, 42, end, context)
                return
        self._tagged(data)

    def _tagged(self, data: bytes) -> None:
        """Read a frame the long way."""
        if len(data) < 14:  # noqa: PLR2004 - two addresses and a type
            self.context.damaged(Malformed.LINK)
            return
        self._typed(data[12] << 8 | data[13], data, 14)

    def _typed(self, kind: int, data: bytes, at: int) -> None:
        """Follow a type of Ethernet, through the tags of stacked VLANs (IEEE 802.1Q)."""
        for _ in range(MOST_TAGS):
            if kind not in _TAGS:
                break
            if len(data) < at + 4:
                self.context.damaged(Malformed.LINK)
                return
            kind = data[at + 2] << 8 | data[at + 3]
            at += 4
        if kind == _IPV4:
            self._ipv4(data, at)
        elif kind == _IPV6:
            self._ipv6(data, at)
        else:
            self.context.skip(Skipped.NOT_IP)

    def _cooked(self, data: bytes) -> None:
        """Read a packet of Linux's pseudo-device for all interfaces."""
        if len(data) < 16:  # noqa: PLR2004 - its header
            self.context.damaged(Malformed.LINK)
        else:
            self._typed(data[14] << 8 | data[15], data, 16)

    def _cooked_2(self, data: bytes) -> None:
        if len(data) < 20:  # noqa: PLR2004 - its header
            self.context.damaged(Malformed.LINK)
        else:
            self._typed(data[0] << 8 | data[1], data, 20)

    def _loopback(self, data: bytes) -> None:
        """Read a packet behind an address family: its number differs, the version in IP does not.

        Other families than IP would be misread only if they began as IP does.
        """
        self._raw(data, 4)

    def _raw(self, data: bytes, at: int = 0) -> None:
        version = data[at] >> 4 if at < len(data) else 0
        if version == 4:  # noqa: PLR2004
            self._ipv4(data, at)
        elif version == 6:  # noqa: PLR2004
            self._ipv6(data, at)
        else:
            self.context.skip(Skipped.NOT_IP)

    def _ipv4(self, data: bytes, at: int) -> None:
        """Read a packet (RFC 791); of a fragmented one, the first fragment."""
        context = self.context
        try:
            first, total, fragment, protocol, source, destination = _HEAD_4(data, at)
        except error:
            context.damaged(Malformed.IP)
            return
        header = (first & 0xF) << 2
        end = at + total if total else len(data)  # 0: left to the network card
        if end > len(data) and context.cut:
            end = len(data)
        if first >> 4 != 4 or header < 20 or at + header > end or end > len(data):  # noqa: PLR2004
            context.damaged(Malformed.IP)
            return
        if fragment & 0x1FFF:
            context.skip(Skipped.FRAGMENT)
            return
        if fragment & 0x2000:
            context.cut = True
        context.source = source
        context.destination = destination
        self._transport(protocol, data, at + header, end)

    def _ipv6(self, data: bytes, at: int) -> None:
        """Read a packet (RFC 8200) behind its extension headers."""
        context = self.context
        try:
            first, length, following, source, destination = _HEAD_6(data, at)
        except error:
            context.damaged(Malformed.IP)
            return
        at += 40
        end = at + length if length else len(data)
        if end > len(data) and context.cut:
            end = len(data)
        if first >> 4 != 6 or end > len(data):  # noqa: PLR2004
            context.damaged(Malformed.IP)
            return
        context.source = source
        context.destination = destination
        self._behind_extensions(following, data, at, end)

    def _behind_extensions(self, following: int, data: bytes, at: int, end: int) -> None:
        """Pass over extension headers (RFC 8200 clause 4); of fragments, read the first."""
        context = self.context
        for _ in range(MOST_TAGS):
            if following not in _EXTENSIONS:
                break
            if at + 8 > end:
                context.damaged(Malformed.IP)
                return
            size = 8
            if following == _FRAGMENT:
                offset = data[at + 2] << 8 | data[at + 3]
                if offset & 0xFFF8:
                    context.skip(Skipped.FRAGMENT)
                    return
                context.cut = context.cut or bool(offset & 1)
            else:
                size += data[at + 1] * _EXTENSIONS[following]
            following = data[at]
            at += size
        if at > end:
            context.damaged(Malformed.IP)
            return
        self._transport(following, data, at, end)

    def _transport(self, protocol: int, data: bytes, at: int, end: int) -> None:
        if protocol == _SCTP:
            sctp.read(data, at, end, self.context)
        elif protocol == _UDP:
            self._udp(data, at, end)
        elif protocol == _TCP:
            self._tcp(data, at, end)
        else:
            self.context.skip(Skipped.TRANSPORT)

    def _udp(self, data: bytes, at: int, end: int) -> None:
        """Hand a datagram (RFC 768) to the scanner of one of its ports."""
        context = self.context
        if end - at < 8:  # noqa: PLR2004 - its header
            context.damaged(Malformed.UDP)
            return
        source, destination, length = _HEAD_UDP(data, at)
        stop = at + length
        if length < 8 or (stop > end and not context.cut):  # noqa: PLR2004
            context.damaged(Malformed.UDP)
            return
        reader = _DATAGRAMS.get(destination) or _DATAGRAMS.get(source)
        if reader is None:
            user = _GTP_USER in {source, destination}
            context.skip(Skipped.USER_PLANE if user else Skipped.PORT)
        elif length == 8 or end == at + 8:  # noqa: PLR2004
            context.skip(Skipped.EMPTY)
        else:
            reader(data, at + 8, min(stop, end), context)

    def _tcp(self, data: bytes, at: int, end: int) -> None:
        """Hand a segment (RFC 9293) to the scanner of one of its ports."""
        context = self.context
        if end - at < 20:  # noqa: PLR2004 - its header
            context.damaged(Malformed.TCP)
            return
        source, destination, number, offset = _HEAD_TCP(data, at)
        start = at + (offset >> 4 << 2)
        if start < at + 20 or start > end:
            context.damaged(Malformed.TCP)
        elif start == end:
            context.skip(Skipped.EMPTY)
        elif _DIAMETER in {source, destination}:
            stream = context.source + context.destination + data[at : at + 4]
            self._streams.segment(stream, number, data, start, end, context)
        elif _SIP in {source, destination}:
            if sip.begins(data, start, end):
                sip.read(data, start, end, context)
            else:
                context.skip(Skipped.CONTINUATION)
        else:
            context.skip(Skipped.PORT)
