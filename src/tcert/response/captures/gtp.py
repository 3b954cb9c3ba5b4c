"""GTP control plane: version 1 (3GPP TS 29.060) and version 2 (TS 29.274).

User plane packets are never opened, and neither is what a message encapsulates.
"""

from struct import Struct, error

from tcert.foundation.identifiers.kinds import Identifier
from tcert.response.captures.context import Context
from tcert.response.captures.enums import Malformed, Protocol, Skipped
from tcert.response.captures.naming import Names
from tcert.response.captures.sightings import Sighting, new

LONGEST_ELEMENT = 1 << 8
"""Octets of an element that may be a name or number; longer ones are passed over."""
_MOST_PIGGYBACKED = 4
_MOST_EXTENSIONS = 16

_GTPV1, _GTPV2 = Protocol.GTPV1, Protocol.GTPV2
_NUMBERS = tuple(str(number) for number in range(256))
_HEAD = Struct(">BBH").unpack_from
_ELEMENT_V2 = Struct(">BHx").unpack_from
_PIGGYBACK, _TEID_V2 = 0x10, 0x08
_IMSI_V2, _APN_V2, _MSISDN_V2, _SERVING_V2, _FTEID_V2 = 1, 71, 76, 83, 87
_WANTED_V2 = frozenset((_IMSI_V2, _APN_V2, _MSISDN_V2, _SERVING_V2, _FTEID_V2))

_PROTOCOL_TYPE, _OPTIONAL, _EXTENDED = 0x10, 0x07, 0x04
_IMSI_V1, _AREA_V1, _APN_V1, _ADDRESS_V1, _MSISDN_V1 = 2, 3, 131, 133, 134
_WANTED_V1 = frozenset((_IMSI_V1, _AREA_V1, _APN_V1, _ADDRESS_V1, _MSISDN_V1))
_USER_DATA_V1 = 255
_FIXED_V1 = {
    1: 1,
    2: 8,
    3: 6,
    4: 4,
    5: 4,
    8: 1,
    9: 28,
    11: 1,
    12: 3,
    13: 1,
    14: 1,
    15: 1,
    16: 4,
    17: 4,
    18: 5,
    19: 1,
    20: 1,
    21: 1,
    22: 9,
    23: 1,
    24: 1,
    25: 2,
    26: 2,
    27: 2,
    28: 2,
    29: 1,
    126: 1,
    127: 4,
}
"""Octets of the values of elements without a length (TS 29.060 table 37)."""


def read(data: bytes, at: int, end: int, context: Context) -> None:
    """Add the sightings of a datagram on the port of GTP-C."""
    try:
        version = data[at] >> 5
        if version == 2:  # noqa: PLR2004
            for _ in range(_MOST_PIGGYBACKED):
                at, more = _version_2(data, at, end, context)
                if not more:
                    return
        elif version == 1 and data[at] & _PROTOCOL_TYPE:
            _version_1(data, at, end, context)
        else:
            context.damaged(Malformed.GTP)
    except (error, IndexError):
        context.damaged(Malformed.GTP)


def _version_2(data: bytes, at: int, end: int, context: Context) -> tuple[int, bool]:
    """Read one message; return where it ends and whether another is announced behind it."""
    flags, kind, length = _HEAD(data, at)
    stop = at + 4 + length
    if flags >> 5 != 2 or (stop > end and not context.cut):  # noqa: PLR2004
        context.damaged(Malformed.GTP)
        return stop, False
    last = stop if stop <= end else end  # noqa: FURB136 - a call takes three times as long
    at += 12 if flags & _TEID_V2 else 8
    found: dict[int, bytes] = {}
    element, wanted = _ELEMENT_V2, _WANTED_V2
    while at + 4 <= last:
        code, size = element(data, at)
        at += 4 + size
        if code in wanted and code not in found and at <= last and size <= LONGEST_ELEMENT:
            found[code] = data[at - size : at]
            if len(found) == len(wanted):
                at = stop  # nothing more to look for
    if at != stop:
        context.damaged(Malformed.GTP)
    names, get = context.names, found.get
    nodes = _nodes(found[_FTEID_V2], names) if _FTEID_V2 in found else ()
    context.found.append(
        new(
            Sighting,
            (
                _GTPV2,
                context.time,
                _NUMBERS[kind],
                None,
                names.internet_side[context.source],
                names.internet_side[context.destination],
                names.imsi[found[_IMSI_V2]] if get(_IMSI_V2) else None,
                names.msisdn[found[_MSISDN_V2]] if get(_MSISDN_V2) else None,
                names.plmn[found[_SERVING_V2][:3]] if _SERVING_V2 in found else None,
                names.apn[found[_APN_V2]] if _APN_V2 in found else None,
                nodes,
            ),
        )
    )
    return stop, bool(flags & _PIGGYBACK) and stop < end


def _nodes(value: bytes, names: Names) -> tuple[Identifier, ...]:
    """Return the addresses of a fully qualified tunnel end (TS 29.274 clause 8.22)."""
    if len(value) < 9:  # noqa: PLR2004 - flags, tunnel, an address of IPv4
        return ()
    found, at = [], 5
    for flag, size in ((0x80, 4), (0x40, 16)):
        if value[0] & flag and at + size <= len(value):
            found.append(names.ip[value[at : at + size]])
            at += size
    return tuple(node for node in found if node is not None)


def _version_1(data: bytes, at: int, end: int, context: Context) -> None:
    flags, kind, length = _HEAD(data, at)
    stop = at + 8 + length
    if stop > end and not context.cut:
        context.damaged(Malformed.GTP)
        return
    if kind == _USER_DATA_V1:
        context.skip(Skipped.USER_PLANE)
        return
    last = stop if stop <= end else end  # noqa: FURB136 - a call takes three times as long
    at = _elements_of(data, at, flags, last)
    found: dict[int, bytes] = {}
    while at < last:
        code = data[at]
        if code & 0x80:
            start = at + 3
            size = data[at + 1] << 8 | data[at + 2]
        else:
            start = at + 1
            size = _FIXED_V1.get(code, 0)
            if not size:
                break  # of unknown length, so that nothing behind it can be found
        at = start + size
        if code in _WANTED_V1 and code not in found and at <= last and size <= LONGEST_ELEMENT:
            found[code] = data[start:at]
            if len(found) == len(_WANTED_V1):
                at = stop
    if at != stop:
        context.damaged(Malformed.GTP)
    names, get = context.names, found.get
    address = get(_ADDRESS_V1, b"")
    node = names.ip[address] if len(address) in {4, 16} else None
    context.found.append(
        new(
            Sighting,
            (
                _GTPV1,
                context.time,
                _NUMBERS[kind],
                None,
                names.internet_side[context.source],
                names.internet_side[context.destination],
                names.imsi[found[_IMSI_V1]] if _IMSI_V1 in found else None,
                # behind an octet of numbering plan and nature of address
                names.msisdn[found[_MSISDN_V1][1:]] if len(get(_MSISDN_V1, b"")) > 1 else None,
                names.plmn[found[_AREA_V1][:3]] if _AREA_V1 in found else None,
                names.apn[found[_APN_V1]] if _APN_V1 in found else None,
                (node,) if node else (),
            ),
        )
    )


def _elements_of(data: bytes, at: int, flags: int, end: int) -> int:
    """Return where the elements begin, behind optional fields and extension headers (clause 6)."""
    if not flags & _OPTIONAL:
        return at + 8
    following = data[at + 11] if flags & _EXTENDED else 0
    at += 12
    for _ in range(_MOST_EXTENSIONS):
        if not following:
            return at
        size = 4 * data[at]
        if not size or at + size > end:
            break
        following = data[at + size - 1]
        at += size
    raise IndexError
