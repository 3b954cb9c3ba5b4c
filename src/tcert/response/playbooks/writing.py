"""A playbook as a file: plain text of 78 columns, or Markdown."""

import re
import textwrap
from collections.abc import Iterable

from django.utils.translation import gettext as _

from tcert.response.playbooks import words
from tcert.response.playbooks.enums import Reach
from tcert.response.playbooks.playbook import Playbook, Source

_COLUMNS = 78
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")
_UNDERLINED = "=-"


class _Pen:
    """Writes lines in one of the two forms."""

    def __init__(self, *, is_markdown: bool) -> None:
        self._is_markdown = is_markdown
        self._lines: list[str] = []

    def _as_written(self, text: str) -> str:
        return _SPECIAL.sub(r"\\\1", text) if self._is_markdown else text

    def _wrapped(self, first: str, text: str) -> None:
        if self._is_markdown:
            self._lines.append(first + text)
            return
        hang = " " * len(first)
        self._lines += textwrap.wrap(
            text,
            _COLUMNS,
            initial_indent=first,
            subsequent_indent=hang,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def heading(self, text: str, level: int = 2) -> None:
        """Begin a part."""
        if self._is_markdown:
            self._lines += ["", f"{'#' * level} {self._as_written(text)}", ""]
            return
        line = _UNDERLINED[min(level, len(_UNDERLINED)) - 1] * len(text)
        self._lines += ["", text, line, ""]

    def line(self, text: str) -> None:
        """Write a paragraph."""
        self._wrapped("", self._as_written(text))

    def gap(self) -> None:
        """Leave a line free."""
        self._lines.append("")

    def items(self, texts: Iterable[str]) -> None:
        """Write a list."""
        for text in texts:
            self._wrapped("- ", self._as_written(text))

    def tick(self, number: str, text: str) -> None:
        """Write a step with an empty box."""
        shown = self._as_written(text)
        self._wrapped("- [ ] " if self._is_markdown else "[ ] ", f"{number} {shown}")

    def under(self, label: str, text: str) -> None:
        """Write what belongs to the item above, under its label."""
        said = f"{self._as_written(label)}: {self._as_written(text)}"
        self._wrapped("  - " if self._is_markdown else "    ", said)

    def text(self) -> str:
        """Return all of it."""
        return "\n".join(self._lines).strip() + "\n"


def plain_text(one: Playbook, address: str) -> str:
    """Return a playbook as plain text; `address` says where its present version stands."""
    return _write(one, address, _Pen(is_markdown=False))


def markdown(one: Playbook, address: str) -> str:
    """Return a playbook as Markdown."""
    return _write(one, address, _Pen(is_markdown=True))


def _write(one: Playbook, address: str, pen: _Pen) -> str:
    pen.heading(one.title, 1)
    pen.line(one.summary)
    pen.gap()
    version = _("Version %(version)s, last reviewed %(day)s.")
    pen.line(version % {"version": one.version, "day": one.reviewed.isoformat()})
    pen.line(address)
    for label, texts in (
        (_("For whom"), one.roles),
        (_("When: signs"), one.signs),
        (_("What for"), (one.aim,)),
        (words.SECTIONS["spare"].heading, one.spare),
        (words.SECTIONS["decides"].heading, one.decides),
        (words.SECTIONS["ready"].heading, one.ready),
    ):
        pen.heading(str(label))
        pen.items(texts)
    _write_boxes(one, pen)
    _write_pairs(one, pen)
    pen.heading(str(words.SECTIONS["calls"].heading))
    for call in one.calls:
        place = str(words.PLACES[call.place])
        where = ", ".join(part for part in (place, words.domain(call)) if part)
        pen.items([f"{call.who} ({where}): {call.why}"])
    pen.heading(str(words.SECTIONS["evidence"].heading))
    pen.items(one.evidence)
    pen.heading(str(words.SECTIONS["tells"].heading))
    pen.items(f"{tell.who}: {tell.when}" for tell in one.tells)
    pen.line(_("No legal advice: ask your own lawyers."))
    pen.heading(str(words.SECTIONS["over"].heading))
    pen.items(one.over)
    pen.heading(str(words.SECTIONS["sources"].heading))
    pen.items(_source(source) for source in one.sources)
    pen.items(f"{found.family} {found.code}: {found.label}" for found in words.techniques(one))
    return pen.text()


def _write_boxes(one: Playbook, pen: _Pen) -> None:
    for place, box in enumerate(one.boxes, 1):
        pen.heading(words.heading(box))
        for number, step in enumerate(box.steps, 1):
            pen.tick(f"{place}.{number}", step.do)
            pen.under(str(words.WHO), step.who)
            pen.under(str(words.WORKED), step.worked)
            pen.under(str(words.SPARE), step.spare)
            pen.under(_("Time and initials"), "...............")
            pen.gap()


def _write_pairs(one: Playbook, pen: _Pen) -> None:
    pen.heading(str(words.SECTIONS["pairs"].heading))
    for pair in one.pairs:
        pen.items([pair.ask])
        pen.under(str(words.LOOK), pair.look)
        pen.under(str(words.FINDING), pair.finding)
        pen.under(str(words.CONTAIN), pair.contain)
        pen.under(str(words.EFFECTS), pair.effects)
        pen.under(str(words.UNDO), pair.undo)
        pen.gap()


def _source(source: Source) -> str:
    named = " ".join(part for part in (source.document, source.clause) if part)
    closed = f" ({words.CLOSED})" if source.reach is Reach.MEMBERS else ""
    return f"{named}: {source.title}{closed}{' ' if source.url else ''}{source.url}"
