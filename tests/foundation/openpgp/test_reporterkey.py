"""A reporter's key works in GnuPG 2.2 and Sequoia, and tells nothing about when it was made."""

import os
import shutil
import subprocess
from pathlib import Path

import pysequoia
import pytest

from tcert.foundation.openpgp import reporterkey

needs_gpg = pytest.mark.skipif(
    shutil.which("gpg") is None and not os.environ.get("CI"), reason="gpg is not installed"
)


@pytest.fixture
def gpg(tmp_path: Path):
    """Run GnuPG in an empty home of its own."""
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)

    def run(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["gpg", "--homedir", str(home), "--batch", "--yes", "--trust-model", "always",
             *arguments],
            input=data,
            capture_output=True,
            check=True,
        )  # fmt: skip

    yield run
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)


@needs_gpg
@pytest.mark.parametrize("_round", range(4))
def test_gnupg_imports_encrypts_decrypts_and_signs(gpg, _round):
    key = reporterkey.create()
    gpg("--import", data=key.secret)
    listing = gpg("--with-colons", "--list-keys", "--with-fingerprint").stdout.decode()
    assert key.fingerprint in listing
    sealed = gpg("--encrypt", "--recipient", key.fingerprint, data=b"a fact").stdout
    assert b"a fact" not in sealed
    assert gpg("--decrypt", data=sealed).stdout == b"a fact"
    signed = gpg("--sign", "--local-user", key.fingerprint, data=b"mine").stdout
    assert b"Good signature" in gpg("--verify", data=signed).stderr


@needs_gpg
def test_gnupg_sees_constant_dates_uses_and_user_id(gpg):
    key = reporterkey.create()
    gpg("--import", data=key.certificate)
    lines = gpg("--with-colons", "--check-sigs").stdout.decode().splitlines()
    rows = [line.split(":") for line in lines]
    created = str(int(reporterkey.CREATED.timestamp()))
    for row in rows:
        if row[0] in {"pub", "sub", "uid"}:
            assert row[5] == created
    assert [row[9] for row in rows if row[0] == "uid"] == ["reporter"]
    # "!" marks a self-signature that checked out: one on the user id, one on the subkey.
    assert [row[1] for row in rows if row[0] == "sig"] == ["!", "!"]
    assert next(row[11] for row in rows if row[0] == "pub").startswith("sc")
    assert [row[11] for row in rows if row[0] == "sub"] == ["e"]


@pytest.mark.parametrize("_round", range(40))
def test_sequoia_reads_seals_opens_and_signs(_round):
    """Forty keys: leading zeros in a number must not break one key in 256."""
    key = reporterkey.create()
    cert = pysequoia.Cert.from_bytes(bytes=key.certificate)
    assert cert.fingerprint.upper() == key.fingerprint
    assert [str(u) for u in cert.user_ids] == ["reporter"]
    secret = pysequoia.Tsk.from_bytes(bytes=key.secret)
    sealed = pysequoia.encrypt(bytes=b"a fact", recipients=[cert], signer=secret.signer())
    opened = pysequoia.decrypt(bytes=sealed, decryptor=secret.decryptor(), store=lambda _: [cert])
    assert opened.bytes == b"a fact"
    assert [s.certificate for s in opened.valid_sigs] == [cert.fingerprint]


def test_keys_are_random_and_of_one_form():
    """Nothing but key material, fingerprints and signatures differs between two keys."""
    one, other = reporterkey.create(), reporterkey.create()
    assert one.fingerprint != other.fingerprint
    assert one.secret != other.secret
    packets = [
        [(str(p.tag), p.body[:1]) for p in pysequoia.packet.PacketPile.from_bytes(k.certificate)]
        for k in (one, other)
    ]
    assert packets[0] == packets[1]


def test_every_date_in_the_key_is_the_constant():
    """The creation date must not tell when the report was sent."""
    stamp = int(reporterkey.CREATED.timestamp()).to_bytes(4, "big")
    for packet in pysequoia.packet.PacketPile.from_bytes(reporterkey.create().secret):
        if str(packet.tag).endswith("Signature"):
            assert bytes([5, 2]) + stamp in packet.body
        elif "Key" in str(packet.tag):
            assert packet.body[1:5] == stamp
