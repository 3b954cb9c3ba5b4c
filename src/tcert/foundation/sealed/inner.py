"""The text inside a sealed message: header lines, then the body.

Signed and encrypted with the body, the header says what the message belongs to, so that a
reader's side can hold it against what the hub claims. `static/sealed/inner.js` is the same
in the browser; `tests/vectors/inner.json` holds both to one meaning.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from tcert.foundation.openpgp.packets import PacketError, armour, dearmour

FORMAT = "1"
BUCKET = 1024
MAX_FILES = 50
MAX_TEXT = 4 * 1024 * 1024

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_FINGERPRINT = r"(?:[0-9A-F]{40}|[0-9A-F]{64})"
_SHA256 = r"[0-9a-f]{64}"
_NAME = r"[^\x00-\x1f\x7f/\\\ud800-\udfff]{1,255}"
# What shows nothing, breaks a line or turns the writing direction has no place in a person's name;
# spelled out, because what Unicode counts among these differs from one release to the next.
_UNNAMED = (
    r"\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\uffff\U000e0000-\U000e0fff"
)
_PERSON = rf"[^ {_UNNAMED}](?: ?[^ {_UNNAMED}]){{0,119}}"
_BEGIN = "-----BEGIN PGP MESSAGE-----"
_END = "-----END PGP MESSAGE-----"


class Kind(StrEnum):
    """What a message is for."""

    FACTS = "facts"
    HANDOVER = "handover"
    MESSAGE = "message"
    REMARK = "remark"
    TITLE = "title"
    WISHES = "wishes"


class InnerRefused(ValueError):
    """A text is not a message of this format; the first argument names the line at fault."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attached file: what it is called inside, and what opens it."""

    name: str
    size: int
    sha256: str
    sealed_sha256: str
    passphrase: str


@dataclass(frozen=True, slots=True)
class Inner:
    """A message's header and body; fingerprints upper hex, hashes lower hex.

    `person` names who wrote for the team whose key signs: the author's own claim, which proves
    nothing about the person. It is empty where the line is absent, as in all that reporters write.
    """

    subject: str
    thread: str
    kind: str
    author: str
    counter: int
    previous: str | None
    recipients: tuple[str, ...]
    tlp: str
    files: tuple[Attachment, ...] = ()
    body: str = ""
    person: str = ""


_SIMPLE: tuple[tuple[str, str], ...] = (
    ("Subject", rf"[a-z][a-z-]{{0,30}}:{_UUID}"),
    ("Thread", _UUID),
    ("Kind", "|".join(Kind)),
    ("Author", _FINGERPRINT),
    ("Counter", r"[1-9][0-9]{0,8}"),
    ("Previous", rf"-|{_SHA256}"),
    ("Recipients", rf"{_FINGERPRINT}(?:,{_FINGERPRINT})*"),
    ("TLP", r"CLEAR|GREEN|AMBER|AMBER\+STRICT|RED"),
)
_FILE_FIELDS: dict[str, Callable[[object], bool]] = {
    "name": lambda v: isinstance(v, str) and bool(re.fullmatch(_NAME, v)),
    "size": lambda v: type(v) is int and 0 <= v < 2**40,
    "sha256": lambda v: isinstance(v, str) and bool(re.fullmatch(_SHA256, v)),
    "sealed_sha256": lambda v: isinstance(v, str) and bool(re.fullmatch(_SHA256, v)),
    "passphrase": lambda v: isinstance(v, str) and bool(re.fullmatch(r"[\x21-\x7e]{20,200}", v)),
}


def compose(inner: Inner) -> str:
    """Write a message as text whose UTF-8 length is the next bucket (1 KiB times a power of two).

    Raises:
        InnerRefused: when a field has no place in the format; nothing half right is written.

    """
    values = (
        inner.subject,
        inner.thread,
        inner.kind,
        inner.author,
        str(inner.counter),
        inner.previous or "-",
        ",".join(sorted(inner.recipients)),
        inner.tlp,
    )
    lines = [f"TCERT-Message: {FORMAT}"]
    for (name, pattern), value in zip(_SIMPLE, values, strict=True):
        lines.append(f"{name}: {_checked(name, pattern, value)}")
    if len(set(inner.recipients)) != len(inner.recipients):
        raise InnerRefused("Recipients")
    if inner.person:
        lines.append(f"Person: {_checked('Person', _PERSON, inner.person)}")
    if len(inner.files) > MAX_FILES:
        raise InnerRefused("File")
    lines += [f"File: {write_file(file)}" for file in inner.files]
    head = "\n".join(lines) + "\nPad: "
    tail = "\n\n" + _line_ends(inner.body)
    size = len((head + tail).encode())
    if size > MAX_TEXT:
        raise InnerRefused("body")
    return head + "x" * (_bucket(size) - size) + tail


def parse(text: str) -> Inner:
    """Read a message; line ends may have been changed on its way, nothing else.

    Raises:
        InnerRefused: when any line is missing, unknown, out of order or not in form.

    """
    text = _line_ends(text.removeprefix("\ufeff"))
    head, found, body = text.partition("\n\n")
    lines = head.split("\n")
    if not found or lines[0] != f"TCERT-Message: {FORMAT}":
        raise InnerRefused("TCERT-Message")
    values = {}
    for at, (name, pattern) in enumerate(_SIMPLE, start=1):
        values[name] = _value(lines, at, name)
        _checked(name, pattern, values[name])
    recipients = values["Recipients"].split(",")
    if recipients != sorted(set(recipients)):
        raise InnerRefused("Recipients")
    rest = lines[len(_SIMPLE) + 1 :]
    if not rest or not re.fullmatch(r"Pad: ?x*", rest[-1]):
        raise InnerRefused("Pad")
    person = ""
    if rest[0].startswith("Person:"):
        person = _checked("Person", _PERSON, _value(rest, 0, "Person"))
        rest = rest[1:]
    if len(rest) - 1 > MAX_FILES:
        raise InnerRefused("File")
    return Inner(
        subject=values["Subject"],
        thread=values["Thread"],
        kind=Kind(values["Kind"]),
        author=values["Author"],
        counter=int(values["Counter"]),
        previous=None if values["Previous"] == "-" else values["Previous"],
        recipients=tuple(recipients),
        tlp=values["TLP"],
        files=tuple(read_file(_value(rest, at, "File")) for at in range(len(rest) - 1)),
        body=body,
        person=person,
    )


def nameable(name: str) -> str:
    """Return a person's name as the header takes it; empty when nothing of it can be shown."""
    seen = re.sub(rf"[{_UNNAMED}]", "", " ".join(name.split()))
    return " ".join(seen[:120].split())


def is_padded(text: str) -> bool:
    """Whether a text hides its length in a bucket."""
    size = len(text.encode())
    return size == _bucket(size)


def differences(inner: Inner, claim: dict[str, str | Sequence[str]]) -> list[str]:
    """Names of the claimed fields that the signed header contradicts, in the claim's order.

    Args:
        inner: What the message itself says.
        claim: What the hub says of it, by field name of `Inner`.

    """
    said = asdict(inner)
    return [name for name, value in claim.items() if _flat(said[name]) != _flat(value)]


def _flat(value: object) -> str:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return "" if value is None else str(value)
    return ",".join(sorted(str(one) for one in value))


def write_file(file: Attachment) -> str:
    """Write one attachment as its line has it; raises InnerRefused for what has no place there."""
    return _checked_file(asdict(file))


def read_file(text: str) -> Attachment:
    """Read one attachment as `write_file` wrote it.

    Raises:
        InnerRefused: for anything else, however it is nested, spelled or oversized.

    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InnerRefused("File") from error
    # Written back it must be the same: no repeated or hidden members, no second spelling.
    if not isinstance(fields, dict) or _checked_file(fields) != text:
        raise InnerRefused("File")
    return Attachment(**fields)


def write_handover(note: str, signed: bytes) -> str:
    """The body of a hand-over: the sender's note and the original signed message."""
    if _BEGIN in note:
        raise InnerRefused("body")
    return f"{_line_ends(note).strip(chr(10))}\n\n{armour(signed, 'MESSAGE')}"


def read_handover(body: str) -> tuple[str, bytes]:
    """The note and the original signed message of a hand-over's body.

    Raises:
        InnerRefused: when it does not hold exactly one.

    """
    note, begin, block = _line_ends(body).partition(f"\n\n{_BEGIN}\n")
    if not begin or not block.rstrip().endswith(_END):
        raise InnerRefused("body")
    try:
        return note, dearmour(f"{_BEGIN}\n{block}".encode(), "MESSAGE")
    except PacketError as error:
        raise InnerRefused("body") from error


def _bucket(size: int) -> int:
    bucket = BUCKET
    while bucket < size:
        bucket *= 2
    return bucket


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _checked(name: str, pattern: str, value: str) -> str:
    if not re.fullmatch(pattern, value):
        raise InnerRefused(name)
    return value


def _value(lines: list[str], at: int, name: str) -> str:
    start = f"{name}: "
    if at >= len(lines) or not lines[at].startswith(start):
        raise InnerRefused(name)
    return lines[at].removeprefix(start)


def _checked_file(fields: dict[str, object]) -> str:
    if list(fields) != list(_FILE_FIELDS):
        raise InnerRefused("File")
    if not all(check(fields[name]) for name, check in _FILE_FIELDS.items()):
        raise InnerRefused("File")
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
