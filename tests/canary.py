"""Search everything that a hub leaves behind for a marked text, however it is encoded.

A search that finds nothing proves nothing unless it finds a planted leak: `test_canary.py` plants
one of each kind first.
"""

import base64
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.apps import apps
from django.db import connection
from tests.ondisk import read_bytes

_RUN = re.compile(rb"[A-Za-z0-9+/_-]{24,}")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")


def _spellings(mark: str) -> list[bytes]:
    raw = mark.encode()
    return [
        raw,
        mark.encode("utf-16-le"),
        mark.encode("utf-16-be"),
        raw.hex().encode(),
        raw.hex().upper().encode(),
        quote(mark, safe="").encode(),
        *(spelled for lead in range(3) for spelled in _base64(raw, lead)),
    ]


def _base64(raw: bytes, lead: int) -> list[bytes]:
    """The part of a base64 spelling that does not depend on what stands around the text."""
    padded = base64.b64encode(b"\x00" * lead + raw)
    first, last = (lead * 8 + 5) // 6, (lead + len(raw)) * 8 // 6
    inside = padded[first:last]
    return [inside, inside.replace(b"+", b"-").replace(b"/", b"_")]


def _inflated(data: bytes) -> Iterator[bytes]:
    for match in _ZLIB.finditer(data):
        reader = zlib.decompressobj(wbits=47)  # zlib or gzip, told by the header
        try:
            yield reader.decompress(data[match.start() : match.start() + 2_000_000], 4_000_000)
        except zlib.error:
            continue


def _decoded(data: bytes) -> Iterator[bytes]:
    for match in _RUN.finditer(data):
        text = match[0].replace(b"-", b"+").replace(b"_", b"/")
        for start in range(4):
            part = text[start:]
            yield base64.b64decode(part[: len(part) // 4 * 4])


def contains(data: bytes, *marks: str) -> bool:
    """Does `data` hold a mark raw, in UTF-16, hexadecimal, base64 or deflated (in base64, too)?"""
    spellings = [spelling for mark in marks for spelling in _spellings(mark)]

    def plain(piece: bytes) -> bool:
        return any(spelling in piece for spelling in spellings)

    if plain(data) or any(plain(piece) for piece in _inflated(data)):
        return True
    return any(any(plain(p) for p in _inflated(piece)) for piece in _decoded(data))


def in_files(folder: Path, *marks: str) -> list[str]:
    """Names of the files below a folder that hold a mark, or carry it in their name."""
    return [
        str(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and contains(read_bytes(path) + path.name.encode(), *marks)
    ]


def in_tables(*marks: str) -> list[str]:
    """Tables and columns that hold a mark, read row by row: for every database alike."""
    found = set()
    names = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    with connection.cursor() as cursor:
        for table in sorted(names & set(connection.introspection.table_names())):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            columns = [column[0] for column in cursor.description]
            for row in cursor:
                for name, value in zip(columns, row, strict=True):
                    data = (
                        bytes(value)
                        if isinstance(value, bytes | memoryview)
                        else str(value).encode()
                    )
                    if contains(data, *marks):
                        found.add(f"{table}.{name}")
    return sorted(found)


_watching: list[set[str]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _watching and isinstance(arguments[0], str):
        mode, flags = arguments[1], arguments[2]
        writes = isinstance(flags, int) and flags & 0b11
        if writes or (isinstance(mode, str) and set(mode) & set("wax+")):
            for paths in _watching:
                paths.add(arguments[0])


sys.addaudithook(_hook)


@contextmanager
def files_written() -> Iterator[set[str]]:
    """Collect every file that this process opens for writing: also those deleted again at once."""
    paths: set[str] = set()
    _watching.append(paths)
    try:
        yield paths
    finally:
        _watching.remove(paths)
