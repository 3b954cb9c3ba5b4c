"""The public list of network codes, read from the JSON of `mcc-mnc-list`. Pure.

The list is made from pages that anybody may edit. It is read as hostile: a file that is cut off,
wrongly coded or of another shape is refused whole; a row that names no single network code (a
range, a question mark) is left aside and counted. Codes are text: a code written as a number has
lost its leading zeros, and nobody can say whether 1 was 01 or 001.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from tcert.response.reference.cells import cleaned
from tcert.response.reference.enums import Use
from tcert.response.reference.refusals import ListRefused

MOST_BYTES = 8 * 1024 * 1024
MOST_ROWS = 20_000
LONGEST = {
    "country_code": 14,
    "country": 100,
    "operator": 120,
    "brand": 80,
    "status": 40,
    "note": 300,
}
"""Letters that a field may have; the list of 2026 has 83 in its longest operator."""

IN_USE = frozenset({"operational", "temporary operational"})
"""States of a code under which traffic is to be expected."""
NOT_IN_USE = frozenset({"not operational", "returned spare", "reserved"})
"""States of a code that nobody answers for any more, or not yet."""

_MCC = re.compile(r"[0-9]{3}", re.ASCII)
_MNC = re.compile(r"[0-9]{2,3}", re.ASCII)
_KEYS = {
    "country_code": "countryCode",
    "country": "countryName",
    "operator": "operator",
    "brand": "brand",
    "status": "status",
    "note": "notes",
}
_USES = {"National": Use.NATIONAL, "International": Use.INTERNATIONAL, "Test": Use.TEST}


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One network code in one country, as the list has it; several may share a code."""

    plmn: str
    country_code: str
    country: str
    operator: str
    brand: str
    status: str
    use: str
    note: str


COLUMNS = tuple(field.name for field in fields(Row))


@dataclass(frozen=True, slots=True)
class Aside:
    """A row that names no single network code: its place, and what stands for the code."""

    row: int
    mcc: str
    mnc: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that was read."""

    rows: tuple[Row, ...]
    aside: tuple[Aside, ...]


def read(data: bytes) -> Listed:
    """Read the whole list.

    Raises:
        ListRefused: it is no such list, or a row is hostile or stands there twice.

    """
    if len(data) > MOST_BYTES:
        raise ListRefused("The list is larger than any that is taken.")
    found = _parsed(data)
    if not isinstance(found, list) or not found:
        raise ListRefused("It is no list of network codes.")
    if len(found) > MOST_ROWS:
        raise ListRefused("The list has more rows than are taken.")
    rows: dict[Row, int] = {}
    aside = []
    for place, one in enumerate(found, 1):
        row = _row(one, place)
        if isinstance(row, Aside):
            aside.append(row)
        elif row in rows:
            raise ListRefused(f"The same row stands in row {rows[row]} already.", place)
        else:
            rows[row] = place
    if not rows:
        raise ListRefused("No row of it names a network code.")
    return Listed(tuple(sorted(rows)), tuple(aside))


def _parsed(data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ListRefused("The file is no text in UTF-8.", line) from None
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise ListRefused("The file is no JSON, or breaks off.", error.lineno) from None
    except RecursionError:
        raise ListRefused("The file is nested more deeply than any list.") from None
    except ValueError:  # a number of thousands of digits
        raise ListRefused("A number in it is longer than any that is read.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ListRefused("One row names the same field twice: nobody can say which counts.")
    return found


def _constant(_word: str) -> Any:
    raise ListRefused("A word stands where a number should: JSON has no such word.")


def _row(one: Any, place: int) -> Row | Aside:
    if not isinstance(one, dict):
        raise ListRefused("It is no row of a list of network codes.", place)
    mcc, mnc = one.get("mcc"), one.get("mnc")
    if not isinstance(mcc, str) or not isinstance(mnc, str):
        raise ListRefused(
            "A network code is written as a number, or missing: its zeros are lost.", place
        )
    use = _USES.get(str(one.get("type")))
    if use is None:
        raise ListRefused("It is neither national nor international nor a test network.", place)
    told = {name: _text(one.get(key), LONGEST[name], place) for name, key in _KEYS.items()}
    if not _MCC.fullmatch(mcc) or not _MNC.fullmatch(mnc):
        return Aside(place, _text(mcc, 40, place), _text(mnc, 40, place))
    told["status"] = told["status"].lower()
    return Row(plmn=f"{mcc}-{mnc}", use=use, **told)


def _text(value: Any, longest: int, place: int) -> str:
    """Return one cell; what nobody types, and what would reach beyond its column, is refused."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ListRefused("A field that should be text is not.", place)
    if len(value) > longest:
        raise ListRefused(f"A field is longer than {longest} letters.", place)
    text = cleaned(value)
    if text is None:
        raise ListRefused("A field holds control characters.", place)
    return text


def operational(rows: Iterable[Row]) -> frozenset[str]:
    """Return the network codes under which traffic is to be expected."""
    return frozenset(row.plmn for row in rows if row.status in IN_USE)
