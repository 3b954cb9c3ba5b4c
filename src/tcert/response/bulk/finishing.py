"""What is made of the lines of a bundle once all are there: its table and its numbers.

Behind the fields of a record stands what it is told of its route, which is the same for many. So
that is read, counted and written once, and of each line its own fields alone. Pure.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson

from tcert.response.bulk.bundled import Gathered
from tcert.response.bulk.fields import COLUMNS, TIME
from tcert.response.bulk.memory import ROUTE_COLUMNS

_BEHIND = f',"{ROUTE_COLUMNS[0]}":'.encode()
"""Where the route begins. No value holds it: a quotation mark in one has a backslash before it."""
_OPENED = f'{{"{ROUTE_COLUMNS[0]}":'.encode()
_GROUP = b',"route.group":'
_TYPE = "classification.type"
_COUNTED = ("route.confidence", "route.field", "route.role", "route.side")
_MOST_ROUTES = 20_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def defused(cell: object) -> str:
    """Return a cell that no spreadsheet calculates (a leading apostrophe), on one line."""
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text


class _Route:
    """What lines are told of their route, how many, and as the end of a row."""

    __slots__ = ("cells", "count", "told")

    def __init__(self, told: Mapping[str, Any], cells: str) -> None:
        self.told = told
        self.cells = cells
        self.count = 0


class Table:
    """The table of a bundle, with the columns that its records have."""

    def __init__(self, lines: Iterable[bytes], file: IO[bytes]) -> None:
        """Find the columns in all lines, and write the heading."""
        shapes: set[tuple[str, ...]] = set()
        has_group = False
        for line in lines:
            fields, _mark, route = line.partition(_BEHIND)
            shapes.add(tuple(orjson.loads(fields + b"}")))
            has_group = has_group or _GROUP in route
        used = {name for shape in shapes for name in shape}
        self._fields = tuple(name for name in COLUMNS if name in used)
        self._route = ROUTE_COLUMNS if has_group else ROUTE_COLUMNS[:-1]
        self._file = file
        self._sheet = csv.writer(_Echo(), lineterminator="")
        self._write((*self._fields, *self._route))

    def cells(self, route: Mapping[str, Any]) -> str:
        """Return the end of a row, which many share."""
        return self._sheet.writerow([defused(route.get(name, "")) for name in self._route])

    def add(self, record: Mapping[str, Any], cells: str) -> None:
        """Write a row."""
        row = self._sheet.writerow([defused(record.get(name, "")) for name in self._fields])
        self._file.write(f"{row},{cells}\r\n".encode())

    def _write(self, cells: Iterable[str]) -> None:
        self._file.write(f"{self._sheet.writerow(cells)}\r\n".encode())


class _Echo:
    """What `csv` writes to, to have it back."""

    def write(self, text: str) -> str:
        return text


def summed(
    lines: Iterable[bytes], table: Table | None, gathered: Gathered | None
) -> dict[str, Any]:
    """Go through the lines of a bundle; return its numbers. Fills `table` and `gathered`."""
    numbers: dict[str, Counter[str]] = {name: Counter() for name in (_TYPE, *_COUNTED)}
    types = numbers[_TYPE]
    routes: dict[bytes, _Route] = {}
    first = last = party = ""
    count = 0
    for line in lines:
        fields, _mark, behind = line.partition(_BEHIND)
        record = orjson.loads(fields + b"}")
        route = routes.get(behind)
        if route is None:
            if len(routes) >= _MOST_ROUTES:
                _count(routes, numbers)
                routes.clear()
            told = orjson.loads(_OPENED + behind)
            route = routes[behind] = _Route(told, table.cells(told) if table else "")
            party = told["route.party"]
        route.count += 1
        count += 1
        if table is not None:
            table.add(record, route.cells)
        if gathered is not None:
            gathered.add(record, route.told["route.side"])
        if _TYPE in record:
            types[record[_TYPE]] += 1
        if at := record.get(TIME):
            first, last = min(first or at, at), max(last, at)
    _count(routes, numbers)
    found = {"party": party, "records": count, "first": first, "last": last}
    return found | {name: dict(counted.most_common(20)) for name, counted in numbers.items()}


def _count(routes: Mapping[bytes, _Route], numbers: Mapping[str, Counter[str]]) -> None:
    for route in routes.values():
        for name in _COUNTED:
            numbers[name][str(route.told[name])] += route.count
