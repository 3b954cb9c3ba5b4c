"""PFCP node names and session ends (3GPP TS 29.244); rules and user data are not read."""

from struct import Struct, error

from tcert.response.captures.context import Context
from tcert.response.captures.enums import Malformed, Protocol
from tcert.response.captures.sightings import Sighting, new

LONGEST_ELEMENT = 1 << 9
"""Octets of an element that may be a name or address; longer ones are passed over."""
_MOST_FOLLOWING = 16

_PFCP = Protocol.PFCP
_NUMBERS = tuple(str(number) for number in range(256))
_HEAD = Struct(">BBH").unpack_from
_ELEMENT = Struct(">HH").unpack_from
_WITH_SESSION, _FOLLOWED = 0x01, 0x04
_FSEID, _NODE = 57, 60
_WANTED = frozenset((_FSEID, _NODE))
_FQDN = 2
_ADDRESS = {0: 4, 1: 16}
"""Octets of an address by the type of a node."""


def read(data: bytes, at: int, end: int, context: Context) -> None:
    """Add the sightings of a datagram on the port of PFCP (clause 7.2.2)."""
    try:
        for _ in range(_MOST_FOLLOWING):
            at, more = _message(data, at, end, context)
            if not more:
                return
    except (error, IndexError):
        context.damaged(Malformed.PFCP)


def _message(data: bytes, at: int, end: int, context: Context) -> tuple[int, bool]:
    """Read one message; return where it ends and whether another is announced behind it."""
    flags, kind, length = _HEAD(data, at)
    stop = at + 4 + length
    if flags >> 5 != 1 or (stop > end and not context.cut):
        context.damaged(Malformed.PFCP)
        return stop, False
    last = stop if stop <= end else end  # noqa: FURB136 - a call takes three times as long
    at += 16 if flags & _WITH_SESSION else 8
    found: dict[int, bytes] = {}
    element = _ELEMENT
    while at + 4 <= last:
        code, size = element(data, at)
        at += 4 + size
        if code in _WANTED and code not in found and at <= last and size <= LONGEST_ELEMENT:
            found[code] = data[at - size : at]
            if len(found) == len(_WANTED):
                at = stop  # nothing more to look for
    if at != stop:
        context.damaged(Malformed.PFCP)
    names = context.names
    nodes = []
    node = found.get(_NODE)
    if node:
        form = node[0] & 0xF
        if form == _FQDN:
            nodes.append(names.labels[node[1:]])
        elif len(node) > _ADDRESS.get(form, len(node)):
            nodes.append(names.ip[node[1 : 1 + _ADDRESS[form]]])
        else:
            context.damaged(Malformed.PFCP)
    nodes += [names.ip[octets] for octets in _of_fseid(found.get(_FSEID, b""))]
    context.found.append(
        new(
            Sighting,
            (
                _PFCP,
                context.time,
                _NUMBERS[kind],
                None,
                names.internet_side[context.source],
                names.internet_side[context.destination],
                None,
                None,
                None,
                None,
                tuple(one for one in nodes if one is not None) if nodes else (),
            ),
        )
    )
    return stop, bool(flags & _FOLLOWED) and stop < end


def _of_fseid(value: bytes) -> list[bytes]:
    """Return the addresses of a fully qualified session end (clause 8.2.37)."""
    found, at = [], 9
    for flag, size in ((0x02, 4), (0x01, 16)):
        if value and value[0] & flag and at + size <= len(value):
            found.append(value[at : at + size])
            at += size
    return found
