"""Claims from a file, for runs without a hub: CSV or JSON lines, one claim each."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import FACTS, Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.response.bulk.batch import Unreadable
from tcert.response.bulk.inputs import blocks, named, opened, reading, records
from tcert.response.snapshot.compiling import keys
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.enums import Role, State

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
_YES = {"yes", "true", "1"}


class ClaimRefused(Exception):
    """One claim cannot be taken; the message says why."""


def read_claims(path: Path, today: date) -> Iterator[Entry | tuple[int, str]]:
    """Yield each claim of a file, or line number and reason of one that is refused.

    `today` is the date of claims that name none. Raises `inputs.InputRefused`.
    """
    source = named(path.name)
    with opened(str(path)) as stream, reading():
        for block in blocks(stream, None, known=COLUMNS):
            for line, row in enumerate(records(block), block.first_line):
                if row is None:
                    continue
                if isinstance(row, Unreadable) or not isinstance(row, dict):
                    yield line, row.reason if isinstance(row, Unreadable) else "no JSON object"
                    continue
                try:
                    yield entry(row, source, today)
                except IdentifierRefused as error:
                    yield line, f"value: {error}"
                except ClaimRefused as error:
                    yield line, str(error)


def entry(row: dict[str, Any], source: str, today: date) -> Entry:
    """Return the entry of one row; raises ClaimRefused or IdentifierRefused."""
    cells = {
        name: str(row[name]).strip() for name in COLUMNS if isinstance(row.get(name), str | int)
    }
    cells = {name: cell for name, cell in cells.items() if cell}
    if missing := [name for name in NEEDED if name not in cells]:
        raise ClaimRefused(f"{', '.join(missing)}: missing")
    kind = _one_of(Kind, cells["kind"].lower(), "kind")
    if FACTS[kind].subscriber:
        raise ClaimRefused("kind: nobody claims a subscriber; claim the network or the range")
    role = _one_of(Role, cells.get("role", Role.HOLDER).lower(), "role")
    party = cells["party"]
    if len(party) > LONGEST_PARTY or not party.isprintable():
        raise ClaimRefused("party: 1 to 200 printable characters")
    if role == Role.ORIGIN and not _ORIGIN.fullmatch(party):
        raise ClaimRefused("party: an origin is an AS, such as AS64496")
    if not cells.get("source", "").isprintable():
        raise ClaimRefused("source: printable characters")
    found = registry.parse(kind, cells["value"])
    if (
        found.kind == Kind.CIDR
        and (network := ip_network(found.canonical)).prefixlen < (_WIDEST[network.version])
    ):
        raise ClaimRefused("value: nobody holds so much of the Internet; up to /8, IPv6 /16")
    try:
        next(keys(found.kind, found.canonical), None)
    except ValueError:
        raise ClaimRefused("kind: nothing is routed by it") from None
    return Entry(
        kind=found.kind,
        value=found.canonical,
        party=party,
        role=role,
        state=_one_of(State, cells.get("state", State.CLAIMED).lower(), "state"),
        source=cells.get("source", source)[:LONGEST_PARTY],
        on=_moment(cells["date"], "date").date() if "date" in cells else today,
        valid_from=_moment(cells["valid_from"], "valid_from") if "valid_from" in cells else None,
        valid_until=_moment(cells["valid_until"], "valid_until")
        if "valid_until" in cells
        else None,
        was_verified=cells.get("was_verified", "").lower() in _YES,
    )


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
