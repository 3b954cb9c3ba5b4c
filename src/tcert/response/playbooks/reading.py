"""A playbook's file (TOML) as data, or the place at which it is wrong.

Strict, so that a slip of who edits is found before somebody works by it at night: no unknown field,
nothing empty, every box of time, a source. Pure: takes text, opens nothing.
"""

import re
import tomllib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tcert.response.playbooks.enums import Box, Kind, Place, Reach
from tcert.response.playbooks.playbook import (
    Call,
    Pair,
    Playbook,
    Source,
    Step,
    Tell,
    TimeBox,
)

LONGEST_FILE = 200_000
"""Characters of a file; the longest that ships has a tenth of it."""
LONGEST_TEXT = 500
LONGEST_LIST = 20
_CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+){0,6}", re.ASCII)
_LONGEST_CODE = 48
_VERSION = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{1,3}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?", re.ASCII)
_FIGHT = re.compile(r"FGT[0-9]{4}(?:\.[0-9]{3})?", re.ASCII)
_MOTIF = re.compile(r"MOT[0-9]{4}(?:\.[0-9]{3})?", re.ASCII)

Made = TypeVar("Made")
Word = TypeVar("Word", bound=StrEnum)


class UnreadableError(ValueError):
    """A file that is no playbook; says where and what to do."""

    def __init__(self, file: str, place: str, problem: str) -> None:
        super().__init__(f"{file}: {place}: {problem}" if place else f"{file}: {problem}")
        self.file, self.place, self.problem = file, place, problem


class _Table:
    """One table of the file; every field is taken once, and what is left over is refused."""

    def __init__(self, file: str, place: str, held: dict[str, Any]) -> None:
        self._file, self._place, self._held = file, place, dict(held)

    def wrong(self, field: str, problem: str) -> UnreadableError:
        """Return the refusal of one field."""
        place = ", ".join(part for part in (self._place, f"field “{field}”") if part)
        return UnreadableError(self._file, place, problem)

    def take(self, field: str) -> Any:
        """Return what stands in a field that must be there."""
        if field not in self._held:
            raise self.wrong(field, "is missing; add it")
        return self._held.pop(field)

    def text(self, field: str, longest: int = LONGEST_TEXT) -> str:
        """Return one line of text."""
        return self._line(field, self.take(field), longest)

    def text_or_none(self, field: str) -> str:
        """Return one line of text, or nothing where the field does not stand."""
        return self.text(field) if field in self._held else ""

    def _line(self, field: str, value: Any, longest: int) -> str:
        if not isinstance(value, str):
            raise self.wrong(field, "must be text in quotation marks")
        if not value.strip():
            raise self.wrong(field, "is empty; write it, or ask who knows")
        if value != value.strip() or not value.isprintable() or "  " in value:
            raise self.wrong(field, "must be one line, with single blanks and none at its ends")
        if len(value) > longest:
            raise self.wrong(field, f"has {len(value)} characters; {longest} are the most")
        return value

    def texts(self, field: str) -> tuple[str, ...]:
        """Return a list of lines: at least one, none twice."""
        value = self.take(field)
        if not isinstance(value, list):
            raise self.wrong(field, "must be a list in brackets")
        self._count(field, len(value))
        found = tuple(self._line(field, one, LONGEST_TEXT) for one in value)
        if len(set(found)) != len(found):
            raise self.wrong(field, "holds one line twice")
        return found

    def _count(self, field: str, count: int) -> None:
        if not count:
            raise self.wrong(field, "is empty; at least one must stand there")
        if count > LONGEST_LIST:
            raise self.wrong(field, f"holds {count}; {LONGEST_LIST} are the most")

    def matched(self, field: str, pattern: re.Pattern[str], example: str) -> str:
        """Return a text of a form."""
        value = self.text(field, longest=_LONGEST_CODE)
        if not pattern.fullmatch(value):
            raise self.wrong(field, f"must look like {example}")
        return value

    def all_matched(self, field: str, pattern: re.Pattern[str], example: str) -> tuple[str, ...]:
        """Return a list of texts of a form; the field may be left out."""
        if field not in self._held:
            return ()
        found = self.texts(field)
        if bad := [one for one in found if not pattern.fullmatch(one)]:
            raise self.wrong(field, f"“{bad[0]}” must look like {example}")
        return found

    def word(self, field: str, words: type[Word]) -> Word:
        """Return one of a few words."""
        return self._word(field, self.text(field), words)

    def all_words(self, field: str, words: type[Word]) -> tuple[Word, ...]:
        """Return a list of them."""
        return tuple(self._word(field, one, words) for one in self.texts(field))

    def _word(self, field: str, value: str, words: type[Word]) -> Word:
        try:
            return words(value)
        except ValueError:
            known = ", ".join(words)
            raise self.wrong(field, f"“{value}” is none of: {known}") from None

    def day(self, field: str) -> date:
        """Return a day."""
        value = self.take(field)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.wrong(field, "must be a day without quotation marks, as 2026-12-01")
        return value

    def address(self, field: str) -> str:
        """Return a web address, or nothing where the field does not stand."""
        value = self.text_or_none(field)
        try:
            parts = urlsplit(value)
        except ValueError:
            raise self.wrong(field, "is no web address") from None
        if value and (parts.scheme != "https" or not parts.hostname or " " in value):
            raise self.wrong(field, "must begin with https:// and name a host")
        return value

    def tables(self, field: str, make: Callable[["_Table"], Made]) -> tuple[Made, ...]:
        """Return what `make` makes of each table of a list, of which there is at least one."""
        value = self.take(field)
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self.wrong(field, f"must be written as tables: [[{field}]]")
        self._count(field, len(value))
        return tuple(self._inner(f"{field} {n}", one, make) for n, one in enumerate(value, 1))

    def _inner(self, name: str, held: dict[str, Any], make: Callable[["_Table"], Made]) -> Made:
        place = ", ".join(part for part in (self._place, name) if part)
        inner = _Table(self._file, place, held)
        made = make(inner)
        inner.end()
        return made

    def boxes(self, field: str) -> tuple[TimeBox, ...]:
        """Return every box of time, in order, with its steps."""
        value = self.take(field)
        if not isinstance(value, dict):
            raise self.wrong(field, f"must be written as tables: [[{field}.{Box.FIRST_HOUR}]]")
        held = _Table(self._file, field, value)
        found = tuple(TimeBox(box, held.tables(box, _step)) for box in Box)
        held.end()
        return found

    def end(self) -> None:
        """Refuse what nobody took: a field that is spelt wrong would be lost in silence."""
        for field in sorted(self._held):
            raise self.wrong(field, "is not known here; correct its name or take it out")


def read(text: str, *, name: str) -> Playbook:
    """Read the text of the file `name` (without a folder); raise `UnreadableError`."""
    slug = name.removesuffix(".toml")
    if not _is_code(slug) or slug == name:
        raise UnreadableError(name, "", "a file is named as its address: small-letters.toml")
    if len(text) > LONGEST_FILE:
        raise UnreadableError(name, "", f"is longer than {LONGEST_FILE} characters")
    try:
        held = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a day that does not exist is a ValueError
        said = str(error) or "nested too deeply"
        raise UnreadableError(name, "", f"is no TOML: {said}") from None
    table = _Table(name, "", held)
    found = _playbook(table, slug)
    table.end()
    _refuse_twice(name, "step", (step.code for box in found.boxes for step in box.steps))
    _refuse_twice(name, "pair", (pair.code for pair in found.pairs))
    return found


def _is_code(value: str) -> bool:
    return len(value) <= _LONGEST_CODE and _CODE.fullmatch(value) is not None


def _refuse_twice(file: str, what: str, codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise UnreadableError(file, f"{what} “{code}”", "stands twice; a code is an address")
        seen.add(code)


def _playbook(table: _Table, slug: str) -> Playbook:
    return Playbook(
        slug=slug,
        title=table.text("title", longest=80),
        version=table.matched("version", _VERSION, "1.0"),
        reviewed=table.day("reviewed"),
        language=table.matched("language", _LANGUAGE, "en"),
        kinds=table.all_words("kinds", Kind),
        summary=table.text("summary"),
        roles=table.texts("roles"),
        signs=table.texts("signs"),
        aim=table.text("aim"),
        ready=table.texts("ready"),
        decides=table.texts("decides"),
        spare=table.texts("spare"),
        boxes=table.boxes("box"),
        pairs=table.tables("pair", _pair),
        calls=table.tables("call", _call),
        evidence=table.texts("evidence"),
        tells=table.tables("tell", _tell),
        over=table.texts("over"),
        sources=table.tables("source", _source),
        fight=table.all_matched("fight", _FIGHT, "FGT5012.008"),
        motif=table.all_matched("motif", _MOTIF, "MOT3003.301"),
    )


def _step(table: _Table) -> Step:
    return Step(
        code=table.matched("code", _CODE, "ask-the-partner"),
        do=table.text("do"),
        who=table.text("who"),
        worked=table.text("worked"),
        spare=table.text("spare"),
    )


def _pair(table: _Table) -> Pair:
    return Pair(
        code=table.matched("code", _CODE, "ask-the-partner"),
        ask=table.text("ask"),
        look=table.text("look"),
        finding=table.text("finding"),
        contain=table.text("contain"),
        effects=table.text("effects"),
        undo=table.text("undo"),
    )


def _call(table: _Table) -> Call:
    place = table.word("place", Place)
    return Call(
        place=place,
        who=table.text("who"),
        why=table.text("why"),
        domain=table.matched("domain", _CODE, "signalling") if place is Place.OWN else "",
    )


def _tell(table: _Table) -> Tell:
    return Tell(who=table.text("who"), when=table.text("when"))


def _source(table: _Table) -> Source:
    return Source(
        document=table.text("document"),
        title=table.text("title"),
        clause=table.text_or_none("clause"),
        url=table.address("url"),
        reach=table.word("reach", Reach),
    )
