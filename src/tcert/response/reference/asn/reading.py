"""The list of address ranges of `ip-location-db`, read from its package or its CSV files.

Lines are ``first,last,system,name`` with addresses written or as numbers; the two versions of IP
may stand in one file or in two. Everything is bounded, since a file that somebody fetched is
hostile until it was read: octets, as packed and unpacked, lines and letters of a line. Ranges must
be sorted; where two overlap, as a few do, the addresses of both are left out, since nobody can say
whose they are. Pure but for reading the file that it is given.
"""

import csv
import gzip
import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import pairwise
from typing import BinaryIO

from tcert.response.reference.cells import cleaned
from tcert.response.reference.refusals import ListRefused

MOST_PACKED = 64 * 1024 * 1024
MOST_BYTES = 192 * 1024 * 1024
MOST_LINES = 4_000_000
LONGEST_LINE = 1_000
LONGEST_NAME = 200
MOST_MEMBERS = 100
MOST_OVERLAPS = 1_000
"""The list of June 2026 has one; many are a sign that it is not this list."""
_LARGEST_SYSTEM = 2**32 - 1
_NOT_A_GZIP = "The package is damaged, or breaks off."
_MEMBERS = ("package/asn-ipv4-num.csv", "package/asn-ipv6-num.csv")
_ABOUT = "package/package.json"
_VERSION = re.compile(r"[\x21-\x7e]{1,40}")
"""As long as the column has it, and nothing that a terminal obeys."""
_LARGEST = {4: 2**32 - 1, 6: 2**128 - 1}

Range = tuple[int, int, int]
"""First and last address as numbers, and the number of the autonomous system."""


@dataclass(frozen=True, slots=True)
class Read:
    """The list as it was read: ranges by version of IP, and names by system."""

    ranges: dict[int, list[Range]]
    names: dict[int, str]
    version: str
    overlaps: int = 0

    @property
    def count(self) -> int:
        """Return how many ranges there are."""
        return sum(map(len, self.ranges.values()))


class _Bounded(io.RawIOBase):
    """A stream that ends with a refusal once it has given more than it may."""

    def __init__(self, inner: BinaryIO | gzip.GzipFile) -> None:
        self._inner = inner
        self._left = MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._inner.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise ListRefused("The package unpacks to more than is taken.")
        buffer[: len(data)] = data
        return len(data)


def read_package(data: bytes) -> Read:
    """Read the package as npm gives it (``.tgz``); nothing is unpacked to the disk.

    Raises:
        ListRefused: it is no such package, or the list in it is refused.

    """
    if len(data) > MOST_PACKED:
        raise ListRefused("The package is larger than any that is taken.")
    into = _Lines()
    version, found = "", set()
    try:
        unpacked = io.BufferedReader(_Bounded(gzip.GzipFile(fileobj=io.BytesIO(data))))
        with tarfile.open(fileobj=unpacked, mode="r|") as archive:
            for number, member in enumerate(archive):
                if number > MOST_MEMBERS:
                    raise ListRefused("The package holds more files than any of this list.")
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None and member.name in _MEMBERS:
                    into.read(content)  # type: ignore[arg-type]
                    found.add(member.name)
                elif content is not None and member.name == _ABOUT:
                    version = _version(content.read(LONGEST_LINE * 10))
    # headers of an archive that lie, or lie in each other, end as these too
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError, RecursionError):
        raise ListRefused(_NOT_A_GZIP) from None
    if found != set(_MEMBERS):
        raise ListRefused("The package lacks a list of addresses.")
    return into.finished(version)


def read_files(files: Iterable[BinaryIO], version: str) -> Read:
    """Read CSV files.

    Raises:
        ListRefused: a line is refused, or there is nothing in them.

    """
    into = _Lines()
    for file in files:
        into.read(file)
    return into.finished(version)


def _version(data: bytes) -> str:
    try:
        said = json.loads(data)
        version = said["version"]
    except (ValueError, KeyError, TypeError):
        raise ListRefused("The package does not say which version it is.") from None
    if not isinstance(version, str) or _VERSION.fullmatch(version) is None:
        raise ListRefused("The package does not say which version it is.")
    return version


class _Lines:
    """Lines as they are read; what is wrong is refused with the number of its line."""

    def __init__(self) -> None:
        self.ranges: dict[int, list[Range]] = {4: [], 6: []}
        self.names: dict[int, str] = {}
        self.overlaps = 0
        self._octets = 0

    def read(self, file: BinaryIO) -> None:
        ranges: dict[int, list[Range]] = {4: [], 6: []}
        version = 4
        for number, line in enumerate(_lines(file), 1):
            self._octets += len(line)
            if number > MOST_LINES or self._octets > MOST_BYTES:
                raise ListRefused("The list has more lines than are taken.", number)
            first, last, system, name = _cells(line, number)
            version, found = _range(first, last, system, version, number)
            there = ranges[version]
            if there and found[0] <= there[-1][1]:
                self._cut(there, found, number)
            else:
                there.append(found)
            self.names.setdefault(system, name)
        for version_of, found_of in ranges.items():
            self.ranges[version_of] += found_of

    def _cut(self, there: list[Range], new: Range, number: int) -> None:
        """Leave out what two ranges share; keep what is before and after it."""
        before = there.pop()
        self.overlaps += 1
        if new[0] < before[0] or self.overlaps > MOST_OVERLAPS:
            raise ListRefused("The ranges are not sorted, or many overlap.", number)
        if before[0] < new[0]:
            there.append((before[0], new[0] - 1, before[2]))
        longer, shared = (before, new[1]) if before[1] > new[1] else (new, before[1])
        if longer[1] > shared:
            there.append((shared + 1, longer[1], longer[2]))

    def finished(self, version: str) -> Read:
        for ranges in self.ranges.values():
            ranges.sort()  # each file is sorted; several of one version need not follow each other
            if any(one[1] >= after[0] for one, after in pairwise(ranges)):
                raise ListRefused("Ranges of two files overlap.")
        if not any(self.ranges.values()):
            raise ListRefused("There is no range in it.")
        return Read(self.ranges, self.names, version, self.overlaps)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE):
        yield line


def _cells(line: bytes, number: int) -> tuple[str, str, int, str]:
    if not line.endswith(b"\n"):
        raise ListRefused("The line is too long, or the file breaks off in it.", number)
    try:
        text = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ListRefused("The line is no text in UTF-8.", number) from None
    try:
        cells = next(csv.reader([text]), []) if '"' in text else text.split(",")
    except csv.Error:
        raise ListRefused("The line is no row of a CSV.", number) from None
    if len(cells) != 4:  # noqa: PLR2004 - first, last, system, name
        raise ListRefused("A line is first and last address, system and name.", number)
    first, last, system, name = cells
    if not (system.isascii() and system.isdecimal() and len(system) < 11):  # noqa: PLR2004 - digits of 32 bits
        raise ListRefused("The number of the system is none.", number)
    if int(system) > _LARGEST_SYSTEM:
        raise ListRefused("The number of the system is none.", number)
    shown = cleaned(name)
    if shown is None or len(name) > LONGEST_NAME:
        raise ListRefused("The name is too long, or holds control characters.", number)
    return first, last, int(system), shown


def _range(first: str, last: str, system: int, version: int, number: int) -> tuple[int, Range]:
    """Return a range and its version of IP."""
    first_at, version_of_first = _address(first, version, number)
    last_at, version_of_last = _address(last, version, number)
    if version_of_first != version_of_last or last_at > _LARGEST[6]:
        raise ListRefused("First and last are no addresses of one version of IP.", number)
    if first_at > last_at:
        raise ListRefused("The first address comes after the last one.", number)
    return version_of_first, (first_at, last_at, system)


def _address(text: str, version: int, number: int) -> tuple[int, int]:
    """Return an address as a number, and its version: that of the line before for a bare one."""
    if text.isascii() and text.isdecimal() and len(text) < 40:  # noqa: PLR2004 - digits of 128 bits
        number_of_address = int(text)
        return number_of_address, 6 if number_of_address > _LARGEST[4] else version
    try:
        found = ip_address(text)
    except ValueError:
        raise ListRefused("First and last are no addresses.", number) from None
    return int(found), found.version
