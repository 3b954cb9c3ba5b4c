"""Sealing and opening what is too large for memory: a stream in, a stream out.

The library seals bytes in memory only, so the long body is written here, in the form of
`messagewriting` (SEIPDv1), divided into parts (RFC 4880, section 4.2.2.4). The library still seals
the session key to the readers. Opening is the library's work, in a child process between two
pipes: no plaintext lies on a disk that the caller did not choose.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

from tcert.foundation.openpgp.opening import OpeningRefused
from tcert.foundation.openpgp.packets import Tag
from tcert.foundation.openpgp.sealing import session_for

_BLOCK = 16
_PART_POWER = 20
PART = 1 << _PART_POWER
# Sequoia holds back 25 MB of plaintext; the rest is its own and Python's.
MEMORY = 1024 * 1024 * 1024

_CHILD = Path(__file__).with_name("streaming_child.py")


class _Divided:
    """One packet of unknown length, written in parts of one size."""

    def __init__(self, tag: Tag, sink: Callable[[bytes], object]) -> None:
        self._sink = sink
        self._waiting = bytearray()
        sink(bytes([0xC0 | tag]))

    def write(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) > PART:
            self._sink(bytes([0xE0 | _PART_POWER]) + bytes(self._waiting[:PART]))
            del self._waiting[:PART]

    def close(self) -> None:
        """Write the rest with its length, which a divided packet must end with."""
        self._sink(b"\xff" + len(self._waiting).to_bytes(4, "big") + bytes(self._waiting))
        self._waiting.clear()


class _Sealer:
    """Takes plaintext and writes one message; memory is a few parts, whatever the length."""

    def __init__(self, out: BinaryIO, sealed_keys: bytes, session_key: bytes) -> None:
        out.write(sealed_keys)
        self._outer = _Divided(Tag.PROTECTED, out.write)
        self._outer.write(b"\x01")
        self._cipher = Cipher(algorithms.AES(session_key), CFB(bytes(_BLOCK))).encryptor()
        self._sum = hashlib.sha1(usedforsecurity=False)
        prefix = os.urandom(_BLOCK)
        self._protect(prefix + prefix[-2:])
        self._literal = _Divided(Tag.LITERAL, self._protect)
        self._literal.write(b"b\x00" + bytes(4))

    def write(self, data: bytes) -> int:
        self._literal.write(data)
        return len(data)

    def close(self) -> None:
        self._literal.close()
        self._protect(b"\xd3\x14")
        self._outer.write(self._cipher.update(self._sum.digest()) + self._cipher.finalize())
        self._outer.close()

    def _protect(self, data: bytes) -> None:
        self._sum.update(data)
        self._outer.write(self._cipher.update(data))


@contextmanager
def sealed_into(out: BinaryIO, certificates: Sequence[bytes | str]) -> Iterator[BinaryIO]:
    """Give a stream whose bytes go to `out` as one message, sealed to every key.

    The message is whole when the block ends well; otherwise it is cut short, and says so to whoever
    opens it.

    Raises:
        CertificateRefused, SealingFailed: as `sealing.seal`, before anything is written.

    """
    sealed_keys, session_key = session_for(certificates)
    sealer = _Sealer(out, sealed_keys, session_key)
    yield cast(BinaryIO, sealer)
    sealer.close()


@contextmanager
def opened_from(sealed: BinaryIO, *, secret_key: bytes, password: str = "") -> Iterator[BinaryIO]:
    """Give the plaintext of a message as a stream; closes `sealed` at the end.

    What was read before a damage is found is plaintext that nobody vouches for: discard it when the
    block raises.

    Raises:
        OpeningRefused: another key is needed, or the message is damaged or cut short.

    """
    header = json.dumps({"password": password, "memory": MEMORY, "key": len(secret_key)}).encode()
    reader, writer = os.pipe()
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
        [sys.executable, "-I", str(_CHILD), str(reader)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=[reader],
        env={},
        cwd="/",
    )
    os.close(reader)
    # A pipe, although it is a file: the library maps whole files into its memory.
    feeding = threading.Thread(target=_feed, args=(sealed, child), daemon=True)
    feeding.start()
    with child:
        try:
            with suppress(BrokenPipeError), os.fdopen(writer, "wb") as secrets:
                secrets.write(len(header).to_bytes(4, "big") + header + secret_key)
            plaintext = cast(BinaryIO, child.stdout)
            yield plaintext
            # A reader may stop at the end of its archive: the check stands behind that.
            while plaintext.read(PART):
                pass
        except BaseException:
            child.kill()
            raise
        finally:
            feeding.join()
        if child.wait() != 0:
            raise OpeningRefused


def _feed(sealed: BinaryIO, child: subprocess.Popen[bytes]) -> None:
    # The child may stop reading early: why, its exit code says.
    with sealed, suppress(BrokenPipeError), cast(BinaryIO, child.stdin) as into:
        shutil.copyfileobj(sealed, into, PART)
