"""What a program says of an incident: a JSON object, read strictly. No database here.

Only facts, counts and identifiers are taken. There is no field for text: what happened is written
in the talk, where it is sealed; a field that is not known is refused, lest somebody believe that
its content arrived.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.incidents import kinds, xarf
from tcert.response.incidents.enums import Severity, Side
from tcert.response.incidents.words import INDICATOR_KINDS

MOST_BYTES = 256 * 1024
MOST_IDENTIFIERS = 200
MOST_COUNTS = 60
"""Days in one message."""
NUMBER = re.compile(r"[A-Z0-9-]{1,24}", re.ASCII)
"""What the number of an incident can look like; no other text is asked of the database."""
_LONGEST = 300
_KEY = re.compile(r"[\x21-\x7e]{8,100}", re.ASCII)
_FACTS = frozenset(
    {"kind", "severity", "tlp", "began_at", "noticed_at", "side", "is_forgeable", "team"}
)
_MORE = frozenset({"key", "incident", "identifiers", "counts", "xarf"})
_OF_IDENTIFIER = frozenset({"kind", "value", "tlp", "expires_on"})
_OF_COUNT = frozenset({"events", "first_at", "last_at"})

Fields = Mapping[str, Any]
Word = TypeVar("Word", bound=StrEnum)


class Unread(DomainError):
    """It is no JSON object; nothing was taken."""


class TooLong(DomainError):
    """It is more than is taken at once; nothing was taken."""

    status = 413


class Unfit(DomainError):
    """A field is missing, unknown or wrong; the message names it. Nothing was taken."""

    status = 422


@dataclass(frozen=True, slots=True)
class Indicated:
    """An identifier as it was given; without a marking it has the incident's."""

    place: str
    kind: Kind
    text: str
    tlp: Tlp | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Count:
    """Events of one day (UTC)."""

    events: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """All that a message says. `incident` is the number of one to which it adds, or empty."""

    key: str
    incident: str
    team: UUID | None
    side: Side
    kind: str
    severity: Severity
    tlp: Tlp
    began_at: datetime | None
    noticed_at: datetime | None
    is_forgeable: bool
    identifiers: tuple[Indicated, ...]
    counts: tuple[Count, ...]


def read(body: bytes, header_key: str) -> Given:
    """Read a message; `header_key` is what the header Idempotency-Key said, or empty.

    Raises:
        TooLong: it has more than 256 KiB.
        Unread: it is no JSON object.
        Unfit: a field is missing, unknown or wrong.

    """
    if len(body) > MOST_BYTES:
        raise TooLong(_("256 KiB at most. Nothing was taken: send counts, not events."))
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unread(_("Send one JSON object in UTF-8. This cannot be read as JSON.")) from None
    if not isinstance(said, dict):
        raise Unread(_("Send one JSON object. This is another kind of value."))
    return of_fields(said, header_key)


def of_fields(said: Fields, header_key: str) -> Given:
    """Read fields that were parsed already; raises `Unfit`, and `xarf.NotXarf`."""
    _known(said, _FACTS | _MORE, "")
    said = _with_report(said)
    number = _text(said, "incident", "", "")
    key = _key(said, header_key)
    if not number:
        for name in ("kind", "severity", "tlp", "began_at", "noticed_at"):
            if name not in said:
                raise _unfit(name, _("is missing"))
        if not key:
            raise _unfit(
                "key",
                _("is missing: send one, here or as Idempotency-Key, the same when you try again"),
            )
    return Given(
        key=key,
        incident=number,
        team=_team(said),
        side=_word(said, "side", Side, Side.AFFECTED, ""),
        kind=_kind(said),
        severity=_word(said, "severity", Severity, Severity.MEDIUM, ""),
        tlp=_word(said, "tlp", Tlp, Tlp.AMBER, ""),
        began_at=_moment(said, "began_at", ""),
        noticed_at=_moment(said, "noticed_at", ""),
        is_forgeable=_flag(said, "is_forgeable"),
        identifiers=_each(said, "identifiers", MOST_IDENTIFIERS, _identifier),
        counts=_each(said, "counts", MOST_COUNTS, _count),
    )


def _with_report(said: Fields) -> Fields:
    """Return the fields with what a report in XARF says, where they say nothing themselves."""
    if "xarf" not in said:
        return said
    report = xarf.of_fields(said["xarf"])
    more = said.get("identifiers", [])
    source = {"kind": str(report.kind), "value": report.source}
    return {
        "began_at": report.began_at.isoformat(),
        "noticed_at": report.noticed_at.isoformat(),
        **said,
        "identifiers": [source, *more] if isinstance(more, list) else more,
    }


def _unfit(name: str, why: str) -> Unfit:
    return Unfit(f"{name}: {why}.")


def _known(said: Fields, names: frozenset[str], place: str) -> None:
    for name in said:
        if name not in names:
            shown = name if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name, re.ASCII) else _("a field")
            raise _unfit(
                place + shown,
                _("is not known here. No text is taken: write it in the talk, where it is sealed"),
            )


def _text(said: Fields, name: str, usual: str, place: str) -> str:
    found = said.get(name, usual)
    if not isinstance(found, str) or len(found) > _LONGEST:
        raise _unfit(place + name, _("is a text of 300 characters at most"))
    return found.strip()


def _key(said: Fields, header_key: str) -> str:
    found = _text(said, "key", "", "")
    if found and header_key and found != header_key:
        raise _unfit("key", _("differs from the header Idempotency-Key"))
    key = found or header_key
    if key and not _KEY.fullmatch(key):
        raise _unfit("key", _("is 8 to 100 letters, digits and marks, without spaces"))
    return key


def _team(said: Fields) -> UUID | None:
    text = _text(said, "team", "", "")
    with suppress(ValueError):
        return UUID(text) if text else None
    raise _unfit("team", _("is the id of one of your teams"))


def _kind(said: Fields) -> str:
    text = _text(said, "kind", "", "")
    if text and text not in kinds.known():
        raise _unfit("kind", _("is none of the kinds: the guide lists them"))
    return text


def _word(said: Fields, name: str, words: type[Word], usual: Word, place: str) -> Word:
    text = _text(said, name, usual, place)
    with suppress(ValueError):
        return words(text)
    raise _unfit(place + name, _("is one of %(words)s") % {"words": ", ".join(words)})


def _flag(said: Fields, name: str) -> bool:
    found = said.get(name, True)
    if not isinstance(found, bool):
        raise _unfit(name, _("is true or false"))
    return found


def _moment(said: Fields, name: str, place: str) -> datetime | None:
    text = _text(said, name, "", place)
    if not text:
        return None
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    raise _unfit(
        place + name, _("is a moment in ISO 8601 with its zone, such as 2026-11-24T03:10:00Z")
    )


Read = TypeVar("Read")


def _each(
    said: Fields, name: str, most: int, one: Callable[[Fields, str], Read]
) -> tuple[Read, ...]:
    found = said.get(name, [])
    if not isinstance(found, list) or not all(isinstance(value, dict) for value in found):
        raise _unfit(name, _("is a list of objects"))
    if len(found) > most:
        raise _unfit(name, _("has %(most)s entries at most") % {"most": most})
    return tuple(one(value, f"{name}[{place}].") for place, value in enumerate(found))


def _identifier(said: Fields, place: str) -> Indicated:
    _known(said, _OF_IDENTIFIER, place)
    kind, text = _text(said, "kind", "", place), _text(said, "value", "", place)
    if kind not in INDICATOR_KINDS:
        words = ", ".join(INDICATOR_KINDS)
        raise _unfit(f"{place}kind", _("is one of %(words)s") % {"words": words})
    if not text:
        raise _unfit(f"{place}value", _("is missing"))
    day = _text(said, "expires_on", "", place)
    until = None
    if day:
        try:
            until = date.fromisoformat(day)
        except ValueError:
            raise _unfit(f"{place}expires_on", _("is a day such as 2026-12-24")) from None
    tlp = _word(said, "tlp", Tlp, Tlp.AMBER, place) if "tlp" in said else None
    return Indicated(place, Kind(kind), text, tlp, until)


def _count(said: Fields, place: str) -> Count:
    _known(said, _OF_COUNT, place)
    events = said.get("events")
    if not isinstance(events, int) or isinstance(events, bool):
        raise _unfit(f"{place}events", _("is a whole number"))
    first, last = (_moment(said, name, place) for name in ("first_at", "last_at"))
    if first is None or last is None:
        raise _unfit(f"{place}first_at", _("first_at and last_at are needed"))
    return Count(events, first, last)
