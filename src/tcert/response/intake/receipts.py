"""The receipt: a reporter's whole identity on the hub, and what is derived from it.

Pure. `static/intake/receipts.js` does the same in the browser, and both are held to the vectors in
`tests/vectors/receipts.json`. A receipt carries 103 bits (eight words of 7,776) or 106 bits
(32 digits) from the system's random source: that much needs no slow hashing.
"""

import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WORDS, DIGITS, GROUP = 8, 32, 4
LONGEST_INPUT = 200
ID_BYTES = 32

_DIGIT_LIKE = str.maketrans("oil", "011")
_LETTER_LIKE = str.maketrans("01i", "oll")


@dataclass(frozen=True)
class Secrets:
    """What a receipt opens: `id` finds the report, `wrap` unlocks the reporter's key."""

    id: str
    wrap: str

    @property
    def stored(self) -> str:
        """Return what the hub keeps: a hash of the id, so that its database opens no mailbox."""
        return stored(self.id)


@cache
def words() -> tuple[str, ...]:
    """Return the 7,776 words (see words.NOTICE.txt for origin and licence)."""
    return tuple((Path(__file__).parent / "words.txt").read_text().split())


def new_words() -> str:
    """Return a fresh receipt of eight words."""
    return " ".join(secrets.choice(words()) for _ in range(WORDS))


def new_digits() -> str:
    """Return a fresh receipt of 32 digits in groups of four."""
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    return " ".join(digits[i : i + GROUP] for i in range(0, DIGITS, GROUP))


def normalise(typed: str) -> str:
    """Return the one form in which a receipt is hashed; '' when nothing usable was typed.

    Case, spaces, dashes and other marks do not count; look-alikes (o and 0, l, i and 1) are taken
    for what the rest of the receipt is made of. Input is cut first, so that no work grows with it.
    """
    plain = unicodedata.normalize("NFKC", typed[:LONGEST_INPUT])[: 2 * LONGEST_INPUT]
    kept = "".join(c for c in plain if c.isascii() and c.isalnum()).lower()
    as_digits = kept.translate(_DIGIT_LIKE)
    return as_digits if as_digits.isdigit() else kept.translate(_LETTER_LIKE)


def is_receipt(typed: str) -> bool:
    """Could this be a receipt of this hub? Says so without asking the hub's memory."""
    form = normalise(typed)
    if form.isdigit():
        return len(form) == DIGITS
    spelled = "".join(c if c.isalnum() else " " for c in typed[:LONGEST_INPUT].lower()).split()
    return len(spelled) == WORDS and all(w.translate(_LETTER_LIKE) in _lookup() for w in spelled)


@cache
def _lookup() -> frozenset[str]:
    return frozenset(word.translate(_LETTER_LIKE) for word in words())


def derive(typed: str, salt: bytes) -> Secrets:
    """Derive id and wrap with HKDF-SHA-256 (RFC 5869) under the deployment's salt."""
    pseudorandom = hmac.digest(salt, normalise(typed).encode(), "sha256")
    return Secrets(id=_expand(pseudorandom, b"id"), wrap=_expand(pseudorandom, b"wrap"))


def _expand(pseudorandom: bytes, info: bytes) -> str:
    return hmac.digest(pseudorandom, info + b"\x01", "sha256").hex()


def stored(receipt_id: str) -> str:
    """Return SHA-256 of an id as sent, or '' for anything but 64 hexadecimal digits."""
    if len(receipt_id) != 2 * ID_BYTES or not set(receipt_id) <= set("0123456789abcdef"):
        return ""
    return hashlib.sha256(bytes.fromhex(receipt_id)).hexdigest()


_SPACED = re.compile(r"[^A-Za-z0-9]+")


def appears_in(text: str, receipt: str) -> bool:
    """Does a text contain the receipt, however spaced? Such a text is never sealed or sent."""
    needle = normalise(receipt)
    folded = unicodedata.normalize("NFKC", text)
    plain = _SPACED.sub("", folded).lower()
    return bool(needle) and (
        needle in plain.translate(_LETTER_LIKE) or needle in plain.translate(_DIGIT_LIKE)
    )
