"""Secrets of one-time links: 256 random bits, of which the hub keeps a digest only."""

import hashlib
import secrets

_BYTES = 32


def new_token() -> str:
    """Return a secret of 43 URL-safe characters."""
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> str:
    """Return what the hub keeps of a secret; 256 bits of entropy need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
