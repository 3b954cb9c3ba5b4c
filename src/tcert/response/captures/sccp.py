"""Addresses of connectionless SCCP messages (ITU-T Q.713), and the TCAP type and operation.

The parameters of operations are never read: they hold subscriber data and text of messages.
"""

from tcert.response.captures.context import Context
from tcert.response.captures.enums import Malformed, Protocol, Skipped
from tcert.response.captures.sightings import Sighting, new

_SS7 = Protocol.SS7
_UDT, _UDTS, _XUDT, _XUDTS, _LUDT, _LUDTS = 0x09, 0x0A, 0x11, 0x12, 0x13, 0x14
_NAMES = {
    _UDT: "UDT",
    _UDTS: "UDTS",
    _XUDT: "XUDT",
    _XUDTS: "XUDTS",
    _LUDT: "LUDT",
    _LUDTS: "LUDTS",
}
_SHORT, _EXTENDED = frozenset((_UDT, _UDTS)), frozenset((_XUDT, _XUDTS))
_CONNECTION = {*range(0x01, 0x09), *range(0x0B, 0x11)}
_SEGMENTATION = 0x10
"""Optional parameter of a message in several segments (clause 3.17); its high bit: the first."""
_TCAP = {
    0x61: " Unidirectional",
    0x62: " Begin",
    0x64: " End",
    0x65: " Continue",
    0x67: " Abort",
}
_COMPONENTS, _INVOKE, _INTEGER, _LINKED = 0x6C, 0xA1, 0x02, 0x80
_MOST_ELEMENTS = 8
_LONG = 0x80
_LENGTH_OCTETS = 2
"""Of a long length: no packet is longer than 65,535 octets."""


def read(data: bytes, at: int, end: int, label: tuple[int, int, int], context: Context) -> None:
    """Add the sighting of an SCCP message; `label` is originating, destination code, network."""
    try:
        kind = data[at]
        if kind not in _NAMES:
            if kind in _CONNECTION:
                context.skip(Skipped.CONNECTION)
            else:
                context.damaged(Malformed.SCCP)
            return
        called, calling, user, whole = _pointers(kind, data, at)
        target_end = called + 1 + data[called]
        origin_end = calling + 1 + data[calling]
    except IndexError:
        context.damaged(Malformed.SCCP)
        return
    if target_end > end or origin_end > end:
        context.damaged(Malformed.SCCP)
        return
    name, operation = _NAMES[kind], None
    if whole and user < end and (word := _TCAP.get(data[user])):
        name += word
        operation = _operation(data, user, end)
    origin, target, network = label
    sides = context.names.signalling_side
    context.found.append(
        new(
            Sighting,
            (
                _SS7,
                context.time,
                name,
                operation,
                sides[context.source, data[calling + 1 : origin_end], origin, network],
                sides[context.destination, data[called + 1 : target_end], target, network],
                None,
                None,
                None,
                None,
                (),
            ),
        )
    )


def _pointers(kind: int, data: bytes, at: int) -> tuple[int, int, int, bool]:
    """Return where called address, calling address and user data begin (clauses 4.10 to 4.21).

    The last tells whether the user data begin a TCAP message: no later segment does.
    """
    if kind in _SHORT:
        called, calling, user = at + 2, at + 3, at + 4
        return called + data[called], calling + data[calling], user + data[user] + 1, True
    if kind in _EXTENDED:
        called, calling, user, optional = at + 3, at + 4, at + 5, at + 6
        whole = _is_first(data, optional + data[optional] if data[optional] else 0)
        return called + data[called], calling + data[calling], user + data[user] + 1, whole
    called, calling, user, optional = (
        # two octets, low half first, counted from the second of them
        spot + 1 + (data[spot] | data[spot + 1] << 8)
        for spot in range(at + 3, at + 11, 2)
    )
    return (
        called,
        calling,
        user + 2,
        _is_first(data, optional if data[at + 9] or data[at + 10] else 0),
    )


def _is_first(data: bytes, at: int) -> bool:
    """Tell whether optional parameters are silent on segments or mark the first one."""
    for _ in range(_MOST_ELEMENTS):
        if not at or at + 2 >= len(data) or not data[at]:
            break
        if data[at] == _SEGMENTATION:
            return bool(data[at + 2] & 0x80)
        at += 2 + data[at + 1]
    return True


def _operation(data: bytes, at: int, end: int) -> int | None:
    """Return the local operation code of a first Invoke, if there is one (ITU-T Q.773 clause 4)."""
    try:
        at = _inside(data, at)
        for _ in range(_MOST_ELEMENTS):
            if at >= end:
                return None
            if data[at] == _COMPONENTS:
                break
            at = _behind(data, at)
        at = _inside(data, at)
        if data[at] != _INVOKE:
            return None
        at = _behind(data, _inside(data, at))  # behind the number of the invocation
        if data[at] == _LINKED:
            at = _behind(data, at)
        local = data[at] == _INTEGER and data[at + 1] == 1 and at + 2 < end
        return data[at + 2] if local else None
    except IndexError:
        return None


def _inside(data: bytes, at: int) -> int:
    """Return where the value of a BER element begins (ITU-T X.690 clause 8.1)."""
    length = data[at + 1]
    return at + 2 if length <= _LONG else at + 2 + (length & 0x7F)


def _behind(data: bytes, at: int) -> int:
    """Return where a BER element ends; that of one with an indefinite length is not looked for."""
    length = data[at + 1]
    if length < _LONG:
        return at + 2 + length
    count = length & 0x7F
    if not 0 < count <= _LENGTH_OCTETS:
        raise IndexError
    return at + 2 + count + int.from_bytes(data[at + 2 : at + 2 + count], "big")
