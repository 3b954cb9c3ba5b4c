"""The text that is sealed to a recipient: a head, the sender's words, its lines. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

BUCKET = 1024
ENTITY = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
"""Above what is mailed (RFC 3156, 4): without it a mail program takes the first lines for headers,
and shows neither them nor from whom it comes."""
LONGEST_TEXT = 2_000


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the lines."""

    reference: str
    to: str
    sender: str
    topic: str
    severity: str
    tlp: str
    feed: str
    observed: datetime


def compose(
    head: Head, said: str, lines: Iterable[tuple[str, str, int]], *, is_mail: bool = False
) -> str:
    """Return the text; each line is kind, what is written, and how often it was there.

    What is mailed is a MIME entity with lines that end in CRLF. It is padded, so that its sealed
    length tells a kibibyte and no more.
    """
    counted = list(lines)
    top = (
        ("Notification", head.reference),
        ("To", head.to),
        ("From", head.sender),
        ("Class", head.topic),
        ("Severity", head.severity),
        ("Marking", head.tlp),
        ("Seen by", head.feed),
        ("Observed", f"{head.observed.astimezone(UTC):%Y-%m-%d %H:%M} UTC"),
        ("Lines", str(sum(count for _kind, _written, count in counted))),
    )
    parts = ["\n".join(f"{name}: {value}" for name, value in top)]
    if said.strip():
        parts.append(said.strip())
    parts.append(
        "\n".join(
            f"{written}\t{kind}{f' (x{count})' if count > 1 else ''}"
            for kind, written, count in counted
        )
    )
    text = "\n\n".join(parts) + "\n"
    if is_mail:
        text = ENTITY + "\r\n".join(text.splitlines()) + "\r\n"
    return text + " " * (-len(text.encode()) % BUCKET)
