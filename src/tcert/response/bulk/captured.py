"""Captures of packets as one more input: what they name, as the JSON lines that all else is."""

from io import RawIOBase
from typing import IO

import orjson

from tcert.response.captures.records import records
from tcert.response.captures.sightings import Tally

MAGIC = (
    b"\xa1\xb2\xc3\xd4",
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\x3c\x4d",
    b"\x4d\x3c\xb2\xa1",
    b"\x0a\x0d\x0d\x0a",
)
"""How a pcap (microseconds, nanoseconds, either order of octets) and a pcapng begin."""


class CaptureLines(RawIOBase, IO[bytes]):
    """A capture, read as JSON lines: one for each message that names somebody.

    The same capture gives the same lines, so that a run that was stopped goes on at an octet of
    them as it does with any file. `tally` counts the packets while they are read.
    """

    def __init__(self, capture: IO[bytes], country: str = "") -> None:
        self._capture = capture
        self.tally = Tally()
        self._records = records(capture, country=country, tally=self.tally)
        self._held = b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return so many octets of lines, fewer only at the end of the capture."""
        pieces, gathered = [self._held], len(self._held)
        while size < 0 or gathered < size:
            found = next(self._records, None)
            if found is None:
                break
            pieces.append(orjson.dumps(found) + b"\n")
            gathered += len(pieces[-1])
        data = b"".join(pieces)
        end = len(data) if size < 0 else size
        self._held = data[end:]
        return data[:end]

    def close(self) -> None:
        """Close the capture too."""
        self._capture.close()
        super().close()

    def counted(self) -> dict[str, int]:
        """Return what became of the packets so far, in words of a summary."""
        tally = self.tally
        found = {"packets": tally.packets, "packets: scanned": tally.scanned}
        found |= {f"packets: skipped, {why}": n for why, n in tally.skipped.items()}
        return found | {f"packets: malformed, {why}": n for why, n in tally.malformed.items()}
