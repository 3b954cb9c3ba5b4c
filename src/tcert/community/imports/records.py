"""Records of other directories, read into one shape. Pure but for the keys of a keyring.

Nothing stops at one bad record: it is refused with its place and the reason. What makes the whole
file doubtful (another encoding, a key that stands twice in one object) refuses the file.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from tcert.community.bundle.teamsjson import (
    MOST_TEAMS,
    NotTeams,
    Team,
    TeamRefused,
    read_team,
    teams_in,
)
from tcert.community.imports.enums import Source

MOST_BYTES = 20 * 1024 * 1024
MOST_OBJECTS, MOST_COMMAS = 1_500_000, 4_000_000
"""Counted before a file is taken apart: small things of which there are many fill the memory."""
_LONGEST_WORD = 60
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_GUARDED = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet would calculate, and what looks like a cell that was kept from that."""
_DELIMITERS = (";", "\t", ",")

CURES = {
    "shape": _("It has another shape than the list should have."),
    "name": _("It has no official name."),
    "key": _("It has no id, name or key by which it could be found again."),
    "long": _("It is longer than what is taken."),
    "many": _("There are more of them than are taken."),
    "characters": _("It holds characters that are no text."),
    "day": _("It is no day, month or year, such as 2026-01-31."),
    "fingerprint": _("It is no whole fingerprint of 40 or 64 digits."),
    "address": _("It is no mail address."),
    "country": _("It is no country code of two letters."),
    "twice": _("The same id stands in record %(other)s."),
    "quotes": _("The quotation marks do not go together."),
}


class FileRefused(Exception):
    """The file cannot be read; `problem` has a sentence on the page, `where` says more."""

    def __init__(self, problem: str, where: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where


@dataclass(frozen=True, slots=True)
class Row:
    """One record: by what its source knows it, and what it says."""

    place: int
    key: str
    data: Team
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A record that is not taken, with the field and the reason."""

    place: int
    name: str
    field: str
    problem: str
    said: str = ""
    other: int = 0

    @property
    def words(self) -> str:
        """Return the reason in a sentence."""
        return self.said or str(CURES[self.problem]) % {"other": self.other}


Found = Iterator[Row | RefusedRow]


def decoded(data: bytes) -> str:
    """Return the text of a file: UTF-8 with or without a mark, UTF-16 with one.

    Another encoding is not guessed: a guess would write other letters than the source meant.

    Raises:
        FileRefused: it is none of these; `where` says at which octet and line.

    """
    name = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileRefused("encoding", f"{error.start + 1}:{line}") from None


def strict_json(text: str) -> Any:
    """Return a document in which no object has a key twice, and no number is none.

    Raises:
        FileRefused: it is no such JSON, too deep, or made of too many things.

    """
    if text.count("{") + text.count("[") > MOST_OBJECTS or text.count(",") > MOST_COMMAS:
        raise FileRefused("large")
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise FileRefused("json", f"{error.lineno}:{error.colno}") from None
    except RecursionError:
        raise FileRefused("deep") from None
    except ValueError:  # a number of thousands of digits
        raise FileRefused("json", "") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _value in pairs:
            if name in seen:
                break
            seen.add(name)
        word = "".join(c for c in name[:_LONGEST_WORD] if c.isprintable())
        raise FileRefused("duplicate", word)
    return found


def _no_number(word: str) -> Any:
    raise FileRefused("number", word)


def read(source: Source, data: bytes, keyring: Callable[[bytes], Found]) -> Found:
    """Yield each record of a file; `keyring` reads those of OpenPGP keys.

    Raises:
        FileRefused: the file as a whole is not taken.

    """
    if source is Source.KEYRING:
        return _first_only(keyring(data))
    text = decoded(data)
    if source is Source.CSV:
        return _first_only(_sheet(text))
    return _first_only(_listed(source, strict_json(text)))


def _listed(source: Source, document: Any) -> Found:
    if source is Source.TEAMS_JSON:
        try:
            raw: Any = teams_in(document)
        except NotTeams:
            raise FileRefused("schema") from None
    elif isinstance(document, dict):
        raw = document.get("data", document.get("teams"))
    else:
        raw = document
    if not isinstance(raw, list):
        raise FileRefused("list")
    if len(raw) > MOST_TEAMS:
        raise FileRefused("many")
    return (_row(source, place, one) for place, one in enumerate(raw, 1))


def _row(source: Source, place: int, raw: Any) -> Row | RefusedRow:
    name = ""
    try:
        shaped = from_first(raw) if source is Source.FIRST and isinstance(raw, dict) else raw
        if isinstance(shaped, dict):
            name = str(shaped.get("official_name") or "")[:_LONGEST_WORD]
        team = read_team(shaped)
    except TeamRefused as refused:
        shown = "".join(c for c in name if c.isprintable())
        return RefusedRow(place, shown, refused.field, refused.problem)
    key = key_of(source, team)
    return Row(place, key, team)


def key_of(source: Source, team: Team) -> str:
    """Return by what a source knows a team: its id, or the short name; else the official name."""
    named = [team.get("id", "")]
    if source is Source.TRUSTED_INTRODUCER:  # it gives no ids; its short names are unique
        named = [team.get("short_name", "")]
    return next(filter(None, named), team["official_name"]).casefold()[:200]


def _first_only(rows: Found) -> Found:
    """Refuse what comes a second time under the same key: nobody says which one counts."""
    seen: dict[str, int] = {}
    for row in rows:
        if isinstance(row, Row) and row.key in seen:
            name = row.data["official_name"][:_LONGEST_WORD]
            yield RefusedRow(row.place, name, "id", "twice", other=seen[row.key])
            continue
        if isinstance(row, Row):
            seen[row.key] = row.place
        yield row


# FIRST -------------------------------------------------------------------------


def from_first(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record of FIRST's API (`/data/v1/teams`) under our keys."""
    country = raw.get("country")
    is_code = isinstance(country, str) and len(country) == 2  # noqa: PLR2004 - ISO 3166-1 alpha-2
    kinds = raw.get("constituency")
    phones = [("phone", "main"), ("phone-emergency", "24/7")]
    found: dict[str, Any] = {
        "id": raw.get("id"),
        "official_name": raw.get("team-full") or raw.get("team"),
        "short_name": raw.get("team"),
        "host_organisation": raw.get("host"),
        "established": raw.get("establishment"),
        "postal_address": raw.get("address"),
        "country": {"code" if is_code else "name": country} if country else None,
        "website": raw.get("website"),
        "emails": _each([(raw.get("email"), "main")], "address"),
        "phones": _each([(raw.get(name), usage) for name, usage in phones], "number"),
        "business_hours": raw.get("operating-hours"),
        "business_hours_timezone": raw.get("timezone"),
        "constituency": {"types": kinds if isinstance(kinds, list) else [kinds]} if kinds else None,
        "constituency_text": raw.get("constituency-description"),
        "membership": raw.get("membership"),
        "member_since": raw.get("member-since"),
        "updated": raw.get("last-modified"),
    }
    prints = raw.get("pgp-fingerprint")
    if prints:
        found["pgp_keys"] = [{"fingerprint": prints}]
    return found


def _each(values: list[tuple[Any, str]], key: str) -> list[dict[str, Any]] | None:
    return [{key: value, "usage": usage} for value, usage in values if value] or None


# CSV ---------------------------------------------------------------------------

PLAIN = (
    "id", "official_name", "short_name", "host_organisation", "kind", "host_kind", "established",
    "website", "postal_address", "business_hours", "business_hours_timezone", "description",
    "constituency_text", "membership", "member_since", "updated", "confirmed",
)  # fmt: skip
LISTED = {
    "emails": "address",
    "phones": "number",
    "faxes": "number",
    "webs": "address",
    "pgp_keys": "fingerprint",
}
COLUMNS = (*PLAIN, "country", *LISTED, "languages")
_BETWEEN = "|"
_USAGE = re.compile(r"[^=:?|]{1,40}")
"""What an item is for stands before an equals sign; what stands there in an address does not."""


def _sheet(text: str) -> Found:
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    delimiter = max(_DELIMITERS, key=text.split("\n", 1)[0].count)
    sheet = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(sheet, [])]
    except csv.Error:
        raise FileRefused("columns") from None
    if names.count("official_name") != 1 or len(set(names)) != len(names):
        raise FileRefused("columns")
    return _lines(sheet, names)


def _lines(sheet: Any, names: list[str]) -> Found:
    for number in range(MOST_TEAMS + 1):
        try:
            cells = next(sheet, None)
        except csv.Error:
            cells = []
            yield RefusedRow(sheet.line_num, "", "", "quotes")
        if cells is None:
            return
        if number == MOST_TEAMS:
            raise FileRefused("many")
        if any(cell.strip() for cell in cells):
            plain = [_unguarded(cell.strip()) for cell in cells]
            yield _row(
                Source.CSV, sheet.line_num, _from_cells(dict(zip(names, plain, strict=False)))
            )


def _from_cells(cells: Mapping[str, str]) -> dict[str, Any]:
    raw: dict[str, Any] = {name: cells.get(name, "") for name in PLAIN}
    raw["country"] = {"code": cells.get("country", "")}
    raw["languages"] = cells.get("languages", "").split()
    for name, key in LISTED.items():
        raw[name] = [_item(one, key) for one in cells.get(name, "").split(_BETWEEN) if one.strip()]
    return raw


def _item(text: str, key: str) -> dict[str, str]:
    """Read `usage=value`; a value of no usage stands alone, or, with a `=` in it, after `=`."""
    usage, equals, value = text.strip().partition("=")
    if equals and _USAGE.fullmatch(usage):
        return {"usage": usage, key: value.strip()}
    if equals and not usage and "=" in value:
        return {key: value.strip()}
    return {key: text.strip()}


def cells_of(team: Team) -> list[str]:
    """Return a team in the columns of the file, each harmless to a spreadsheet."""
    cells = [team.get(name, "") for name in PLAIN]
    cells.append(team.get("country", {}).get("code", ""))
    for name, key in LISTED.items():
        items = [_written(one, key) for one in team.get(name, [])]
        cells.append(_BETWEEN.join(items))
    cells.append(" ".join(team.get("languages", [])))
    return [f"'{cell}" if _GUARDED.match(cell) else cell for cell in cells]


def _written(item: Mapping[str, str], key: str) -> str:
    usage, value = item.get("usage", ""), item[key]
    if _USAGE.fullmatch(usage):
        return f"{usage}={value}"
    return f"={value}" if "=" in value else value


def _unguarded(cell: str) -> str:
    """Take away the mark with which the hub writes a cell that a spreadsheet would calculate."""
    return cell[1:] if cell.startswith("'") and _GUARDED.match(cell) else cell
