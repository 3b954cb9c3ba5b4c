"""Opening sealed bytes in a process of its own, under limits.

The library holds Python's lock, inflates compressed payloads without bound and leaves
plaintext on disk when it works on files. So the work is done in a child with a ceiling
on memory, processor time and output; everything travels through pipes, nothing stands
in its arguments, its environment or on disk.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.errors import DomainError

MAX_OUTPUT = 32 * 1024 * 1024
MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 10
WALL_SECONDS = 20

_CHILD = Path(__file__).with_name("opening_child.py")


class OpeningRefused(DomainError):
    """It could not be opened: wrong key, damaged, or too large."""

    def __init__(self) -> None:
        super().__init__(
            _("This could not be opened: another key is needed, it is damaged, or too large."),
            code="cannot-open",
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """What was inside, and the fingerprints (upper hex) of the given keys that signed it."""

    plaintext: bytes = field(repr=False)
    signers: tuple[str, ...]


def open_limited(
    data: bytes,
    *,
    secret_key: bytes = b"",
    password: str = "",
    signers: Sequence[bytes] = (),
    max_output: int = MAX_OUTPUT,
) -> Opened:
    """Open a message with a secret key, or a password file with its passphrase.

    Args:
        data: The sealed bytes.
        secret_key: The recipient's secret key; `password` then unlocks that key.
        password: The passphrase of the key, or of the file when there is no key.
        signers: Public keys whose signatures count. With any given, a message that
            none of them signed is refused.
        max_output: Most bytes of plaintext.

    Raises:
        OpeningRefused: whatever the cause, so that an answer tells an attacker nothing.

    """
    header = json.dumps(
        {
            "password": password,
            "secret_key": len(secret_key),
            "data": len(data),
            "signers": [len(key) for key in signers],
            "max_output": max_output,
            "memory": MEMORY,
            "cpu": CPU_SECONDS,
        }
    ).encode()
    sent = len(header).to_bytes(4, "big") + header + secret_key + data + b"".join(signers)
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own file
            [sys.executable, "-I", str(_CHILD)],
            input=sent,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            check=False,
            env={},
            cwd="/",
        )
    except subprocess.TimeoutExpired as error:
        raise OpeningRefused from error
    if done.returncode != 0:
        raise OpeningRefused
    size = int.from_bytes(done.stdout[:4], "big")
    answer = json.loads(done.stdout[4 : 4 + size])
    plaintext = done.stdout[4 + size :]
    if len(plaintext) != answer["size"] or (signers and not answer["signers"]):
        raise OpeningRefused
    return Opened(plaintext, tuple(answer["signers"]))
