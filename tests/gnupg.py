"""A real GnuPG with a home of its own, for tests that prove what others can open."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Gnupg:
    """One person's `gpg`."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str, data: bytes = b"", check: bool = True) -> bytes:
        """Run one command and return its output."""
        done = subprocess.run(
            ["gpg", "--homedir", str(self.home), "--batch", "--no-tty", "--yes", *arguments],
            input=data,
            capture_output=True,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(done.stderr.decode(errors="replace"))
        return done.stdout

    def generate(self, user_id: str, *, expires: str = "1y", signing: str = "ed25519") -> str:
        """Make a key without passphrase; returns its fingerprint."""
        free = ("--passphrase", "")
        self.run(*free, "--quick-gen-key", user_id, signing, "cert,sign", expires)
        fingerprint = self.fingerprints()[-1]
        encryption = "cv25519" if signing == "ed25519" else signing
        self.run(*free, "--quick-add-key", fingerprint, encryption, "encr", expires)
        return fingerprint

    def fingerprints(self) -> list[str]:
        """Fingerprints of the primary keys, in the order of the key ring."""
        found = []
        primary = False
        for line in self.run("--list-keys", "--with-colons").decode().splitlines():
            fields = line.split(":")
            if fields[0] in {"pub", "sub"}:
                primary = fields[0] == "pub"
            elif fields[0] == "fpr" and primary:
                found.append(fields[9])
        return found

    def export(self, fingerprint: str) -> bytes:
        """The public key, binary."""
        return self.run("--export", fingerprint)

    def decrypt(self, data: bytes) -> bytes:
        """Open a message; a signature by an unknown key is no failure, nothing opened is one."""
        opened = self.run("--decrypt", data=data, check=False)
        return opened or self.run("--decrypt", data=data)

    def encrypt(self, data: bytes, *recipients: str, options: tuple[str, ...] = ()) -> bytes:
        """Seal to keys of the ring, as the hub's command does."""
        to = [word for recipient in recipients for word in ("--recipient", recipient)]
        return self.run(
            "--trust-model",
            "always",
            "--compress-algo",
            "none",
            *options,
            *to,
            "--encrypt",
            data=data,
        )

    def packets(self, data: bytes) -> str:
        """What `gpg` sees in a message, packet by packet."""
        return self.run("--list-packets", data=data, check=False).decode(errors="replace")


def require_gnupg() -> None:
    """Skip where `gpg` is missing; in CI its absence is a failure."""
    if shutil.which("gpg") is None:
        if os.environ.get("CI"):
            pytest.fail("gpg is missing: install the package gnupg")
        pytest.skip("gpg is not installed, so what GnuPG can open was not proven")


@contextmanager
def gnupg_home() -> Iterator[Gnupg]:
    """A home under a short path: the agent's socket has a length limit."""
    require_gnupg()
    with tempfile.TemporaryDirectory(prefix="g", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o700)
        yield Gnupg(Path(name))
        subprocess.run(
            ["gpgconf", "--homedir", name, "--kill", "all"], check=False, capture_output=True
        )
