"""Where a key lies in a Web Key Directory. Pure.

draft-koch-openpgp-webkey-service-21, section 3.1: the local part, with its ASCII letters in lower
case, is hashed with SHA-1 and written in z-base-32 (RFC 6189, section 5.1.6). Not a choice: SHA-1
only names a file here.
"""

import hashlib
import re
from urllib.parse import quote

_LETTERS = "ybndrfg8ejkmcpqxot1uwisza345h769"
_BITS = 5
ROOT = "/.well-known/openpgpkey/"


_DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)*")


class NoAddress(ValueError):
    """The text is not a plain mail address."""


def zbase32(data: bytes) -> str:
    """Write bytes in z-base-32, without padding."""
    size = len(data) * 8
    digits = -(-size // _BITS)
    number = int.from_bytes(data, "big") << (digits * _BITS - size)
    return "".join(_LETTERS[number >> (_BITS * at) & 31] for at in range(digits - 1, -1, -1))


def is_domain(text: str) -> bool:
    """Tell whether a text can be a domain at all, lower-case: only such a one is looked for."""
    return _DOMAIN.fullmatch(text) is not None


def parts(address: str) -> tuple[str, str]:
    """Return local part and domain (lower-case); raises NoAddress."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or any(c.isspace() or not c.isprintable() for c in address):
        raise NoAddress
    return local, domain.lower()


def name_of(address: str) -> str:
    """Return the file name of an address's key: 32 characters; raises NoAddress."""
    local, _domain = parts(address)
    lowered = "".join(c.lower() if c.isascii() else c for c in local)
    return zbase32(hashlib.sha1(lowered.encode(), usedforsecurity=False).digest())


def advanced_url(address: str) -> str:
    """Return where the advanced method looks: on the sub-domain made for it."""
    local, domain = parts(address)
    folder = f"https://openpgpkey.{domain}{ROOT}{domain}/hu/"
    return f"{folder}{name_of(address)}?l={quote(local, safe='')}"


def direct_url(address: str) -> str:
    """Return where the direct method looks, if that sub-domain does not exist."""
    local, domain = parts(address)
    return f"https://{domain}{ROOT}hu/{name_of(address)}?l={quote(local, safe='')}"
