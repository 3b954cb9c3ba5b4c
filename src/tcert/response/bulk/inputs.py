"""Files of any size in blocks of whole lines: JSON lines, CSV, captures, Parquet; packed too."""

import bz2
import csv
import gzip
import lzma
import sys
import zlib
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedReader, FileIO, RawIOBase
from pathlib import Path
from typing import IO, Any, cast

from tcert.response.bulk.batch import LONGEST_LINE, Record, Unreadable, decoded
from tcert.response.bulk.captured import MAGIC, CaptureLines
from tcert.response.bulk.fields import FIELDS
from tcert.response.bulk.parquet import MAGIC as PARQUET
from tcert.response.bulk.parquet import ParquetLines

STANDARD_INPUT = "-"
BLOCK = 512 * 1024
"""Octets that are read at once; memory is a small multiple of this per worker."""

MOST_TO_UNPACK = 256 * 1024 * 1024
"""Octets that an xz file may ask for to be unpacked: its writer chooses, up to 4 GiB."""
_DELIMITERS = (";", "\t", ",")
_MARK = b"\xef\xbb\xbf"
_DAMAGED = (OSError, EOFError, lzma.LZMAError, zlib.error, ValueError)
"""What the libraries raise at a file that is cut off or no such archive."""


class Format(StrEnum):
    """How records are written in a file."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole lines of a file. `offset` counts octets behind its last line, decompressed."""

    lines: Sequence[bytes]
    first_line: int
    offset: int
    format: Format
    header: bytes


class InputRefused(Exception):
    """A file as a whole cannot be read; the message says why, without anything of its content."""


@contextmanager
def reading() -> Iterator[None]:
    """Turn what goes wrong with a file that is read into InputRefused.

    What goes wrong with a file that is written is no fault of the input, so nothing that writes
    belongs in here.
    """
    try:
        yield
    except _DAMAGED as error:
        said = getattr(error, "strerror", None) or "it is damaged or cut off"
        raise InputRefused(said) from None


def named(name: str) -> str:
    """Return a file's name as it can be printed and written down, its odd octets told in ASCII.

    Who sends a file names it: a terminal must not obey the name.
    """
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in name
    )


def refuse_pipe(path: Path) -> None:
    """Refuse what can be read only once, or never ends; raises InputRefused.

    A file is opened more than once: to see its format, and to go on after a kill.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise InputRefused("it is a pipe or a device: save what it gives in a file first")


def opened(name: str, country: str = "", wanted: Format | None = None) -> IO[bytes]:
    """Open a file or standard input as lines, decompressed; raises InputRefused.

    A capture comes as a CaptureLines, whose `tally` counts its packets; `country` is that of the
    national SS7 network in which it was taken. Parquet comes as ParquetLines, unless another format
    is `wanted`.
    """
    if name == STANDARD_INPUT and sys.stdin is None:
        raise InputRefused("standard input is closed")
    with reading():
        stream: Any = sys.stdin.buffer if name == STANDARD_INPUT else _decompressed(Path(name))
        if stream.peek(len(MAGIC[0])).startswith(MAGIC):
            return CaptureLines(stream, country)
        if wanted in {None, Format.PARQUET}:
            if stream.peek(len(PARQUET[0])).startswith(PARQUET):
                return _parquet(name, stream)
            if wanted == Format.PARQUET:
                stream.close()
                raise InputRefused("it is no Parquet: such a file begins with PAR1")
        return cast("IO[bytes]", stream)


def _parquet(name: str, stream: Any) -> ParquetLines:
    """Open Parquet by its path: its table of contents stands at the end."""
    is_plain = isinstance(stream.raw, FileIO) if hasattr(stream, "raw") else False
    stream.close()
    if name == STANDARD_INPUT or not is_plain:
        raise InputRefused("Parquet is read from its end: save it in a file, not compressed")
    return ParquetLines(Path(name))


class _Unpacked(RawIOBase):
    """An xz file of one or more streams, unpacked within bounds: `lzma.open` knows none."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._unpacking = self._stream()
        self._held = b""

    @staticmethod
    def _stream() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_TO_UNPACK)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; raises EOFError where the file breaks off, LZMAError where it is bad."""
        data = b""
        while not data:
            if self._unpacking.eof:
                # streams follow one another, with zeros between them in fours
                self._held = (self._unpacking.unused_data or self._file.read(BLOCK)).lstrip(b"\0")
                while not self._held:
                    more = self._file.read(BLOCK)
                    if not more:
                        return 0
                    self._held = more.lstrip(b"\0")
                self._unpacking = self._stream()
            if self._unpacking.needs_input and not self._held:
                self._held = self._file.read(BLOCK)
                if not self._held:
                    raise EOFError
            data = self._unpacking.decompress(self._held, len(buffer))
            self._held = b""
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file too."""
        self._file.close()
        super().close()


def _xz(path: Path, mode: str) -> BufferedReader:
    return BufferedReader(_Unpacked(cast("IO[bytes]", path.open(mode))), BLOCK)


_MAGIC: tuple[tuple[bytes, Any], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", _xz),
)


def _decompressed(path: Path) -> Any:
    refuse_pipe(path)
    with path.open("rb") as file:
        head = file.read(8)
    for magic, open_as in _MAGIC:
        if head.startswith(magic):
            return open_as(path, "rb")
    return path.open("rb")


def blocks(
    stream: IO[bytes],
    wanted: Format | None,
    *,
    skip: int = 0,
    lines_before: int = 0,
    known: Container[str] = FIELDS,
) -> Iterator[Block]:
    """Yield a file in blocks. `skip` octets with `lines_before` lines are done already.

    What is not told by `wanted` is a table if its first line names a column that is `known`. A line
    longer than is read anywhere is cut, so that one without end takes no memory.
    """
    head, rest = _head(stream)
    found = wanted or (Format.CSV if _is_header(head, known) else Format.JSONL)
    header = head if found == Format.CSV else b""
    if found == Format.CSV:
        columns(header)  # refuses what is no table before anything is written
    line, offset = (2, len(head)) if found == Format.CSV else (1, 0)
    if skip:
        rest = _skipped(stream, rest if found == Format.CSV else head + rest, skip - offset)
        line, offset = lines_before + 1, skip
    elif found == Format.JSONL:
        rest = head.removeprefix(_MARK) + rest
        offset = len(_MARK) if head.startswith(_MARK) else 0
    for lines, size in _blocks_of(stream, rest):
        offset += size
        yield Block(lines, line, offset, found, header)
        line += len(lines)


def records(block: Block) -> Sequence[Record | Unreadable | None]:
    """Return the records of a block, one for each of its lines."""
    if block.format == Format.JSONL:
        return decoded(block.lines)
    delimiter, names = columns(block.header)
    return [_row(line, delimiter, names) for line in block.lines]


def _is_header(head: bytes, known: Container[str]) -> bool:
    try:
        return any(name in known for name in columns(head)[1])
    except InputRefused:
        return False


def columns(header: bytes) -> tuple[str, tuple[str, ...]]:
    """Return delimiter and names of the columns of a CSV; raises InputRefused."""
    try:
        text = header.removeprefix(_MARK).decode()
        delimiter = max(_DELIMITERS, key=text.count)
        names = tuple(name.strip() for name in next(csv.reader([text], delimiter=delimiter), []))
    except (UnicodeDecodeError, csv.Error):
        raise InputRefused("it is neither JSON lines nor a CSV in UTF-8") from None
    return delimiter, names


def _row(line: bytes, delimiter: str, names: tuple[str, ...]) -> Record | Unreadable | None:
    """Read one line as one row: a cell with a line break in it is refused as two bad rows."""
    if len(line) > LONGEST_LINE:
        return Unreadable("the line is longer than 65,536 octets")
    if not line.strip():
        return None
    try:
        cells = next(csv.reader([line.decode()], delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error, StopIteration):
        return Unreadable("no row of a CSV in UTF-8")
    if len(cells) != len(names):
        return Unreadable("another number of cells than columns")
    return {name: cell for name, cell in zip(names, cells, strict=True) if cell}


def _head(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """Return the first line and what was read behind it."""
    data = b""
    while b"\n" not in data and len(data) <= LONGEST_LINE:
        more = stream.read(BLOCK)
        if not more:
            break
        data += more
    end = data.find(b"\n") + 1 or len(data)
    return data[:end], data[end:]


def _skipped(stream: IO[bytes], held: bytes, count: int) -> bytes:
    while count > len(held):
        count -= len(held)
        held = stream.read(BLOCK)
        if not held:
            raise InputRefused("it is shorter than when this run began")
    return held[count:]


def _blocks_of(stream: IO[bytes], held: bytes) -> Iterator[tuple[Sequence[bytes], int]]:
    """Yield lines and how many octets they took; a line that is too long comes cut."""
    dropped = 0  # octets of a line that is too long, beyond those in `held`
    while True:
        more = stream.read(BLOCK)
        data = held + more
        end = data.rfind(b"\n") + 1 if more else len(data)
        if end == 0 and more:
            keep = LONGEST_LINE + 1
            dropped += max(0, len(data) - keep)
            held = data[:keep]
            continue
        lines = data[:end].split(b"\n")
        if lines[-1] == b"":
            lines.pop()
        if lines:
            yield lines, end + dropped
        held, dropped = data[end:], 0
        if not more:
            return
