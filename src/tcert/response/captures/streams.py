"""Diameter in TCP: messages that begin in one segment and end in another.

What of a message has come is held until the next segment in order, within bounds; segments that
come out of order or twice are passed over, as an observer without the ends' patience must.
"""

from struct import Struct

from tcert.response.captures import diameter
from tcert.response.captures.context import Context
from tcert.response.captures.enums import Skipped

MOST_STREAMS = 1 << 10
"""Streams with an unfinished message; the one that waits longest is forgotten."""
MOST_HELD = 1 << 14
"""Octets of an unfinished message that are held; of a longer one the beginning is told."""

_MODULUS = 1 << 32
_BEHIND = 1 << 31
_LENGTH = Struct(">I").unpack_from


class Streams:
    """Unfinished messages by their stream: the number of the octet wanted next, and what came."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, tuple[int, bytes]] = {}

    def segment(
        self, stream: bytes, number: int, data: bytes, at: int, end: int, context: Context
    ) -> None:
        """Read a segment with payload; `number` is that of its first octet (RFC 9293)."""
        following = (number + end - at) % _MODULUS
        waiting = self._waiting.pop(stream, None) if self._waiting else None
        if waiting is not None:
            wanted, held = waiting
            lead = (wanted - number) % _MODULUS
            if lead >= _BEHIND:
                waiting = None  # a segment is missing
            elif lead >= end - at:
                self._waiting[stream] = waiting
                context.skip(Skipped.CONTINUATION)
                return
            else:
                at += lead
                if held:
                    data = held + data[at:end]
                    at, end = 0, len(data)
        if waiting is None and not diameter.may_begin(data, at, end):
            context.skip(Skipped.CONTINUATION)
            return
        rest = diameter.read(data, at, end, context)
        if rest < end:
            self._unfinished(stream, following, data[rest:end], context)

    def _unfinished(self, stream: bytes, following: int, begun: bytes, context: Context) -> None:
        if context.cut:
            context.skip(Skipped.CUT)
            diameter.read_beginning(begun, 0, len(begun), context)
            return
        context.skip(Skipped.CONTINUATION)
        if len(begun) > MOST_HELD:
            diameter.read_beginning(begun, 0, len(begun), context)
            lacking = (_LENGTH(begun)[0] & 0xFFFFFF) - len(begun)
            following, begun = (following + lacking) % _MODULUS, b""
        self._waiting[stream] = (following, begun)
        if len(self._waiting) > MOST_STREAMS:
            del self._waiting[next(iter(self._waiting))]
