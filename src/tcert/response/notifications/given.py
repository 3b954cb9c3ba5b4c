"""What a program sends to have holders notified: JSON lines, read strictly. No database here.

The first line says what holds for all: class, severity, marking, source, when. Each further one is
an identifier. There is no field for text: nobody weighs what a program writes.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.notifications.enums import Feed, Severity, Topic
from tcert.response.notifications.planning import Facts
from tcert.response.routing import pasted
from tcert.response.routing.resolving import LONGEST_LINE

MOST_BYTES = 256 * 1024
MOST_LINES = 2_000
OLDEST = timedelta(days=30)
"""What was seen longer ago a person sends: who held it then is rarely who can act now."""
AHEAD = timedelta(minutes=5)
"""How far another clock may be ahead."""
_HEAD = frozenset(
    {"key", "team", "class", "severity", "tlp", "feed", "observed_at", "titles", "dry_run"}
)
_KEY = re.compile(r"[\x21-\x7e]{8,100}", re.ASCII)
_LONGEST = 300

Fields = Mapping[str, Any]
Word = TypeVar("Word", bound=StrEnum)


class Unread(DomainError):
    """It is no JSON lines; nothing was sent."""


class TooLong(DomainError):
    """It is more than is taken at once; nothing was sent."""

    status = 413


class Unfit(DomainError):
    """A field is missing, unknown or wrong; the message names it. Nothing was sent."""

    status = 422


@dataclass(frozen=True, slots=True)
class Given:
    """All that a message says; the lines are cut already, as those of the page are."""

    key: str
    team: UUID | None
    facts: Facts
    lines: tuple[str, ...]
    is_dry_run: bool


def read(body: bytes, header_key: str) -> Given:
    """Read a message; `header_key` is what the header Idempotency-Key said, or empty.

    Raises:
        TooLong: it has more than 256 KiB, or 2,000 identifiers.
        Unread: a line is no JSON.
        Unfit: a field is missing, unknown or wrong.

    """
    if len(body) > MOST_BYTES:
        raise too_long()
    lines = [line for line in body.split(b"\n") if line.strip()]
    if not lines:
        raise Unread(_("Send JSON lines: what holds for all, then one identifier a line."))
    if len(lines) > MOST_LINES + 1:
        raise TooLong(_("2,000 identifiers at most. Nothing was sent: send them in parts."))
    head = _object(lines[0])
    for name in head:
        if name not in _HEAD:
            shown = name if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name, re.ASCII) else _("a field")
            raise _unfit(shown, _("is not known in the first line. No text is taken"))
    titles = _flag(head, "titles")
    key = _key(head, header_key)
    facts = Facts(
        topic=_word(head, "class", Topic),
        severity=_word(head, "severity", Severity),
        tlp=_word(head, "tlp", Tlp),
        feed=_word(head, "feed", Feed),
        observed_at=_moment(head),
    )
    told = tuple(_line(number, line, titles=titles) for number, line in enumerate(lines[1:], 1))
    if not told:
        raise Unread(_("No identifier stands after the first line. Nothing was sent."))
    return Given(key, _team(head), facts, told, _flag(head, "dry_run"))


def too_long() -> TooLong:
    """Return the refusal of a body that is too long."""
    return TooLong(_("256 KiB at most. Nothing was sent: send it in parts."))


def _object(line: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Unread(_("The first line cannot be read as JSON. Nothing was sent.")) from None
    if not isinstance(said, dict):
        raise Unread(_("The first line is an object that says what holds for all."))
    return said


def _unfit(name: str, why: str) -> Unfit:
    return Unfit(f"{name}: {why}.")


def _text(said: Fields, name: str) -> str:
    found = said.get(name, "")
    if not isinstance(found, str) or len(found) > _LONGEST:
        raise _unfit(name, _("is a text of 300 characters at most"))
    return found.strip()


def _key(said: Fields, header_key: str) -> str:
    found = _text(said, "key")
    if found and header_key and found != header_key:
        raise _unfit("key", _("differs from the header Idempotency-Key"))
    key = found or header_key
    if not _KEY.fullmatch(key):
        raise _unfit(
            "key",
            _(
                "is 8 to 100 letters, digits and marks, without spaces, here or as "
                "Idempotency-Key, the same when you try again"
            ),
        )
    return key


def _team(said: Fields) -> UUID | None:
    text = _text(said, "team")
    with suppress(ValueError):
        return UUID(text) if text else None
    raise _unfit("team", _("is the id of one of your teams"))


def _word(said: Fields, name: str, words: type[Word]) -> Word:
    text = _text(said, name)
    with suppress(ValueError):
        return words(text)
    raise _unfit(name, _("is one of %(words)s") % {"words": ", ".join(words)})


def _flag(said: Fields, name: str) -> bool:
    found = said.get(name, False)
    if not isinstance(found, bool):
        raise _unfit(name, _("is true or false"))
    return found


def _moment(said: Fields) -> datetime:
    text = _text(said, "observed_at")
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            at = at.astimezone(UTC)
            now = clock.now()
            if at > now + AHEAD:
                raise _unfit("observed_at", _("is still to come. Look at the clock and its zone"))
            if at < now - OLDEST:
                raise _unfit(
                    "observed_at", _("is more than 30 days ago: that a person sends on the page")
                )
            return at
    raise _unfit(
        "observed_at", _("is a moment in ISO 8601 with its zone, such as 2026-11-24T03:10:00Z")
    )


def _line(number: int, line: bytes, *, titles: bool) -> str:
    try:
        given = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Unread(
            _("Identifier %(number)d cannot be read as JSON. Nothing was sent.")
            % {"number": number}
        ) from None
    value = given
    if isinstance(given, dict):
        value = given.get("value") if set(given) == {"value"} else None
    if (
        not isinstance(value, str)
        or not value.strip()
        or len(value) > LONGEST_LINE
        or not value.isprintable()
    ):
        raise _unfit(
            str(number),
            _("an identifier is a text in one line, or an object with nothing but that as value"),
        )
    return pasted.cut(value, titles=titles)
