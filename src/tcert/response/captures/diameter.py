"""Names and subscribers of Diameter messages (RFC 6733, 3GPP TS 29.272, 29.061, 29.329)."""

from struct import Struct, error

from tcert.foundation.identifiers.kinds import Identifier
from tcert.response.captures.context import Context
from tcert.response.captures.enums import Malformed, Protocol
from tcert.response.captures.naming import Names
from tcert.response.captures.sightings import Sighting, new

HEADER = 20
"""Octets before a message's attributes."""
LONGEST = 1 << 20
"""Octets of a message; its own field could say 16 MiB."""
LONGEST_VALUE = 1 << 9
"""Octets of an attribute that may be a name or number; longer ones are passed over."""
LONGEST_SUBSCRIPTIONS = 1 << 10
"""Octets of several Subscription-Id that are put together."""

_DIAMETER = Protocol.DIAMETER
_USER_NAME, _HOST, _DESTINATION_REALM, _DESTINATION_HOST, _REALM = 1, 264, 283, 293, 296
_SUBSCRIPTION, _SUBSCRIPTION_DATA, _SUBSCRIPTION_TYPE = 443, 444, 450
_E164, _IMSI = 0, 1
_MSISDN, _VISITED = 701, 1407
_3GPP = 10415
_REQUEST = _VENDOR_FLAG = 0x80000000
_WANTED = frozenset(
    (
        _USER_NAME,
        _HOST,
        _DESTINATION_REALM,
        _DESTINATION_HOST,
        _REALM,
        _SUBSCRIPTION,
        _MSISDN,
        _VISITED,
    )
)
_OF_3GPP = frozenset((_USER_NAME, _MSISDN, _VISITED))
_TWO_WORDS = Struct(">II").unpack_from


def is_header(data: bytes, at: int, end: int) -> bool:
    """Tell whether a message may begin here: version, length in words, no reserved flag."""
    if end - at < HEADER or data[at] != 1 or data[at + 4] & 0x0F:
        return False
    length = _TWO_WORDS(data, at)[0] & 0xFFFFFF
    return length % 4 == 0 and HEADER <= length <= LONGEST


def may_begin(data: bytes, at: int, end: int) -> bool:
    """Tell whether a message begins here, or as much of its header as there is looks like it."""
    return is_header(data, at, end) or (data[at] == 1 and end - at < HEADER)


def read(data: bytes, at: int, end: int, context: Context) -> int:
    """Add the sightings of the whole messages that follow one another.

    Returns where a message begins whose end is not there, `end` if there is none.
    """
    while at < end:
        if end - at < HEADER:
            return at
        if not is_header(data, at, end):
            context.damaged(Malformed.DIAMETER)
            return end
        stop = at + (_TWO_WORDS(data, at)[0] & 0xFFFFFF)
        if stop > end:
            return at
        _message(data, at + HEADER, stop, end, context)
        at = stop
    return end


def read_beginning(data: bytes, at: int, end: int, context: Context) -> None:
    """Add the sighting of a message whose end is not there."""
    if is_header(data, at, end):
        stop = at + (_TWO_WORDS(data, at)[0] & 0xFFFFFF)
        _message(data, at + HEADER, stop, end, context)


def _message(data: bytes, at: int, stop: int, end: int, context: Context) -> None:
    """Add the sighting of one message; an attribute that is damaged ends it, not what was read."""
    flags: int = _TWO_WORDS(data, at - HEADER)[1]
    found, third = _attributes(data, at, stop, end, context)
    get, side = found.get, context.names.diameter_side
    imsi = msisdn = serving = None
    if third or _USER_NAME in found or _SUBSCRIPTION in found:
        imsi, msisdn, serving = _subscriber(found, third, context.names)
    command = flags & 0xFFFFFF
    context.found.append(
        new(
            Sighting,
            (
                _DIAMETER,
                context.time,
                f"{command} request" if flags & _REQUEST else f"{command} answer",
                None,
                side(context.source, get(_HOST), get(_REALM)),
                side(context.destination, get(_DESTINATION_HOST), get(_DESTINATION_REALM)),
                imsi,
                msisdn,
                serving,
                None,
                (),
            ),
        )
    )


def _attributes(
    data: bytes, at: int, stop: int, end: int, context: Context
) -> tuple[dict[int, bytes], dict[int, bytes]]:
    """Return the wanted values, the first of each code: those of the base, and those of 3GPP.

    The message ends at `stop`, what there is of it at `end`. Subscriptions are several; their
    values are put behind one another.
    """
    found: dict[int, bytes] = {}
    third: dict[int, bytes] = {}
    unpack, wanted = _TWO_WORDS, _WANTED
    last = stop if stop <= end else end  # noqa: FURB136 - a call takes three times as long
    try:
        while at < last:
            code, size = unpack(data, at)
            length = size & 0xFFFFFF
            if length < 8:  # noqa: PLR2004 - an attribute's own header
                break
            if code in wanted and length <= LONGEST_VALUE and at + length <= last:
                if not size & _VENDOR_FLAG:
                    value = data[at + 8 : at + length]
                    if code != _SUBSCRIPTION or code not in found:
                        found.setdefault(code, value)
                    elif len(found[code]) < LONGEST_SUBSCRIPTIONS:
                        found[code] += value
                elif code in _OF_3GPP and _TWO_WORDS(data, at + 4)[1] == _3GPP:
                    third.setdefault(code, data[at + 12 : at + length])
            at += length + 3 & ~3
    except error:
        at = 0
    if at != stop and stop <= end:
        context.damaged(Malformed.DIAMETER)
    return found, third


def _subscriber(
    found: dict[int, bytes], third: dict[int, bytes], names: Names
) -> tuple[Identifier | None, Identifier | None, Identifier | None]:
    """Return IMSI, MSISDN and visited network."""
    imsi = names.user[found[_USER_NAME]] if _USER_NAME in found else None
    msisdn = names.msisdn[third[_MSISDN]] if _MSISDN in third else None
    if _USER_NAME in third:
        imsi = imsi or names.imsi_text[third[_USER_NAME]]
    if _SUBSCRIPTION in found:
        subscriptions = _subscriptions(found[_SUBSCRIPTION])
        if _IMSI in subscriptions:
            imsi = imsi or names.imsi_text[subscriptions[_IMSI]]
        if _E164 in subscriptions:
            msisdn = msisdn or names.msisdn_text[subscriptions[_E164]]
    serving = names.plmn[third[_VISITED]] if _VISITED in third else None
    return imsi, msisdn, serving


def _subscriptions(data: bytes) -> dict[int, bytes]:
    """Return the values of Subscription-Id by their type (RFC 8506 clause 8.46)."""
    found: dict[int, bytes] = {}
    at, kind, value = 0, -1, b""
    while at + 8 <= len(data):
        code, size = _TWO_WORDS(data, at)
        length = size & 0xFFFFFF
        if length < 8:  # noqa: PLR2004 - an attribute's own header
            break
        if code == _SUBSCRIPTION_TYPE:
            kind = int.from_bytes(data[at + 8 : at + length][:4], "big")
        elif code == _SUBSCRIPTION_DATA:
            value = data[at + 8 : at + length]
        if kind >= 0 and value:
            found.setdefault(kind, value)
            kind, value = -1, b""
        at += length + 3 & ~3
    return found
