"""One row of a file of claims, whatever the file: what it says, or why it is refused. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from tcert.community.claims import spaces
from tcert.community.claims.spaces import Stretch
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.kernel.tlp import Tlp

MOST_ROWS = 150_000
LONGEST_EVIDENCE = 2000

CURES = {
    "kind": _("Write one of the kinds that the template lists."),
    "tlp": _("Write AMBER, GREEN or CLEAR, or leave it empty."),
    "findable": _("Write yes or no, or leave it empty."),
    "date": _("Write a day as 2026-12-31, or leave it empty."),
    "order": _("It ends before it begins: exchange the days."),
    "past": _("It has ended already: leave the row out, or write a later day."),
    "long": _("The evidence is longer than 2,000 characters: shorten it."),
    "characters": _("The row holds characters that are no text. Type them anew."),
    "twice": _("The same stands in line %(line)s: leave one out."),
    "quotes": _("The quotation marks do not go together: close what is open."),
    "ended": _("A decision ended this claim. Ask the desk if that has changed."),
    "many": _("The file has more than 150,000 rows: send it in parts."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What one row claims."""

    line: int
    kind: Kind
    value: str
    stretches: tuple[Stretch, ...]
    evidence: str
    tlp: str
    """Empty where the file does not say."""
    findable: bool | None
    valid_from: datetime | None
    valid_until: datetime | None

    @property
    def last_day(self) -> date | None:
        """Return the last day on which it is valid."""
        return (self.valid_until - timedelta(days=1)).date() if self.valid_until else None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not taken: a word for its cure, or what the reader of identifiers says."""

    line: int
    kind: str
    value: str
    problem: str
    cure: str = ""
    other_line: int = 0

    @property
    def words(self) -> str:
        """Return what to do, in a sentence."""
        return self.cure or str(CURES[self.problem]) % {"line": self.other_line}


_KINDS = frozenset(Kind)


class _Bad(Exception):
    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def read(line: int, cells: Mapping[str, str], now: datetime) -> Row | RefusedRow:
    """Read the cells of a row by the names of their columns."""
    kind, value = cells.get("kind", "").strip().lower(), cells.get("value", "").strip()
    try:
        if any(not _is_text(cell) for cell in cells.values()):
            raise _Bad("characters")  # noqa: TRY301 - one way out for all
        return _read(line, kind, value, cells, now)
    except _Bad as bad:
        return RefusedRow(line, _shown(kind), _shown(value), bad.problem)
    except IdentifierRefused as error:
        return RefusedRow(line, _shown(kind), _shown(value), "value", str(error))


def _read(line: int, kind: str, value: str, cells: Mapping[str, str], now: datetime) -> Row:
    if kind not in _KINDS:
        raise _Bad("kind")
    found = spaces.read(Kind(kind), value)
    begins = _day(cells.get("valid_from", ""))
    ends = _day(cells.get("valid_until", ""))
    until = ends + timedelta(days=1) if ends else None  # a claim is valid on its last day
    if until and begins and until <= begins:
        raise _Bad("order")
    if until and until <= now:
        raise _Bad("past")
    evidence = cells.get("evidence", "").strip()
    if len(evidence) > LONGEST_EVIDENCE:
        raise _Bad("long")
    return Row(
        line,
        found.kind,
        found.canonical,
        spaces.stretches(found),
        evidence,
        _tlp(cells.get("tlp", "")),
        _yes_or_no(cells.get("findable", "")),
        begins,
        until,
    )


def _is_text(cell: str) -> bool:
    if "\N{REPLACEMENT CHARACTER}" in cell:
        return False
    # Most cells are printable as a whole, which is quicker to ask than letter by letter.
    return cell.isprintable() or all(letter.isprintable() or letter in "\t\r\n" for letter in cell)


def _shown(cell: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in cell[:80])


def _tlp(cell: str) -> str:
    written = cell.strip().upper().removeprefix("TLP:")
    if written not in {"", Tlp.AMBER, Tlp.GREEN, Tlp.CLEAR}:
        raise _Bad("tlp")
    return written


_WORDS = {"": None, "yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def _yes_or_no(cell: str) -> bool | None:
    word = cell.strip().lower()
    if word not in _WORDS:
        raise _Bad("findable")
    return _WORDS[word]


def _day(cell: str) -> datetime | None:
    if not cell.strip():
        return None
    try:
        day = date.fromisoformat(cell.strip())
    except ValueError:
        raise _Bad("date") from None
    if day == date.max:  # no day follows, so a claim could not end after it
        raise _Bad("date")
    return datetime.combine(day, time(), UTC)


def once(found: Iterator[Row | RefusedRow]) -> Iterator[Row | RefusedRow]:
    """Refuse what stands in an earlier line already, and what comes after the most rows."""
    lines: dict[tuple[Kind, str], int] = {}
    for count, row in enumerate(found, start=1):
        if count > MOST_ROWS:
            yield RefusedRow(row.line, "", "", "many")
            return
        if isinstance(row, RefusedRow):
            yield row
            continue
        earlier = lines.setdefault((row.kind, row.value), row.line)
        if earlier == row.line:
            yield row
        else:
            yield RefusedRow(row.line, row.kind, row.value, "twice", other_line=earlier)


def packed(row: Row | RefusedRow) -> list[Any]:
    """Return a row as JSON holds it."""
    if isinstance(row, RefusedRow):
        return [row.line, row.kind, row.value, row.problem, row.cure, row.other_line]
    return [
        row.line,
        row.kind,
        row.value,
        [[s.space, s.prefix] for s in row.stretches],
        row.evidence,
        row.tlp,
        row.findable,
        row.valid_from.isoformat() if row.valid_from else None,
        row.valid_until.isoformat() if row.valid_until else None,
    ]


def unpacked(held: list[Any]) -> Row:
    """Return a row from what `packed` made."""
    line, kind, value, found, evidence, tlp, findable, begins, ends = held
    return Row(
        line,
        Kind(kind),
        value,
        tuple(Stretch(spaces.Space(s), p) for s, p in found),
        evidence,
        tlp,
        findable,
        datetime.fromisoformat(begins) if begins else None,
        datetime.fromisoformat(ends) if ends else None,
    )
