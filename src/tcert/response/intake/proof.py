"""Proof of work: what a script pays for a report, so that a flood costs its sender. Pure."""

import hashlib

LONGEST_NONCE = 20


def holds(token: str, nonce: str, bits: int) -> bool:
    """Does SHA-256 of `token:nonce` begin with that many zero bits? The nonce is decimal."""
    if not nonce.isascii() or not nonce.isdigit() or len(nonce) > LONGEST_NONCE:
        return False
    digest = hashlib.sha256(f"{token}:{nonce}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0


def find(token: str, bits: int) -> str:
    """Find a nonce; the browser's half is in `static/intake/proof.js`."""
    nonce = 0
    while not holds(token, str(nonce), bits):
        nonce += 1
    return str(nonce)
