"""SS7 on IP and on links: MTP3 (ITU-T Q.704), M2PA (RFC 4165), M3UA (RFC 4666), SUA (RFC 3868).

Only what carries a connectionless SCCP message is followed.
"""

from struct import Struct, error, unpack_from

from tcert.response.captures import sccp
from tcert.response.captures.context import Context
from tcert.response.captures.enums import Malformed, Protocol, Skipped
from tcert.response.captures.sightings import Sighting

_SCCP = 3
"""Service indicator (Q.704 clause 14.2.1)."""
_BITS_14 = 0x3FFF
_NO_CODE = -1
_COMMON = Struct(">BxBBI").unpack_from
"""The header of the adaptation layers: version, class, type, length."""
_PROTOCOL = Struct(">HHIIBB").unpack_from
_TRANSFER, _DATA = 1, 1
_PROTOCOL_DATA = 0x0210
_M2PA, _USER_DATA = 11, 1
_CONNECTIONLESS, _CLDT, _CLDR = 7, 1, 2
_SOURCE, _DESTINATION = 0x0102, 0x0103
_TITLE, _SUBSYSTEM = 0x8001, 0x8003


def mtp3(data: bytes, at: int, end: int, context: Context) -> None:
    """Read a message signal unit from its service information octet, with codes of 14 bits."""
    if end - at < 6:  # noqa: PLR2004 - that octet, the label, a first octet of the user
        context.damaged(Malformed.MTP3)
        return
    service = data[at]
    if service & 0xF != _SCCP:
        context.skip(Skipped.PAYLOAD)
        return
    label = int.from_bytes(data[at + 1 : at + 5], "little")
    origin, target = label >> 14 & _BITS_14, label & _BITS_14
    sccp.read(data, at + 5, end, (origin, target, service >> 6), context)


def mtp2(data: bytes, at: int, end: int, context: Context) -> None:
    """Read a signal unit of a link (ITU-T Q.703); those of fewer than three octets are fill-in."""
    if end - at < 3:  # noqa: PLR2004 - backward and forward numbers, length
        context.damaged(Malformed.MTP3)
    elif data[at + 2] & 0x3F < 3:  # noqa: PLR2004
        context.skip(Skipped.CONTROL)
    else:
        mtp3(data, at + 3, end, context)


def m2pa(data: bytes, at: int, end: int, context: Context) -> None:
    """Read an M2PA message: common header, two numbers, and behind a priority a signal unit."""
    try:
        family, kind, length = unpack_from(">xxBBI", data, at)
    except error:
        context.damaged(Malformed.SIGTRAN)
        return
    if (family, kind) != (_M2PA, _USER_DATA) or length <= 17:  # noqa: PLR2004 - empty: acknowledges
        context.skip(Skipped.CONTROL)
    elif at + length > end and not context.cut:
        context.damaged(Malformed.SIGTRAN)
    else:
        mtp3(data, at + 17, min(end, at + length), context)


def m3ua(data: bytes, at: int, end: int, context: Context) -> None:
    """Read an M3UA message; management is passed over."""
    try:
        version, family, kind, length = _COMMON(data, at)
        stop = at + length
        if stop > end and context.cut:
            stop = end
        if version != 1 or stop > end:
            context.damaged(Malformed.SIGTRAN)
            return
        if family != _TRANSFER or kind != _DATA:
            context.skip(Skipped.CONTROL)
            return
        at += 8
        while at < stop:
            tag, size, origin, target, service, network = _PROTOCOL(data, at)
            if tag == _PROTOCOL_DATA:
                label = (origin, target, network)
                _protocol_data(data, at + 16, at + size, stop, label, service, context)
                return
            if size < 4:  # noqa: PLR2004 - a parameter's own header
                break
            at += size + 3 & ~3
        context.damaged(Malformed.SIGTRAN)
    except error:
        context.damaged(Malformed.SIGTRAN)


def _protocol_data(
    data: bytes,
    at: int,
    end: int,
    stop: int,
    label: tuple[int, int, int],
    service: int,
    context: Context,
) -> None:
    """Hand on the user's message of the parameter that ends at `end`, in a message until `stop`."""
    if end > stop and context.cut:
        end = stop
    if at >= end or end > stop:
        context.damaged(Malformed.SIGTRAN)
    elif service == _SCCP:
        sccp.read(data, at, end, label, context)
    else:
        context.skip(Skipped.PAYLOAD)


def sua(data: bytes, at: int, end: int, context: Context) -> None:
    """Read the addresses of a connectionless SUA message (RFC 3868 clauses 3.2 and 3.10)."""
    try:
        version, family, kind, length = _COMMON(data, at)
        if version != 1 or (at + length > end and not context.cut):
            context.damaged(Malformed.SIGTRAN)
            return
        if family != _CONNECTIONLESS or kind not in {_CLDT, _CLDR}:
            context.skip(Skipped.CONTROL)
            return
        parties = {_SOURCE: b"", _DESTINATION: b""}
        for tag, start, stop in _parameters(data, at + 8, min(end, at + length)):
            if tag in parties:
                parties[tag] = _party(data, start + 4, stop)
    except (error, IndexError):
        context.damaged(Malformed.SIGTRAN)
        return
    sides, word = context.names.signalling_side, "CLDT" if kind == _CLDT else "CLDR"
    source = sides[context.source, parties[_SOURCE], _NO_CODE, 0]
    target = sides[context.destination, parties[_DESTINATION], _NO_CODE, 0]
    context.found.append(Sighting(Protocol.SS7, context.time, word, None, source, target))


def _parameters(data: bytes, at: int, end: int) -> list[tuple[int, int, int]]:
    """Return tag, begin and end of the values of a message's parameters; IndexError when cut."""
    found = []
    while at < end:
        tag, size = unpack_from(">HH", data, at)
        if size < 4 or at + size > end:  # noqa: PLR2004 - a parameter's own header
            raise IndexError
        found.append((tag, at + 4, at + size))
        at += size + 3 & ~3
    return found


def _party(data: bytes, at: int, end: int) -> bytes:
    """Return an address (clause 3.10.2) in the octets that SCCP has for it."""
    title, subsystem = b"\0", b""
    for tag, start, stop in _parameters(data, at, end):
        if tag == _SUBSYSTEM:
            subsystem = data[start + 3 : start + 4]
        elif tag == _TITLE:
            title = _sua_title(data[start:stop]) or title
    return bytes((title[0] << 2 & 0x3C | (2 if subsystem else 0),)) + subsystem + title[1:]


def _sua_title(octets: bytes) -> bytes:
    if len(octets) < 8:  # noqa: PLR2004 - before its digits
        raise IndexError
    indicator, count, translation, plan, nature = octets[3:8]
    digits = octets[8 : 8 + (count + 1) // 2]
    scheme = 1 if count % 2 else 2
    head = {
        1: bytes((nature | (count % 2) << 7,)),
        2: bytes((translation,)),
        3: bytes((translation, plan << 4 & 0xFF | scheme)),
        4: bytes((translation, plan << 4 & 0xFF | scheme, nature)),
    }.get(indicator)
    return bytes((indicator,)) + head + digits if head else b""
