"""Many questions in one body: a JSON value on each line in, an answer on each line out.

A line is a text, or an object with the text as `value` and whatever tells the asking program which
question it was as `id`. A line that cannot be read gets an answer that says so, and stops nothing.
What was asked is never said back: an answer shows the identifier masked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils.translation import gettext as _

from tcert.foundation.kernel.errors import DomainError
from tcert.response.routing import telling
from tcert.response.routing.resolving import LONGEST_LINE, MOST_LINES, Answers

LONGEST_ID = 200


class TooMuch(DomainError):
    """More than is answered at once; nothing was looked up."""

    status = 413


@dataclass(frozen=True, slots=True)
class Question:
    """One line: its number from 1, what is asked, and how the program calls it."""

    number: int
    value: str = ""
    called: str | int | None = None
    error: str = ""


def read(body: bytes) -> list[Question]:
    """Read the lines of a body; empty ones count and are passed over.

    Raises:
        TooMuch: there are more than 5,000.

    """
    lines = body.split(b"\n")
    if sum(1 for line in lines if line.strip()) > MOST_LINES:
        raise TooMuch(
            _("5,000 lines at most. Nothing was looked up: send them in parts, or use tcert route.")
        )
    return [_read(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _read(number: int, line: bytes) -> Question:
    try:
        given = orjson.loads(line)
    except orjson.JSONDecodeError:
        return Question(number, error=_("This line is no JSON."))
    called = given.get("id") if isinstance(given, dict) else None
    value = given.get("value") if isinstance(given, dict) else given
    if called is not None and not _is_name(called):
        return Question(number, error=_("An id is a number or a text of 200 characters at most."))
    if not isinstance(value, str) or not value.strip():
        why = _("Send a text, or an object with a text as value and, if you like, an id.")
        return Question(number, called=called, error=why)
    if len(value) > LONGEST_LINE:
        return Question(number, called=called, error=_("This is too long for an identifier."))
    return Question(number, value, called)


def _is_name(called: object) -> bool:
    if isinstance(called, str):
        return len(called) <= LONGEST_ID
    return isinstance(called, int) and not isinstance(called, bool)


def answered(questions: Sequence[Question], found: Answers) -> Iterator[bytes]:
    """Yield a line for each question in its order, then one with the parties that they name.

    `found` are the answers to the values of those that have no error, in the same order.
    """
    data = telling.as_data(found)
    of_number: dict[int, dict[str, Any]] = {}
    for answer in data.pop("answers"):
        numbers = answer.pop("lines")
        of_number |= dict.fromkeys(numbers, answer)
    at = 0
    for question in questions:
        told: dict[str, Any] = {"line": question.number}
        if question.called is not None:
            told["id"] = question.called
        if question.error:
            told["error"] = question.error
        else:
            at += 1
            told |= of_number[at]
        yield orjson.dumps(told) + b"\n"
    yield orjson.dumps(data) + b"\n"
