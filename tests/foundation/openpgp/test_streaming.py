"""Long messages: GnuPG and the library open them, damage is noticed, memory stays small."""

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.gnupg import gnupg_home

from tcert.foundation.kernel import clock
from tcert.foundation.openpgp import streaming
from tcert.foundation.openpgp.certificates import CertificateRefused
from tcert.foundation.openpgp.keywriting import write_key
from tcert.foundation.openpgp.opening import OpeningRefused
from tcert.foundation.openpgp.signing import SigningKey
from tcert.foundation.openpgp.streaming import PART, opened_from, sealed_into

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def secret():
    return write_key(user_id="offline", created=clock.now(), lifetime=None, for_encryption=True)


def sealed(path, certificates, *pieces):
    with path.open("wb") as out, sealed_into(out, certificates) as into:
        for piece in pieces:
            into.write(piece)
    return path


def opened(path, secret, **others):
    with opened_from(path.open("rb"), secret_key=secret, **others) as plaintext:
        return plaintext.read()


SIZES = [0, 1, PART - 7, PART - 6, PART, 2 * PART + 5]


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens_whole(tmp_path, secret, size):
    content = hashlib.shake_128(b"x").digest(size)
    path = sealed(tmp_path / "m", [SigningKey(secret).certificate], content[:100], content[100:])

    assert opened(path, secret) == content
    assert content[:32] not in path.read_bytes() or size < 32


def test_gnupg_opens_it_for_every_reader(tmp_path, secret):
    content = b"a line\n" * 500_000
    with gnupg_home() as gpg:
        certificate = gpg.export(gpg.generate("offline <o@example.org>"))
        path = sealed(tmp_path / "m", [certificate, SigningKey(secret).certificate], content)
        listing = gpg.packets(path.read_bytes())

        assert gpg.decrypt(path.read_bytes()) == content
    assert listing.count(":pubkey enc packet: version 3") == 2
    assert "mdc_method: 2" in listing
    assert opened(path, secret) == content


@pytest.mark.parametrize("harm", ["cut", "half", "flip", "last", "junk"])
def test_a_damaged_message_is_refused(tmp_path, secret, harm):
    path = sealed(tmp_path / "m", [SigningKey(secret).certificate], bytes(3 * PART))
    data = bytearray(path.read_bytes())
    if harm == "cut":
        del data[-1:]
    elif harm == "half":
        del data[len(data) // 2 :]
    elif harm == "flip":
        data[2 * PART] ^= 1
    elif harm == "last":
        data[-1] ^= 1
    else:
        data = bytearray(b"no message at all")
    path.write_bytes(data)

    with pytest.raises(OpeningRefused):
        opened(path, secret)


def test_another_key_does_not_open_it(tmp_path, secret):
    other = write_key(user_id="other", created=clock.now(), lifetime=None, for_encryption=True)
    path = sealed(tmp_path / "m", [SigningKey(other).certificate], b"text")

    with pytest.raises(OpeningRefused):
        opened(path, secret)


def test_a_secret_key_or_nobody_is_no_reader_and_nothing_is_written(secret):
    out = io.BytesIO()
    with pytest.raises(CertificateRefused), sealed_into(out, [secret]):
        pass
    assert out.getvalue() == b""


def test_a_failing_writer_leaves_a_message_that_does_not_open(tmp_path, secret):
    path = tmp_path / "m"
    with (  # noqa: PT012 - the failure is in the block
        pytest.raises(RuntimeError),
        path.open("wb") as out,
        sealed_into(out, [SigningKey(secret).certificate]) as into,
    ):
        into.write(bytes(2 * PART))
        raise RuntimeError
    with pytest.raises(OpeningRefused):
        opened(path, secret)


SEAL_MUCH = """
import resource, sys
import django; django.setup()
from tcert.foundation.openpgp.streaming import sealed_into
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open("/dev/null", "wb") as out, sealed_into(out, [open(sys.argv[1], "rb").read()]) as into:
    for _ in range(200):
        into.write(bytes(1 << 20))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.slow
def test_two_hundred_megabytes_need_a_few(tmp_path, secret):
    certificate = tmp_path / "key"
    certificate.write_bytes(SigningKey(secret).certificate)
    done = subprocess.run(
        [sys.executable, "-c", SEAL_MUCH, str(certificate)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 60


@pytest.mark.slow
def test_opening_more_than_its_memory_holds(tmp_path, secret, monkeypatch):
    """The library would map a whole file, and keep within its limit what comes through a pipe."""
    monkeypatch.setattr(streaming, "MEMORY", 512 << 20)
    piece = bytes(1 << 20)
    path = sealed(tmp_path / "m", [SigningKey(secret).certificate], *(piece for _ in range(600)))
    size = 0
    with opened_from(path.open("rb"), secret_key=secret) as plaintext:
        while found := plaintext.read(PART):
            size += len(found)
    assert size == 600 << 20
