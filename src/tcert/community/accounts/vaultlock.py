"""What the hub can tell about a locked vault without opening it: that it is locked."""

from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.openpgp.packets import PacketError, Tag, split

MAX_BYTES = 64 * 1024
_ARGON2 = 4  # RFC 9580, section 3.7.1.4
_V6 = 6
_WRAPPED = b"\x01"
# Version, nonce, tag, and a key of some length between them: `openpgp/wrap.js`.
_SMALLEST_WRAPPED = 1 + 12 + 16 + 200
# Armour has some 70 different octets; this much ciphertext has more than half of all.
_NOISE = 100


class LockRefused(DomainError):
    """What came is not a secret locked with Argon2; nothing was stored."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "What your browser sent is not a locked vault. Nothing was stored. Reload the page "
                "and try again; if it happens again, tell the desk."
            ),
            code="not-locked",
        )


def check_wrapped(data: bytes) -> bytes:
    """Return the bytes if they have the form of a secret wrapped under a passkey's answer.

    Ciphertext of AES-GCM cannot be told from noise; that it is no key in the clear, can.

    Raises:
        LockRefused: when they are anything else.

    """
    whole = _SMALLEST_WRAPPED <= len(data) <= MAX_BYTES and data[:1] == _WRAPPED
    if not whole or b"PRIVATE KEY" in data or len(set(data)) < _NOISE:
        raise LockRefused
    return data


def check_locked(data: bytes) -> bytes:
    """Return the bytes if they are one OpenPGP password message under Argon2.

    A clear or weakly locked secret must never reach the database, whatever a script sends.

    Raises:
        LockRefused: when they are anything else.

    """
    if not data or len(data) > MAX_BYTES:
        raise LockRefused
    try:
        packets = split(data, max_packets=4)
    except PacketError as error:
        raise LockRefused from error
    if [packet.tag for packet in packets] != [Tag.SKESK, Tag.PROTECTED]:
        raise LockRefused
    body = packets[0].body
    # Version 6: version, length, cipher, AEAD mode, length of the specifier, the specifier.
    specifier = 5 if body[:1] == bytes([_V6]) else 2
    if len(body) <= specifier or body[specifier] != _ARGON2:
        raise LockRefused
    return data
