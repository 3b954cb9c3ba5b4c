"""Claims from a file, for runs without a hub: CSV or JSON lines, one claim each."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NamedTuple

from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import FACTS, Kind
from tcert.foundation.identifiers.numbers import country_code
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.response.bulk.batch import Unreadable
from tcert.response.bulk.inputs import blocks, named, opened, reading, records
from tcert.response.snapshot.compiling import ROUTED
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.enums import Role, State
from tcert.response.snapshot.intervals import BITS, number_of

COLUMNS = (
    "kind",
    "value",
    "party",
    "role",
    "state",
    "source",
    "date",
    "valid_from",
    "valid_until",
    "was_verified",
)
NEEDED = ("kind", "value", "party")
LONGEST_PARTY = 200
_ORIGIN = re.compile(r"AS[0-9]{1,10}")
_WIDEST = {4: 8, 6: 16}
"""Bits of the shortest network that is taken: 0.0.0.0/0 would bring everybody's data to one."""
_MOST_COMMON = 100_000
_NETWORK = re.compile(r"([0-9.]{7,15})/(0|[1-9][0-9]?)")
_PREFIX = re.compile(r"\+[0-9]{1,15}")
_RANGES = {Kind.GT_RANGE, Kind.MSISDN_RANGE}
_YES = {"yes", "true", "1"}


class ClaimRefused(Exception):
    """One claim cannot be taken; the message says why."""


def read_claims(path: Path, today: date) -> Iterator[Entry | tuple[int, str]]:
    """Yield each claim of a file, or line number and reason of one that is refused.

    `today` is the date of claims that name none. Raises `inputs.InputRefused`.
    """
    reader = Reader(named(path.name), today)
    with opened(str(path)) as stream, reading():
        for block in blocks(stream, None, known=COLUMNS):
            for line, row in enumerate(records(block), block.first_line):
                if row is None:
                    continue
                if isinstance(row, Unreadable) or not isinstance(row, dict):
                    yield line, row.reason if isinstance(row, Unreadable) else "no JSON object"
                    continue
                try:
                    yield reader.entry(row)
                except IdentifierRefused as error:
                    yield line, f"value: {error}"
                except ClaimRefused as error:
                    yield line, str(error)


class Reader:
    """Reads claims; what many of them have in common is read once.

    `source` and `today` stand for what a claim does not say.
    """

    def __init__(self, source: str, today: date) -> None:
        self._source = source[:LONGEST_PARTY]
        self._today = today
        self._common: dict[tuple[str, ...], _Common] = {}
        self._parties: dict[str, str] = {}

    def entry(self, row: dict[str, Any]) -> Entry:
        """Return the entry of one row; raises ClaimRefused or IdentifierRefused."""
        kind, value, party, *others = [_cell(row.get(name)) for name in COLUMNS]
        if not (kind and value and party):
            cells = zip(NEEDED, (kind, value, party), strict=True)
            raise ClaimRefused(f"{', '.join(name for name, cell in cells if not cell)}: missing")
        key = kind, *others
        common = self._common.get(key)
        if common is None:
            common = self._read(kind, dict(zip(COLUMNS[len(NEEDED) :], others, strict=True)))
            if len(self._common) < _MOST_COMMON:
                self._common[key] = common
        known = self._parties.get(party)
        if known is None:
            if len(party) > LONGEST_PARTY or not party.isprintable():
                raise ClaimRefused("party: 1 to 200 printable characters")
            if len(self._parties) < _MOST_COMMON:
                self._parties[party] = party
            known = party
        if common.role == Role.ORIGIN and not _ORIGIN.fullmatch(known):
            raise ClaimRefused("party: an origin is an AS, such as AS64496")
        return Entry(common.kind, canonical(common.kind, value), known, *common[1:])

    def _read(self, word: str, cells: dict[str, str]) -> "_Common":
        kind = _one_of(Kind, word.lower(), "kind")
        if FACTS[kind].subscriber:
            raise ClaimRefused("kind: nobody claims a subscriber; claim the network or the range")
        if kind not in ROUTED:
            raise ClaimRefused("kind: nothing is routed by it")
        role = _one_of(Role, (cells["role"] or Role.HOLDER).lower(), "role")
        if not cells["source"].isprintable():
            raise ClaimRefused("source: printable characters")
        moments = {
            name: _moment(cells[name], name) if cells[name] else None
            for name in ("date", "valid_from", "valid_until")
        }
        return _Common(
            kind,
            role,
            _one_of(State, (cells["state"] or State.CLAIMED).lower(), "state"),
            cells["source"][:LONGEST_PARTY] or self._source,
            moments["date"].date() if moments["date"] else self._today,
            moments["valid_from"],
            moments["valid_until"],
            cells["was_verified"].lower() in _YES,
        )


class _Common(NamedTuple):
    """What an entry says but for value and party, in its order."""

    kind: Kind
    role: Role
    state: State
    source: str
    on: date
    valid_from: datetime | None
    valid_until: datetime | None
    was_verified: bool


def _cell(value: object) -> str:
    if value.__class__ is str:
        return value.strip()
    return str(value).strip() if isinstance(value, str | int) else ""


def canonical(kind: Kind, text: str) -> str:
    """Return the canonical form of a claimed value; raises ClaimRefused or IdentifierRefused.

    Plain forms, which files are full of, are told by a pattern; all else is read in full.
    """
    if kind == Kind.CIDR and (match := _NETWORK.fullmatch(text)):
        first, length = number_of(match[1]), int(match[2])
        last_bits = (1 << BITS[4] - min(length, BITS[4])) - 1
        if first is not None and _WIDEST[4] <= length <= BITS[4] and not first & last_bits:
            return text
    elif kind in _RANGES and _PREFIX.fullmatch(text):
        country_code(text[1:])
        return text
    found = registry.parse(kind, text)
    if kind == Kind.CIDR:
        network = ip_network(found.canonical)
        if network.prefixlen < _WIDEST[network.version]:
            raise ClaimRefused("value: nobody holds so much of the Internet; up to /8, IPv6 /16")
    return found.canonical


def _one_of(words: Any, text: str, column: str) -> Any:
    try:
        return words(text)
    except ValueError:
        raise ClaimRefused(f"{column}: one of {', '.join(words)}") from None


def _moment(text: str, column: str) -> datetime:
    """Read a day or a moment; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ClaimRefused(f"{column}: a date such as 2026-11-30, or a time after it") from None
