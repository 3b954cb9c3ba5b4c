"""The list for a key-signing meeting as text, with one hash that a room reads aloud. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

GROUP = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One key on the list."""

    team: str
    organisation: str
    fingerprint: str
    purpose: str
    expires: date | None


def grouped(digits: str, size: int = GROUP) -> str:
    """Write hexadecimal digits in groups, as people read them to each other."""
    return " ".join(digits[at : at + size] for at in range(0, len(digits), size))


def body(lines: Sequence[Line], *, hub: str, on: date) -> str:
    """Write the list itself: what the hash is over."""
    text = [f"Key-signing sheet of {hub}", f"Date: {on.isoformat()}", f"Keys: {len(lines)}", ""]
    for number, line in enumerate(lines, 1):
        until = line.expires.isoformat() if line.expires else "never"
        text += [
            f"{number:03} {_one_line(line.team)} ({_one_line(line.organisation)})",
            f"    {line.purpose}, expires: {until}",
            f"    {grouped(line.fingerprint)}",
            "    [ ] fingerprint read aloud by its owner and the same here   [ ] identity checked",
            "",
        ]
    return "\n".join(text)


def digest(text: str) -> str:
    """Return the SHA-256 of the list, upper hex."""
    return hashlib.sha256(text.encode()).hexdigest().upper()


def written(text: str) -> str:
    """Return the file: the hash of what follows the first empty line, then that."""
    return f"SHA-256 of all below the empty line:\n{grouped(digest(text), 8)}\n\n{text}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
