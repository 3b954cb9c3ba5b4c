"""What a returned mail says, and to which of ours it belongs. Pure.

Everything in it is hostile. It counts only if it was sent to an address with a token that the hub
made: a forged report changes nothing. Its words are never read; a report in the form of RFC 3464
gives codes, any other mail that was returned says only that it was.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from email import policy
from email.message import Message
from email.parser import BytesParser
from uuid import UUID

from tcert.community.reachability.delivery import reason_of
from tcert.community.reachability.enums import Outcome, Reason

TOKEN_LIVES = timedelta(days=30)
_EPOCH = date(2020, 1, 1)
_MAC = 10
_TOKEN = 16 + 2 + _MAC
_STATUS = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
_MOST_HEADERS = 200
_MOST_PARTS = 50
_LONGEST_HEADER = 2000
_ADDRESSED = frozenset(
    {"to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "original-recipient"}
)
_SENT_BY_A_MACHINE = re.compile(r"(?:mailer-daemon|postmaster)@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Returned:
    """To which delivery a returned mail belongs, and what it says of it."""

    delivery: UUID
    outcome: Outcome
    reason: Reason


def token(delivery: UUID, day: date, key: bytes) -> str:
    """Return what stands in the envelope's sender: letters and digits, in whichever case.

    It names a random number and a day, and proves by HMAC-SHA-256 that the hub wrote it.
    """
    said = delivery.bytes + (day - _EPOCH).days.to_bytes(2)
    made = said + hmac.digest(key, said, hashlib.sha256)[:_MAC]
    return base64.b32encode(made).decode().rstrip("=").lower()


def read_token(text: str, today: date, key: bytes) -> UUID | None:
    """Return the delivery of a token; None if the hub did not make it, or it is too old."""
    try:
        made = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        return None
    if len(made) != _TOKEN:
        return None
    said, mac = made[:-_MAC], made[-_MAC:]
    if not hmac.compare_digest(hmac.digest(key, said, hashlib.sha256)[:_MAC], mac):
        return None
    day = _EPOCH + timedelta(days=int.from_bytes(said[-2:]))
    if not timedelta(days=-1) <= today - day <= TOKEN_LIVES:
        return None
    return UUID(bytes=said[:-2])


def with_token(address: str, made: str) -> str:
    """Return the address of returned mails with a token: bounces+TOKEN@hub.example."""
    local, _at, host = address.rpartition("@")
    return f"{local}+{made}@{host}"


def read(raw: bytes, address: str, today: date, key: bytes) -> Returned | None:
    """Return what a message in the mailbox says; None for all that is no returned mail of ours.

    Args:
        raw: The beginning of the message; what was cut off is missed by nobody.
        address: The address of returned mails, without a token.
        today: The present day.
        key: With what tokens are made.

    """
    try:
        # The old rules keep a header as it came; the new ones stumble over some that are broken.
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
        found = _delivery(message, address, today, key)
        if found is None:
            return None
        said = _report(message) if _is_report(message) else _plain(message)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None  # broken on purpose, or by accident: nobody can say what it means
    return Returned(found, *said) if said is not None else None


def _delivery(message: Message, address: str, today: date, key: bytes) -> UUID | None:
    local, _at, host = address.rpartition("@")
    pattern = re.compile(
        rf"{re.escape(local)}\+([A-Za-z2-7]{{1,64}})@{re.escape(host)}", re.IGNORECASE
    )
    for name, value in message.items()[:_MOST_HEADERS]:
        if name.lower() in _ADDRESSED:
            for made in pattern.findall(str(value)[:_LONGEST_HEADER]):
                found = read_token(made, today, key)
                if found is not None:
                    return found
    return None


def _is_report(message: Message) -> bool:
    is_of_kind = str(message.get_param("report-type", "")).lower() == "delivery-status"
    return message.get_content_type() == "multipart/report" and is_of_kind


def _report(message: Message) -> tuple[Outcome, Reason] | None:
    """Read the fields of RFC 3464 (2.3.3, 2.3.4): the first recipient that failed or is late."""
    for block in _blocks(message):
        action = str(block.get("Action", "")).strip().lower()
        outcome = {"failed": Outcome.RETURNED, "delayed": Outcome.PUT_OFF}.get(action)
        if outcome is not None:
            found = _STATUS.match(str(block.get("Status", ""))[:_LONGEST_HEADER])
            return outcome, reason_of(0, ".".join(found.groups()) if found else "")
    return None


def _blocks(message: Message) -> Iterator[Message]:
    """Yield the groups of fields of the report's second part; not of a message within it."""
    for part in _parts(message):
        if part.get_content_type() == "message/delivery-status":
            yield from _parts(part)


def _parts(message: Message) -> list[Message]:
    found = message.get_payload()
    parts = found[:_MOST_PARTS] if isinstance(found, list) else []
    return [one for one in parts if isinstance(one, Message)]


def _plain(message: Message) -> tuple[Outcome, Reason] | None:
    """Take for returned what a mail system wrote and no person or their absence (RFC 3834)."""
    automatic = str(message.get("Auto-Submitted", "")).strip().lower()
    if automatic.startswith(("auto-replied", "auto-notified")) or message.get("X-Autoreply"):
        return None
    sender = str(message.get("Return-Path", "")).strip()[:_LONGEST_HEADER]
    written_by = str(message.get("From", ""))[:_LONGEST_HEADER]
    if sender == "<>" and _SENT_BY_A_MACHINE.search(written_by):
        return Outcome.RETURNED, Reason.OTHER
    return None
