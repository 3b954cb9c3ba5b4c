"""Teams as `teams.json` has them: our schema, a superset of Trusted Introducer's keys. Pure.

One team is a dictionary of the keys below; what is empty is left out. The same shape holds what
comes from other directories, so that one reader bounds and cleans it all.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from tcert.community.directory.documents.facts import lines, one_line

SCHEMA = "tcert-teams-1"
MOST_TEAMS = 20_000
MOST_ITEMS = 50
MOST_LANGUAGES = 60
LONGEST_NAME, LONGEST_LINE, LONGEST_TEXT = 160, 300, 4000
LONGEST_KEY = 12

Team = dict[str, Any]
Reader = Callable[[Any], Any]

_FINGERPRINT = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}")
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ][0-9:.]{5,15}(?:Z|[+-]\d{2}:?\d{2})?)?)?)?")
_SECTION = re.compile(r"[1-7](?:\.\d{1,2}){0,2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")


class BadValue(ValueError):
    """A value that is not taken; the message is a word that has a sentence on the page."""


class TeamRefused(Exception):
    """A team is not taken: which key of it, and why in a word of a fixed list."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class NotTeams(ValueError):
    """A file that is no `teams.json`."""


def line(longest: int = LONGEST_LINE) -> Reader:
    """Return a reader of one line of text; numbers are taken as they are written."""

    def read(value: Any) -> str:
        text = one_line(_text(value))
        if len(text) > longest:
            raise BadValue("long")
        return text

    return read


def block(value: Any) -> str:
    """Read text of several lines."""
    text = "\n".join(lines(_text(value))).strip()
    if len(text) > LONGEST_TEXT:
        raise BadValue("long")
    return text


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadValue("shape")
    text = str(value)
    if len(text) > 4 * LONGEST_TEXT:
        raise BadValue("long")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadValue("characters") from None
    return text


def form(pattern: re.Pattern[str], problem: str, clean: Callable[[str], str] = str) -> Reader:
    """Return a reader of text that has one form."""

    def read(value: Any) -> str:
        text = clean(line()(value))
        if text and not pattern.fullmatch(text):
            raise BadValue(problem)
        return text

    return read


def day(value: Any) -> str:
    """Read a year, a month, a day or a moment (ISO 8601), as it is written."""
    text = line(40)(value)
    found = _DAY.fullmatch(text)
    if text and not found:
        raise BadValue("day")
    if found:
        year, month, on = (int(part) if part else 1 for part in found.groups())
        try:
            date(year, month, on)
        except ValueError:
            raise BadValue("day") from None
    return text


def items(read: Reader, most: int = MOST_ITEMS) -> Reader:
    """Return a reader of a list, each once, in the order given."""

    def read_all(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise BadValue("shape")
        if len(value) > most:
            raise BadValue("many")
        found: list[Any] = []
        for one in map(read, value):
            if one and one not in found:
                found.append(one)
        return found

    return read_all


def shaped(keys: Mapping[str, Reader], needed: str = "") -> Reader:
    """Return a reader of an object with certain keys; others are left, the needed one is asked."""

    def read(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise BadValue("shape")
        found = {k: keys[k](value[k]) for k in keys if value.get(k) is not None}
        found = {key: one for key, one in found.items() if one}
        return found if not needed or needed in found else {}

    return read


def _no_space(text: str) -> str:
    return "".join(text.split()).replace(":", "").upper().removeprefix("0X")


fingerprint = form(_FINGERPRINT, "fingerprint", _no_space)
address = form(_ADDRESS, "address", lambda text: text.removeprefix("mailto:"))
country = form(_COUNTRY, "country", str.upper)


def _sections(value: Any) -> dict[str, dict[str, str]]:
    if not isinstance(value, dict):
        raise BadValue("shape")
    if len(value) > MOST_ITEMS:
        raise BadValue("many")
    found = {}
    for section, texts in value.items():
        if not _SECTION.fullmatch(section) or not isinstance(texts, dict):
            raise BadValue("shape")
        if len(texts) > MOST_LANGUAGES or not all(map(_LANGUAGE.fullmatch, texts)):
            raise BadValue("shape")
        found[section] = {tag: block(text) for tag, text in texts.items() if block(text)}
    return {section: texts for section, texts in found.items() if texts}


FIELDS: Mapping[str, Reader] = {
    # Trusted Introducer's keys.
    "official_name": line(LONGEST_NAME),
    "short_name": line(LONGEST_NAME),
    "country": shaped({"code": country, "name": line(LONGEST_NAME)}),
    "established": day,
    "host_organisation": line(LONGEST_NAME),
    "classification": shaped({"code": line(40), "name": line(), "since": day}),
    "postal_address": block,
    "constituency": shaped(
        {
            "types": items(line(LONGEST_NAME)),
            "asns": items(line(LONGEST_KEY), 1000),
            "domains": items(line(253), 1000),
            "ipranges": items(line(90), 1000),
            "countries": items(line(LONGEST_NAME), 250),
        }
    ),
    "business_hours": line(LONGEST_LINE),
    "business_hours_timezone": line(60),
    "pgp_keys": items(
        shaped({"fingerprint": fingerprint, "expires": day, "usage": line(40)}, "fingerprint")
    ),
    "phones": items(
        shaped({"usage": line(40), "number": line(60), "timezone": line(60)}, "number")
    ),
    "emails": items(shaped({"address": address, "usage": line(40)}, "address")),
    # Our own.
    "id": line(80),
    "kind": line(40),
    "host_kind": line(40),
    "website": line(),
    "webs": items(shaped({"address": line(), "usage": line(40)}, "address")),
    "faxes": items(shaped({"number": line(60), "usage": line(40)}, "number")),
    "languages": items(line(20)),
    "hours": items(line(40)),
    "description": block,
    "constituency_text": block,
    "sections": _sections,
    "membership": line(),
    "member_since": day,
    "updated": day,
    "confirmed": day,
}


def read_team(raw: Any) -> Team:
    """Read one team; keys that are not ours are left out, and so is what is empty.

    Raises:
        TeamRefused: it is no object, has no official name, or one of its values is not taken.

    """
    if not isinstance(raw, dict):
        raise TeamRefused("", "shape")
    found: Team = {}
    for name, read in FIELDS.items():
        if raw.get(name) is None:
            continue
        try:
            value = read(raw[name])
        except BadValue as error:
            raise TeamRefused(name, str(error)) from None
        if value:
            found[name] = value
    if "official_name" not in found:
        raise TeamRefused("official_name", "name")
    return found


def write(teams: Iterable[Team]) -> bytes:
    """Write the file: always the same bytes for the same teams, in the order given."""
    found = {"schema": SCHEMA, "teams": list(teams)}
    return (json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def teams_in(document: Any) -> list[Any]:
    """Return the raw teams of a document.

    Raises:
        NotTeams: it is no object of this schema.

    """
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise NotTeams
    found = document.get("teams")
    if not isinstance(found, list):
        raise NotTeams
    return found


def tidy(raw: Mapping[str, Any]) -> Team:
    """Return what `read_team` would take of our own data, value by value; what it refuses is left.

    What the directory holds is shaped by its forms; one odd value of one team stops no bundle.
    """
    found = {name: _taken(read, raw.get(name)) for name, read in FIELDS.items()}
    return {name: value for name, value in found.items() if value}


def _taken(read: Reader, value: Any) -> Any:
    """Return a value as it is read; of a list what can be, so that one address takes no other."""
    if value is None:
        return None
    try:
        return read(value)
    except BadValue:
        if not isinstance(value, list) or len(value) <= 1:
            return None
        return [good for one in value[:MOST_ITEMS] for good in _taken(read, [one]) or ()]
