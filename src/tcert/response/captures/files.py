"""Packets of capture files: pcap and pcapng, as they come, in constant memory.

Formats: draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng. Blocks that are no packets are passed
over unread, among them the one that holds decryption keys.
"""

from collections.abc import Iterator
from struct import Struct, error, unpack_from
from typing import IO, NamedTuple

from tcert.response.captures.enums import Malformed
from tcert.response.captures.sightings import Tally

LARGEST_PACKET = 1 << 18
"""Octets of a packet record; more is taken for damage (the limit that libpcap writes)."""
LARGEST_READ = LARGEST_PACKET + (1 << 12)
"""Octets of a pcapng block that is read: a packet with its options."""
LARGEST_BLOCK = 1 << 24
"""Octets of a pcapng block that is passed over."""
MOST_INTERFACES = 1 << 12
"""Interfaces of one section that are remembered."""

_AHEAD = 1 << 18
_RECORD = 16
"""Octets before the packet in a record of pcap."""
_SECOND = 1_000_000_000
_PCAP = {
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""The first octets of a pcap file, and its byte order and nanoseconds to a fraction."""
_SECTION = b"\x0a\x0d\x0d\x0a"
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_SECTION_HEADER, _INTERFACE, _OLD_PACKET, _SIMPLE, _ENHANCED = 0x0A0D0D0A, 1, 2, 3, 6
_READ = frozenset((_SECTION_HEADER, _INTERFACE, _OLD_PACKET, _SIMPLE, _ENHANCED))
_RESOLUTION, _OFFSET = 9, 14
_FRAME = 12
"""Octets of a block around its body: type, length, and the length again."""


class NotACapture(ValueError):
    """The file begins neither as pcap nor as pcapng."""


Packet = tuple[int, int | None, bytes, bool]
"""A packet as it was captured: link type, nanoseconds since 1970, octets, end missing."""


def packets(file: IO[bytes], tally: Tally) -> Iterator[Packet]:
    """Yield the packets of a binary file; a damaged record ends it and is counted.

    Raises NotACapture at the first octets, before anything is yielded.
    """
    source = _Source(file)
    magic = source.peek(4)
    if magic in _PCAP:
        return _pcap(source, tally, *_PCAP[magic])
    if magic == _SECTION and source.peek(12)[8:] in _ORDERS:
        return _pcapng(source, tally)
    raise NotACapture("A capture is a file of the format pcap or pcapng.")


class _Source:
    """Octets of a file, read ahead in large pieces; works on pipes as on files."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.held = b""
        self.at = 0

    def peek(self, count: int) -> bytes:
        """Return the next octets without taking them; fewer at the end of the file."""
        if len(self.held) - self.at < count:
            pieces = [self.held[self.at :]]
            have = len(pieces[0])
            while have < count:
                more = self._file.read(_AHEAD)
                if not more:
                    break
                pieces.append(more)
                have += len(more)
            self.held, self.at = b"".join(pieces), 0
        return self.held[self.at : self.at + count]

    def skip(self, count: int) -> bool:
        """Pass over octets in pieces; tell whether there were so many."""
        while count > 0:
            step = min(count, _AHEAD)
            if len(self.peek(step)) < step:
                return False
            self.at += step
            count -= step
        return True


def _pcap(source: _Source, tally: Tally, order: str, fraction: int) -> Iterator[Packet]:
    """Yield the records of a pcap file (clauses 4 and 5 of the draft)."""
    head = source.peek(24)
    if len(head) < 24:  # noqa: PLR2004 - octets of the file header
        tally.malformed[Malformed.FILE] += 1
        return
    source.at += 24
    link = int(Struct(order + "20xI").unpack(head)[0]) & 0xFFFF  # above: length of a check sum
    unpack = Struct(order + "IIII").unpack_from
    held, at = source.held, source.at
    while True:
        if len(held) - at < _RECORD:
            source.at = at
            rest = source.peek(_RECORD)
            if not rest:
                return
            if len(rest) < _RECORD:
                tally.malformed[Malformed.FILE] += 1
                return
            held, at = source.held, source.at
        seconds, parts, length, whole = unpack(held, at)
        if length > LARGEST_PACKET:
            tally.malformed[Malformed.FILE] += 1
            return
        at += _RECORD
        end = at + length
        if end > len(held):
            source.at = at
            if len(source.peek(length)) < length:
                tally.malformed[Malformed.FILE] += 1
                return
            held, at = source.held, source.at
            end = at + length
        yield link, seconds * _SECOND + parts * fraction, held[at:end], length < whole
        at = end


class _Interface(NamedTuple):
    """An interface of a section: link type, longest packet, ticks to a second, seconds to add."""

    link: int
    longest: int
    ticks: int
    offset: int


def _pcapng(source: _Source, tally: Tally) -> Iterator[Packet]:
    """Yield the packets of all sections of a pcapng file (clauses 3 and 4 of the draft)."""
    interfaces: list[_Interface] = []
    for kind, order, block in _blocks(source, tally):
        try:
            if kind == _SECTION_HEADER:
                interfaces = []
            elif kind == _INTERFACE:
                _add_interface(interfaces, block, order)
            else:
                yield _packet(kind, block, order, interfaces)
        except (error, IndexError, ValueError):
            tally.malformed[Malformed.FILE] += 1


def _blocks(source: _Source, tally: Tally) -> Iterator[tuple[int, str, bytes]]:
    """Yield type, byte order and octets of the blocks that are read; pass over the others.

    A length that cannot be right ends the file: where the next block begins is not known.
    """
    order = ""
    while head := source.peek(_FRAME):
        if head[:4] == _SECTION:
            order = _ORDERS.get(head[8:], "")
        if len(head) < _FRAME or not order:
            break
        kind, length = unpack_from(order + "II", head)
        longest = LARGEST_READ if kind in _READ else LARGEST_BLOCK
        if length % 4 or not _FRAME <= length <= longest:
            break
        if kind in _READ:
            block = source.peek(length)
            if len(block) < length:
                break
            source.at += length
            yield kind, order, block
        elif not source.skip(length):
            break
    else:
        return
    tally.malformed[Malformed.FILE] += 1


def _add_interface(interfaces: list[_Interface], block: bytes, order: str) -> None:
    """Remember an interface description (clause 4.2)."""
    if len(interfaces) >= MOST_INTERFACES:
        raise ValueError("More interfaces than a section is given.")
    link, longest = unpack_from(order + "8xHxxI", block)
    ticks, offset, at, end = 1_000_000, 0, 16, len(block) - 4
    while at + 4 <= end:
        code, length = unpack_from(order + "HH", block, at)
        if code == 0:
            break
        if code == _RESOLUTION and length == 1:
            step = block[at + 4]
            ticks = 2 ** (step & 0x7F) if step & 0x80 else 10**step
        elif code == _OFFSET and length == 8:  # noqa: PLR2004 - octets
            (offset,) = unpack_from(order + "q", block, at + 4)
        at += 4 + (length + 3 & ~3)
    interfaces.append(_Interface(link, longest, ticks, offset))


def _packet(kind: int, block: bytes, order: str, interfaces: list[_Interface]) -> Packet:
    """Read an enhanced, simple or obsolete packet block (clauses 4.3, 4.4 and A)."""
    room = len(block) - 4
    if kind == _SIMPLE:
        (whole,) = unpack_from(order + "8xI", block)
        interface, start = interfaces[0], 12
        length = min(whole, interface.longest or whole, room - start)
        return interface.link, None, block[start : start + length], length < whole
    layout = "8xIIIII" if kind == _ENHANCED else "8xHxxIIII"
    number, high, low, length, whole = unpack_from(order + layout, block)
    if length > room - 28:
        raise ValueError("A packet is longer than its block.")
    link, _longest, ticks, offset = interfaces[number]
    time = offset * _SECOND + (high << 32 | low) * _SECOND // ticks
    return link, time, block[28 : 28 + length], length < whole
