"""Questions and answers of the key server protocol. Pure.

draft-ietf-openpgp-hkp-00: `op`, `search`, `options`; an index is lines of fields between colons.
Only what is exact is answered: a whole fingerprint, a long key id, a whole address. A short key id
names keys of strangers as well, and a part of a name is a way to list who is here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

LONGEST = 300
_HEX = re.compile(r"(?:0x)?([0-9a-fA-F]{16}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})")
_MAIL = re.compile(r"<?([^\s<>@]+@[^\s<>@]+)>?")
_KEY_ID = 16


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; exactly one of the three is filled."""

    fingerprint: str = ""
    key_id: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A key as an index line tells of it."""

    fingerprint: str
    algorithm: str
    created: datetime
    expires: datetime | None
    is_revoked: bool
    user_ids: tuple[str, ...]


class NotExact(ValueError):
    """What was asked for is not a whole fingerprint, long key id or address."""


def read_search(text: str) -> Search:
    """Read the `search` of a question; raises NotExact."""
    if len(text) > LONGEST or not text.isprintable():
        raise NotExact
    if digits := _HEX.fullmatch(text.strip()):
        value = digits[1].upper()
        return Search(key_id=value) if len(value) == _KEY_ID else Search(fingerprint=value)
    if address := _MAIL.fullmatch(text.strip()):
        return Search(address=address[1].lower())
    raise NotExact


def index(keys: Iterable[Found], at: datetime) -> str:
    """Write the machine-readable index: one `pub` line for each key, its `uid` lines below it."""
    found = list(keys)
    lines = [f"info:1:{len(found)}"]
    for key in found:
        flags = "r" if key.is_revoked else ""
        if key.expires is not None and key.expires <= at:
            flags += "e"
        expires = str(int(key.expires.timestamp())) if key.expires else ""
        created = int(key.created.timestamp())
        lines.append(f"pub:{key.fingerprint}:{key.algorithm}::{created}:{expires}:{flags}")
        lines += [f"uid:{quote(name, safe=' @<>()')}:::" for name in key.user_ids]
    return "\n".join([*lines, ""])
