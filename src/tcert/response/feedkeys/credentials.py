"""What a program sends: HTTP Basic (RFC 7617), a key's number as the name, its secret behind it.

Or both with a dot between as a bearer token (RFC 6750), where a program knows no other way.
No Django and no database here. The secret is 256 random bits, so that one fast digest of it is
enough to keep, and nobody finds it by trying.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from uuid import UUID

_BYTES = 32
_LONGEST = 400
"""Far more than any key needs: what is longer is not read at all."""
NOBODYS = "0" * 64
"""What is compared where no key has the number, so that both answers take the same time."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key's number and the secret given with it, which no repr and so no log shows."""

    key_id: UUID
    secret: str = field(repr=False)


def new_secret() -> str:
    """Return a secret of 43 letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(_BYTES)


def digest(secret: str) -> str:
    """Return what the hub keeps of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def fits(secret: str, kept: str) -> bool:
    """Tell whether a secret is the one whose digest was kept, in the same time either way."""
    return hmac.compare_digest(digest(secret).encode(), kept.encode())


def read(header: str) -> Credentials | None:
    """Return what an `Authorization` header says, or None where it is none of a feed key."""
    scheme, _space, packed = header.strip().partition(" ")
    if scheme.lower() not in {"basic", "bearer"} or len(packed) > _LONGEST:
        return None
    try:
        if scheme.lower() == "bearer":
            name, mark, secret = packed.strip().partition(".")
        else:
            text = base64.b64decode(packed.strip(), validate=True).decode()
            name, mark, secret = text.partition(":")
        key_id = UUID(name)
    except (binascii.Error, ValueError):
        return None
    return Credentials(key_id, secret) if mark else None


def bearer(key_id: UUID, secret: str) -> str:
    """Return both in one, as a bearer token."""
    return f"{key_id}.{secret}"
