"""Half a million ranges in one file that is mapped, not read: a look-up touches a few pages.

A table would cost a row of the database each, in every backup and every copy before an upgrade,
for data that is never joined, never edited and can be fetched again. The file is written whole,
seen to the disk and named by the hash of its content; the database says which one counts.

    512 octets   a word that names the format, then JSON: counts, byte order, hash of the rest
    8-octet columns  first and last of IPv6, high and low half
    4-octet columns  first, last and system of IPv4; system of IPv6; systems; ends of their names
    text         the names, one after the other
"""

import hashlib
import json
import mmap
import os
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from secrets import token_hex

from django.conf import settings

from tcert.foundation.kernel.lasting import sync_directory
from tcert.response.reference.asn.reading import Read

_FORMAT = b"TCERT ranges 1\n"
_HEAD = 512
_HALF = 2**64 - 1
_COLUMNS_8 = ("first_high", "first_low", "last_high", "last_low")
_COLUMNS_4 = ("first", "last", "system", "system_6", "systems", "ends")


def folder() -> Path:
    """Return where the file lies."""
    return Path(settings.DATA_DIR) / "reference"


def path_of(digest: str) -> Path:
    """Return the file of a edition."""
    return folder() / f"asn-{digest[:32]}.ranges"


def write(read: Read, digest: str) -> Path:
    """Write the file of a list: whole or not at all, readable by the hub's own user only."""
    body = _body(read)
    head = {
        "order": sys.byteorder,
        "ranges_4": len(read.ranges[4]),
        "ranges_6": len(read.ranges[6]),
        "systems": len(read.names),
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    start = (_FORMAT + json.dumps(head).encode()).ljust(_HEAD)
    path = path_of(digest)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(start)
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_directory(path.parent)
    return path


def _body(read: Read) -> bytes:
    four, six = read.ranges[4], read.ranges[6]
    wide = [
        array("Q", (first >> 64 for first, _last, _system in six)),
        array("Q", (first & _HALF for first, _last, _system in six)),
        array("Q", (last >> 64 for _first, last, _system in six)),
        array("Q", (last & _HALF for _first, last, _system in six)),
    ]
    systems = sorted(read.names)
    names = [read.names[system].encode() for system in systems]
    ends, at = array("I"), 0
    for name in names:
        at += len(name)
        ends.append(at)
    narrow = [
        array("I", (first for first, _last, _system in four)),
        array("I", (last for _first, last, _system in four)),
        array("I", (system for _first, _last, system in four)),
        array("I", (system for _first, _last, system in six)),
        array("I", systems),
        ends,
    ]
    return b"".join([*(column.tobytes() for column in [*wide, *narrow]), *names])


def forget_others(digest: str) -> None:
    """Remove files of earlier editions, and what a killed command began."""
    keep = path_of(digest)
    for path in [*folder().glob("asn-*.ranges"), *folder().glob(".asn-*")]:
        if path != keep:
            path.unlink(missing_ok=True)


class Damaged(Exception):
    """The file is not the one that was written."""


class Ranges:
    """The file, mapped; a column of it is a view of numbers."""

    _first_high: memoryview
    _first_low: memoryview
    _last_high: memoryview
    _last_low: memoryview
    _first: memoryview
    _last: memoryview
    _system: memoryview
    _system_6: memoryview
    _systems: memoryview
    _ends: memoryview

    def __init__(self, path: Path) -> None:
        try:
            with path.open("rb") as file:
                view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            if bytes(view[: len(_FORMAT)]) != _FORMAT:
                raise ValueError  # noqa: TRY301 - all that is wrong ends alike
            head = json.loads(bytes(view[len(_FORMAT) : _HEAD]))
            body = view[_HEAD:]
            whole = hashlib.sha256(body).hexdigest() == head["sha256"]
            if not whole or head["order"] != sys.byteorder:
                raise ValueError  # noqa: TRY301
            four, six, systems = head["ranges_4"], head["ranges_6"], head["systems"]
        except (ValueError, KeyError, TypeError):
            raise Damaged from None
        at = 0
        for name in _COLUMNS_8:
            setattr(self, f"_{name}", body[at : at + 8 * six].cast("Q"))
            at += 8 * six
        for name, count in zip(_COLUMNS_4, (four, four, four, six, systems, systems), strict=True):
            setattr(self, f"_{name}", body[at : at + 4 * count].cast("I"))
            at += 4 * count
        self._text = body[at:]

    def __len__(self) -> int:
        return len(self._first) + len(self._first_high)

    def __iter__(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield IP version, first, last and system of each range, sorted."""
        for first, last, system in zip(self._first, self._last, self._system, strict=True):
            yield 4, first, last, system
        for place in range(len(self._first_high)):
            yield 6, *self._six(place), self._system_6[place]

    def _six(self, place: int) -> tuple[int, int]:
        return (
            self._first_high[place] << 64 | self._first_low[place],
            self._last_high[place] << 64 | self._last_low[place],
        )

    def system_of(self, address: str) -> int | None:
        """Return the system that announces an address, or None."""
        found = ip_address(address)
        wanted = int(found)
        if found.version == 4:  # noqa: PLR2004
            place = bisect_right(self._first, wanted) - 1
            return self._system[place] if place >= 0 and wanted <= self._last[place] else None
        places = range(len(self._first_high))
        place = bisect_right(places, wanted, key=lambda at: self._six(at)[0]) - 1
        return self._system_6[place] if place >= 0 and wanted <= self._six(place)[1] else None

    def name_of(self, system: int) -> str:
        """Return the name of a system's holder, or nothing."""
        place = bisect_right(self._systems, system) - 1
        if place < 0 or self._systems[place] != system:
            return ""
        start = self._ends[place - 1] if place else 0
        return bytes(self._text[start : self._ends[place]]).decode()

    def names(self) -> Iterator[tuple[int, str]]:
        """Yield every system that has a name, with it."""
        start = 0
        for system, end in zip(self._systems, self._ends, strict=True):
            if end > start:
                yield system, bytes(self._text[start:end]).decode()
            start = end


def opened(digest: str) -> Ranges | None:
    """Return the ranges of a edition; None where the file is not there, or not whole.

    `tcert check` says so, and a command brings it again.
    """
    with suppress(OSError, Damaged):
        return _opened(path_of(digest))
    return None


@lru_cache(maxsize=1)
def _opened(path: Path) -> Ranges:
    return Ranges(path)
