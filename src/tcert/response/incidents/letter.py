"""A member's mail about an incident, taken apart. Pure; everything in it is hostile.

Outside there is one OpenPGP message and nothing else. Inside, once it is opened, stand lines of
facts, such as `Kind: location-tracking`, then perhaps a report in XARF, then perhaps one more
OpenPGP message, which is sealed to the teams that read the incident's talk and is not opened here.
There is no place for clear text: what happened is for teams to read, not for the hub.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import getaddresses
from typing import Any

import orjson

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.openpgp.packets import (
    PacketError,
    Tag,
    dearmour,
    recipient_key_id,
    split,
)
from tcert.response.incidents import kinds
from tcert.response.incidents.enums import Severity, Side

MOST_BYTES = 1024 * 1024
"""Octets of a mail; what is longer is not read."""
MOST_INSIDE = 1024 * 1024
"""Octets of what is inside, opened."""
FIRST = "TCERT-Incident"
"""The first line: for which hub it was signed, so that no other hub can pass it on."""
_BEGIN, _END = b"-----BEGIN PGP MESSAGE-----", b"-----END PGP MESSAGE-----"
_BLOCK = re.compile(rb"-----BEGIN PGP MESSAGE-----.*?-----END PGP MESSAGE-----", re.DOTALL)
_FRAME = re.compile(
    rb"|Version: 1|--\S{1,80}|Content-[A-Za-z-]{1,40}:.{0,300}|[ \t].{0,300}"
    rb"|This is an OpenPGP/MIME encrypted message.{0,80}"
)
"""A line that may stand around the message in the form of RFC 3156: its frame, and no text."""
_LONGEST_HEADER = 1000
_LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+")
_MOST_FRAME = 40
_MOST_PARTS = 12
_MOST_BOUNDARIES = 60
"""Lines that begin with two dashes, those of keys and of the sealed words among them."""
_TYPE = re.compile(rb"^content-type:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)
_CHARSETS = frozenset({"utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})
"""What mail programs write. Others decode for hours, or into what is no character."""
_MOST_LINES = 300
_LINE = re.compile(r"([A-Za-z-]{2,20}):[ \t]*(\S[^\r\n]{0,320})")
_FIELDS = {
    "kind": "kind",
    "severity": "severity",
    "tlp": "tlp",
    "began": "began_at",
    "noticed": "noticed_at",
    "side": "side",
    "key": "key",
}
_YES_NO = {"yes": True, "no": False}


class Unread(Exception):
    """It is no mail of this form. It says no more: nobody is to learn by trying."""


@dataclass(frozen=True, slots=True)
class Letter:
    """Whom a mail says that it is from, which proves nothing, and what is sealed in it."""

    sender: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Inside:
    """What was signed: for which hub, fields as a program would give them, and the sealed words."""

    hub: str
    fields: Mapping[str, Any]
    words: bytes = field(repr=False)
    """Sealed to teams, or nothing."""
    digest: str
    """The same for the same facts, however often they are mailed."""


def read(raw: bytes) -> Letter:
    """Take a mail apart, without opening what is sealed.

    Raises:
        Unread: it is too long, from a machine, in clear, or has anything beside the one message.

    """
    if len(raw) >= MOST_BYTES:
        raise Unread
    try:
        head = BytesHeaderParser(policy=policy.compat32).parsebytes(raw)
        sender = _sender(head)
        kind = head.get_content_type()
        coding = str(head.get("Content-Transfer-Encoding", "7bit")).strip().lower()
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise Unread from error
    if kind not in {"text/plain", "multipart/encrypted"} or coding not in {"7bit", "8bit"}:
        raise Unread
    body = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[-1]
    if body.count(_BEGIN) != 1 or body.count(_END) != 1:
        raise Unread
    found = _BLOCK.search(body)
    if found is None:
        raise Unread
    before, after = body[: found.start()], body[found.end() :]
    if kind == "text/plain" and (before.strip() or after.strip()):
        raise Unread
    frame = [line.rstrip(b"\r") for line in (before + b"\n" + after).split(b"\n")]
    if len(frame) > _MOST_FRAME or not all(_FRAME.fullmatch(line) for line in frame):
        raise Unread
    try:
        return Letter(sender, dearmour(found[0], "MESSAGE"))
    except PacketError as error:
        raise Unread from error


def _sender(head: Message) -> str:
    """Return the one address of the one sender; refuse what machines write (RFC 3834)."""
    if str(head.get("Auto-Submitted", "no")).strip().lower() != "no":
        raise Unread
    if str(head.get("Return-Path", "")).strip() == "<>" or head.get("List-Id") is not None:
        raise Unread
    given = head.get_all("From", [])
    if len(given) != 1 or len(str(given[0])) > _LONGEST_HEADER:
        raise Unread
    addresses = getaddresses([str(given[0])])
    if len(addresses) != 1:
        raise Unread
    address = addresses[0][1].strip().lower()
    if len(address) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        raise Unread
    return address


def is_sealed_to(sealed: bytes, key_ids: frozenset[str]) -> bool:
    """Tell, without opening it, whether a message is sealed, and to one of these keys (hex)."""
    try:
        packets = split(sealed)
        named = {recipient_key_id(p.body) for p in packets[:-1] if p.tag == Tag.PKESK}
    except PacketError:
        return False
    if not packets or packets[-1].tag != Tag.PROTECTED:
        return False
    return all(p.tag == Tag.PKESK for p in packets[:-1]) and bool(named & key_ids)


def inside(opened: bytes) -> Inside:
    """Read what was sealed and signed: a text, or a mail's entity that holds one (RFC 3156, 6.2).

    Raises:
        Unread: it has another form, unknown lines, or text that nobody would read.

    """
    try:
        text, attached = _texts(opened)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise Unread from error
    words, rest = _taken_out(text.replace("\r\n", "\n").replace("\r", "\n"))
    lines, report = _divided(rest)
    if report and attached:
        raise Unread
    hub, fields = _fields(lines)
    if report or attached:
        try:
            fields["xarf"] = orjson.loads(report or attached)
        except orjson.JSONDecodeError as error:
            raise Unread from error
    said = "\n".join([*lines, report or attached])
    return Inside(hub, fields, words, hashlib.sha256(said.encode()).hexdigest())


_ENTITY = re.compile(
    rb"(?:[A-Za-z-]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n)*)*?content-type:", re.IGNORECASE
)


def _texts(opened: bytes) -> tuple[str, str]:
    """Return the text and the attached JSON, if any; of all other parts keys alone are let pass."""
    if not _ENTITY.match(opened):
        return opened.decode("utf-8"), ""
    texts, reports = [], []
    for part in _parsed(opened.replace(b"\r\n", b"\n")).walk():
        kind = part.get_content_type()
        if part.is_multipart():
            if kind != "multipart/mixed":
                raise Unread
        elif kind == "text/plain":
            texts.append(_content(part).decode(_charset(part)))
        elif kind == "application/json":
            reports.append(_content(part).decode("utf-8"))
        elif kind != "application/pgp-keys":
            raise Unread
    if len(texts) != 1 or len(reports) > 1:
        raise Unread
    return texts[0], reports[0].strip() if reports else ""


def _parsed(opened: bytes) -> Message:
    """Parse an entity; not what would take the parser the square of its length."""
    if b"\r" in opened or opened.count(b"\n--") > _MOST_BOUNDARIES:
        raise Unread
    types = [found[0] for found in _TYPE.finditer(opened)]
    if len(types) > _MOST_PARTS or any(len(one) > _LONGEST_HEADER for one in types):
        raise Unread
    return BytesParser(policy=policy.compat32).parsebytes(opened)


def _charset(part: Message) -> str:
    found = part.get_content_charset("utf-8")
    if found not in _CHARSETS:
        raise Unread
    return found


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise Unread
    return content


def _taken_out(text: str) -> tuple[bytes, str]:
    """Return the sealed words of a text, and the text without them."""
    begin, end = _BEGIN.decode(), _END.decode()
    if text.count(begin) != text.count(end) or text.count(begin) > 1:
        raise Unread
    if begin not in text:
        return b"", text
    at, until = text.index(begin), text.index(end) + len(end)
    if until < at:
        raise Unread
    try:
        return dearmour(text[at:until].encode(), "MESSAGE"), text[:at] + text[until:]
    except PacketError as error:
        raise Unread from error


def _divided(rest: str) -> tuple[list[str], str]:
    """Return the lines of facts, and a report in JSON behind them, or nothing."""
    head, brace, report = rest.partition("\n{")
    lines = [line.strip() for line in head.split("\n") if line.strip()]
    if len(lines) > _MOST_LINES:
        raise Unread
    return lines, f"{{{report}".strip() if brace else ""


def _fields(lines: list[str]) -> tuple[str, dict[str, Any]]:
    hub, fields = "", dict[str, Any]()
    for at, line in enumerate(lines):
        found = _LINE.fullmatch(line)
        if found is None:
            raise Unread
        name, value = found[1].lower(), found[2].strip()
        if at == 0:
            if name != FIRST.lower():
                raise Unread
            hub = value.lower()
        elif name == "indicator":
            kind, _space, text = value.partition(" ")
            if kind not in set(Kind) or not text.strip():
                raise Unread
            fields.setdefault("identifiers", []).append({"kind": kind, "value": text.strip()})
        elif name == "forgeable" and value.lower() in _YES_NO and "is_forgeable" not in fields:
            fields["is_forgeable"] = _YES_NO[value.lower()]
        elif name in _FIELDS and _FIELDS[name] not in fields:
            is_short = name == "kind" and ":" not in value
            fields[_FIELDS[name]] = f"{kinds.OWN}:{value}" if is_short else value
        else:
            raise Unread
    if not hub:
        raise Unread
    return hub, fields


def example(hub: str, key: str, began: str, noticed: str) -> str:
    """Return the lines to fill in."""
    return (
        f"{FIRST}: {hub}\nKey: {key}\nKind: location-tracking\n"
        f"Severity: {Severity.HIGH}\nTLP: AMBER\nBegan: {began}\nNoticed: {noticed}\n"
        f"Side: {Side.AFFECTED}\nForgeable: yes\nIndicator: realm epc.example.org\n"
    )
