"""The field keys: a file outside database and backup, and AES-256-GCM under its keys.

Pure of Django. The file holds one key a line, `<key id> <key>`, both in hexadecimal; the last
line is the key that new values are written under, the others only open older values.

An envelope is `version (1) || key id (4) || nonce (12) || ciphertext and tag`. The nonce is
random: NIST SP 800-38D allows 2^32 values under one key, far above what one hub writes.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tcert.foundation.kernel import lasting

VERSION = b"\x01"
KEY_ID_BYTES = 4
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
HEADER_BYTES = len(VERSION) + KEY_ID_BYTES + NONCE_BYTES

PREAMBLE = """\
# Field keys of this hub. Whoever has this file and the database reads what the hub guards.
# Keep it out of the database's backup, and keep a copy of its own in a safe place:
# without it the guarded fields are lost. The last key is the one in use.
"""


class KeyringError(Exception):
    """The key file is missing, damaged, or lacks the key that a value needs."""


class Unopenable(KeyringError):
    """A value was changed, or moved to another row or field, since it was written."""


@dataclass(frozen=True, slots=True)
class Key:
    """One AES-256 key under the short id that envelopes carry."""

    id: bytes
    secret: bytes

    @classmethod
    def random(cls) -> Self:
        """Make a key from the system's generator."""
        return cls(secrets.token_bytes(KEY_ID_BYTES), secrets.token_bytes(KEY_BYTES))

    def __repr__(self) -> str:
        return f"<Key {self.id.hex()}>"


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys that may open a value; the last one closes new ones."""

    keys: tuple[Key, ...]

    @property
    def current(self) -> Key:
        """Return the key for new values."""
        return self.keys[-1]

    def close(self, plaintext: bytes, context: bytes) -> bytes:
        """Encrypt under the current key, bound to `context`, which must be given again to open."""
        key = self.current
        nonce = secrets.token_bytes(NONCE_BYTES)
        return VERSION + key.id + nonce + AESGCM(key.secret).encrypt(nonce, plaintext, context)

    def open(self, envelope: bytes, context: bytes) -> bytes:
        """Decrypt what `close` made with the same context.

        Raises:
            Unopenable: the envelope is not one, was changed, or belongs to another context.
            KeyringError: no key here has its id.

        """
        key_id = envelope_key_id(envelope)
        for key in self.keys:
            if key.id == key_id:
                break
        else:
            raise KeyringError(f"No field key {key_id.hex()} in the key file.")
        nonce = envelope[HEADER_BYTES - NONCE_BYTES : HEADER_BYTES]
        try:
            return AESGCM(key.secret).decrypt(nonce, envelope[HEADER_BYTES:], context)
        except InvalidTag:
            raise Unopenable("A guarded value does not belong where it lies.") from None

    def with_new_key(self) -> "Keyring":
        """Return the ring with a fresh current key."""
        return Keyring((*self.keys, Key.random()))

    def without_old_keys(self) -> "Keyring":
        """Return the ring with its current key alone."""
        return Keyring((self.current,))


def envelope_key_id(envelope: bytes) -> bytes:
    """Return the id of the key that closed an envelope; raises `Unopenable` if it is none."""
    if len(envelope) < HEADER_BYTES + TAG_BYTES or envelope[:1] != VERSION:
        raise Unopenable("A guarded value is damaged.")
    return envelope[1 : 1 + KEY_ID_BYTES]


def parse(text: str) -> Keyring:
    """Read the text of a key file; raises `KeyringError` with the number of the bad line."""
    keys: list[Key] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            key_id, secret = (bytes.fromhex(part) for part in line.split())
        except ValueError:
            raise KeyringError(f"Line {number} of the key file is no key.") from None
        if len(key_id) != KEY_ID_BYTES or len(secret) != KEY_BYTES:
            raise KeyringError(f"Line {number} of the key file has the wrong length.")
        if any(key.id == key_id for key in keys):
            raise KeyringError(f"Line {number} of the key file repeats a key id.")
        keys.append(Key(key_id, secret))
    if not keys:
        raise KeyringError("The key file holds no key.")
    return Keyring(tuple(keys))


def serialise(keyring: Keyring) -> str:
    """Write the text of a key file."""
    return PREAMBLE + "".join(f"{key.id.hex()} {key.secret.hex()}\n" for key in keyring.keys)


def create(path: Path) -> Keyring:
    """Make a key file with one new key, readable by its owner alone; never replaces a file."""
    keyring = Keyring((Key.random(),))
    lasting.write_new(path, serialise(keyring))
    return keyring


def replace(path: Path, keyring: Keyring) -> None:
    """Put a changed ring in the place of a key file, in one step."""
    lasting.replace(path, serialise(keyring))
