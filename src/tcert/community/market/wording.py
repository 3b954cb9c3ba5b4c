"""What an entry's words must not hold: a way round the sealed talk, or the name that is hidden."""

import re
import unicodedata
from collections.abc import Iterable

_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_PHONE = re.compile(r"\+[0-9](?:[ ()./-]{0,2}[0-9]){6,14}")
_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_CERTIFIED = re.compile(r"\bcertif(?:ied|icate|icates|ication)\b", re.IGNORECASE)
_SHORTEST_NAME = 2


def holds_contact(text: str) -> bool:
    """Tell whether a text holds a mail address or a telephone number."""
    return bool(_MAIL.search(text) or _PHONE.search(text))


def holds_link(text: str) -> bool:
    """Tell whether a text holds an address of the web."""
    return bool(_LINK.search(text))


def speaks_of_certificate(text: str) -> bool:
    """Tell whether a text says that something is certified."""
    return bool(_CERTIFIED.search(text))


def named_in(text: str, names: Iterable[str]) -> str:
    """Return the first of these names that stands in a text as whole words, or nothing.

    Case, spaces, how an accent is written, and signs that nobody sees do not count. A name of one
    letter is not looked for.
    """
    held = _plain(text)
    for name in names:
        sought = _plain(name)
        if len(sought) < _SHORTEST_NAME:
            continue
        if re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", held):
            return name
    return ""


def _plain(text: str) -> str:
    """Return a text by which two are compared that look alike: UAX #15, form NFKC."""
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    return " ".join(seen.split())
