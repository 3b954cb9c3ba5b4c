"""Claims as CSV: read from whatever a spreadsheet writes, written as it can be read again. Pure."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tcert.community.claims.rows import RefusedRow, Row, once, read

COLUMNS = ("kind", "value", "evidence", "tlp", "findable", "valid_from", "valid_until")
NEEDED = ("kind", "value")
EXAMPLES = (
    ("plmn", "999-70", "Licence 12 of the regulator", "AMBER", "no", "", ""),
    ("gt-range", "+4917100", "Assigned in 2024", "AMBER", "no", "2024-01-01", ""),
    ("realm", "epc.mnc070.mcc999.3gppnetwork.org", "", "AMBER", "no", "", ""),
    ("cidr", "192.0.2.0/24", "RIPE database", "GREEN", "no", "", "2027-12-31"),
)
MOST_BYTES = 20 * 1024 * 1024
_DELIMITERS = (";", "\t", ",")
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_FORMULA = ("=", "+", "-", "@")


class FileRefused(Exception):
    """The file as a whole cannot be read; `problem` is a word that has a sentence on the page."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def decoded(data: bytes) -> str:
    """Return the text of a file: UTF-8 with or without a mark, UTF-16 with one.

    Raises FileRefused: it is another encoding, which is not guessed: a guess would write other
    letters than the person meant.
    """
    found = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(found)
    except UnicodeDecodeError:
        raise FileRefused("encoding") from None


def read_csv(data: bytes, now: datetime) -> Iterator[Row | RefusedRow]:
    """Yield each row of a file, refused ones with what to do; nothing stops at a bad one.

    Columns stand in any order, named in the first line; semicolon, tabulator or comma divide them.

    Raises:
        FileRefused: no text, or the first line does not name the columns.

    """
    text = decoded(data).replace("\0", "\N{REPLACEMENT CHARACTER}")
    head = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=head.count)
    sheet = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(sheet, [])]
    except csv.Error:
        raise FileRefused("columns") from None
    if any(names.count(name) != 1 for name in NEEDED) or len(set(names)) != len(names):
        raise FileRefused("columns")
    return once(_rows(sheet, names, now))


def _rows(sheet: Any, names: list[str], now: datetime) -> Iterator[Row | RefusedRow]:
    while True:
        try:
            cells = next(sheet, None)
        except csv.Error:  # one cell is longer than the library takes: the next line may be fine
            yield RefusedRow(sheet.line_num, "", "", "quotes")
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            plain = map(_unguarded, cells)
            yield read(sheet.line_num, dict(zip(names, plain, strict=False)), now)


def _unguarded(cell: str) -> str:
    """Take away the mark with which the hub writes a cell that a spreadsheet would calculate."""
    return cell[1:] if cell.startswith("'") and cell[1:2] in _FORMULA else cell
