"""Domains of SIP messages (RFC 3261): of From, of To or the request's target.

The part before @ is never taken, and nothing behind the header is looked at.
"""

import re

from tcert.response.captures.context import Context
from tcert.response.captures.enums import Malformed, Protocol, Skipped
from tcert.response.captures.sightings import Sighting, new

LONGEST_HEADER = 8192
"""Octets of a message that are searched for From and To."""

_BEGIN = re.compile(rb"([A-Z]{1,24}) (sips?:[^ \r\n]{1,1024}|tel:[^ \r\n]{1,1024}) SIP/2\.0\r?\n")
_ANSWER = re.compile(rb"SIP/2\.0 ([1-6][0-9]{2})[ \r\n]")
_FROM = re.compile(rb"\n(?:from|f)[ \t]*:[ \t]*([^\r\n]{1,2048})", re.IGNORECASE)
_TO = re.compile(rb"\n(?:to|t)[ \t]*:[ \t]*([^\r\n]{1,2048})", re.IGNORECASE)
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.){0,1024}"[ \t]*')
_HOST = re.compile(rb"\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,255}")
_SCHEME = re.compile(rb"sips?:", re.IGNORECASE)


def begins(data: bytes, at: int, end: int) -> bool:
    """Tell whether a SIP message begins here."""
    return _BEGIN.match(data, at, end) is not None or _ANSWER.match(data, at, end) is not None


def read(data: bytes, at: int, end: int, context: Context) -> None:
    """Add the sighting of a message, if one of its ends has a domain."""
    request = _BEGIN.match(data, at, end)
    answer = None if request else _ANSWER.match(data, at, end)
    if request:
        word, target = request[1].decode("ascii"), domain(request[2])
    elif answer:
        word, target = answer[1].decode("ascii"), b""
    else:
        if data[at:end].strip(b"\r\n\0"):
            context.damaged(Malformed.SIP)
        else:
            context.skip(Skipped.EMPTY)  # a keep-alive
        return
    header = data[at : min(end, at + LONGEST_HEADER)].partition(b"\r\n\r\n")[0]
    said, meant = _FROM.search(header), _TO.search(header)
    if said is None or meant is None:
        context.damaged(Malformed.SIP)
    origin = domain(said[1]) if said else b""
    target = (domain(meant[1]) if meant else b"") or target
    sides = context.names.sip_side
    context.found.append(
        new(
            Sighting,
            (
                Protocol.SIP,
                context.time,
                word,
                None,
                sides[context.source, origin],
                sides[context.destination, target],
                None,
                None,
                None,
                None,
                (),
            ),
        )
    )


def domain(value: bytes) -> bytes:
    """Return the host of the address in a header's value, nothing if it is no SIP address.

    ``"A <b" <sip:user@host;p=1>;tag=2`` and ``sip:user@host;tag=2`` (clause 20.10).
    """
    quoted = _QUOTED.match(value)
    if quoted:
        value = value[quoted.end() :]
    _before, bracket, inside = value.partition(b"<")
    address = inside.partition(b">")[0] if bracket else value
    scheme = _SCHEME.match(address.strip())
    if scheme is None:
        return b""
    rest = address.strip()[scheme.end() :]
    _user, at, host = rest.partition(b"@")
    found = _HOST.match(host if at else rest)
    return found[0] if found else b""
