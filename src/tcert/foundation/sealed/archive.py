"""A zip archive that is written as it is sent: nothing waits in memory, no file is made."""

from collections.abc import Iterable, Iterator
from zipfile import ZIP_STORED, ZipFile, ZipInfo

_SAME_FOR_ALL = (2020, 1, 1, 0, 0, 0)


class _Sink:
    """Takes what the zip writer writes, until it is sent on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


class Archive:
    """One archive; each method yields the bytes that are ready to be sent.

    What it holds is ciphertext for the most part, which no compression makes smaller.
    """

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w", ZIP_STORED)  # type: ignore[call-overload]

    def add(self, name: str, parts: Iterable[bytes]) -> Iterator[bytes]:
        """Write one file, part by part."""
        entry = ZipInfo(name, date_time=_SAME_FOR_ALL)
        entry.external_attr = 0o600 << 16
        with self._zip.open(entry, "w") as file:
            for part in parts:
                file.write(part)
                yield self._sink.take()
        yield self._sink.take()

    def close(self) -> Iterator[bytes]:
        """Write the list of what is in it; without that no program opens the archive."""
        self._zip.close()
        yield self._sink.take()
