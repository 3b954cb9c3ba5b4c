"""SCTP chunks (RFC 9260, RFC 8260): what the bundled DATA carry, each on its own.

A message in several chunks is told from its first one: addresses and names stand in front. The
others are counted.
"""

from struct import Struct

from tcert.response.captures import diameter, sigtran
from tcert.response.captures.context import Context
from tcert.response.captures.enums import Malformed, Skipped

_HEADER = 12
_CHUNK = Struct(">BBH").unpack_from
_WORD = Struct(">I").unpack_from
_DATA, _I_DATA = 0, 64
_CARRIERS = frozenset((_DATA, _I_DATA))
_FIRST, _LAST, _WHOLE = 0x02, 0x01, 0x03


def _diameter(data: bytes, at: int, end: int, context: Context) -> None:
    rest = diameter.read(data, at, end, context)
    if rest < end:
        context.damaged(Malformed.DIAMETER)
        diameter.read_beginning(data, rest, end, context)


_BY_PROTOCOL = {3: sigtran.m3ua, 4: sigtran.sua, 5: sigtran.m2pa, 46: _diameter}
"""Payload protocol identifiers, as IANA assigns them; 47 is Diameter under DTLS."""
_BY_PORT = {2905: 3, 14001: 4, 3565: 5, 3868: 46}
"""For senders that leave the identifier 0."""


def read(data: bytes, at: int, end: int, context: Context) -> None:
    """Read a packet from its common header."""
    ports, at, carried = at, at + _HEADER, False
    while at + 4 <= end:
        kind, flags, length = _CHUNK(data, at)
        stop = at + length
        if stop > end and context.cut:
            stop = end
        if length < 4 or stop > end:  # noqa: PLR2004 - a chunk's own header
            break
        if kind == _DATA and flags & _WHOLE == _WHOLE and stop > at + 16:
            carried = True
            reader = _BY_PROTOCOL.get(_WORD(data, at + 12)[0])
            if reader:
                reader(data, at + 16, stop, context)
            else:
                _payload(data, at, stop, ports, context)
        elif kind in _CARRIERS:
            carried = True
            _payload(data, at, stop, ports, context)
        at += length + 3 & ~3
    else:
        if at >= end and at > ports + _HEADER:
            if not carried:
                context.skip(Skipped.CONTROL)
            return
    context.damaged(Malformed.SCTP)


def _payload(data: bytes, at: int, end: int, ports: int, context: Context) -> None:
    """Hand on what a DATA or I-DATA chunk carries."""
    kind, flags = data[at], data[at + 1]
    start = at + (16 if kind == _DATA else 20)
    if start >= end:
        context.damaged(Malformed.SCTP)
        return
    if not flags & _FIRST:
        context.skip(Skipped.FRAGMENT)
        return
    (protocol,) = _WORD(data, start - 4)
    if not protocol:
        protocol = _BY_PORT.get(data[ports + 2] << 8 | data[ports + 3]) or _BY_PORT.get(
            data[ports] << 8 | data[ports + 1]
        )
    reader = _BY_PROTOCOL.get(protocol)
    if reader is None:
        context.skip(Skipped.PAYLOAD)
    elif flags & _LAST:
        reader(data, start, end, context)
    else:
        cut, context.cut = context.cut, True
        reader(data, start, end, context)
        context.cut = cut
