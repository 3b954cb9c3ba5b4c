import subprocess
import sys
import tempfile
from pathlib import Path

import pysequoia
import pytest

from tcert.foundation.openpgp import opening
from tcert.foundation.openpgp.opening import OpeningRefused, open_limited
from tcert.foundation.openpgp.sealing import seal, seal_with_password
from tcert.foundation.openpgp.signing import (
    SignatureRefused,
    SigningKey,
    sign_detached,
    verify_detached,
)


def key():
    return pysequoia.Tsk.generate("Somebody <somebody@example.org>")


def public(secret):
    return bytes(secret.extract_certificate())


def test_the_signer_is_named_only_when_asked_for_and_right():
    reader, writer, stranger = key(), key(), key()
    sealed = seal(b"text", [public(reader)], SigningKey(bytes(writer)))
    opened = open_limited(
        sealed, secret_key=bytes(reader), signers=[public(stranger), public(writer)]
    )
    assert opened.plaintext == b"text"
    assert opened.signers == (SigningKey(bytes(writer)).fingerprint,)
    assert open_limited(sealed, secret_key=bytes(reader)).signers == ()


@pytest.mark.parametrize("signed", [True, False])
def test_a_wrong_or_missing_signature_opens_nothing(signed):
    reader, writer, stranger = key(), key(), key()
    sealed = seal(b"text", [public(reader)], SigningKey(bytes(writer)) if signed else None)
    with pytest.raises(OpeningRefused):
        open_limited(sealed, secret_key=bytes(reader), signers=[public(stranger)])


def test_the_wrong_key_a_flipped_bit_and_junk_look_the_same():
    reader = key()
    sealed = seal(b"text", [public(reader)])
    flipped = sealed[:-30] + bytes([sealed[-30] ^ 1]) + sealed[-29:]
    messages = set()
    for data, secret in ((sealed, key()), (flipped, reader), (b"junk", reader), (b"", reader)):
        with pytest.raises(OpeningRefused) as caught:
            open_limited(data, secret_key=bytes(secret))
        messages.add(str(caught.value.message))
    assert len(messages) == 1


@pytest.mark.slow
def test_a_decompression_bomb_is_stopped(gnupg):
    fingerprint = gnupg.generate("Bomb <bomb@example.org>")
    secret = gnupg.run("--export-secret-keys", fingerprint)
    bomb = gnupg.encrypt(
        b"\0" * 300_000_000, fingerprint, options=("--compress-algo", "zlib", "-z", "9")
    )
    assert len(bomb) < 1_000_000
    with pytest.raises(OpeningRefused):
        open_limited(bomb, secret_key=secret)


def test_the_output_is_capped():
    sealed = seal_with_password(b"x" * 5000, "secret")
    assert len(open_limited(sealed, password="secret", max_output=5000).plaintext) == 5000
    with pytest.raises(OpeningRefused):
        open_limited(sealed, password="secret", max_output=4999)


def test_no_secret_in_arguments_environment_or_on_disk(monkeypatch):
    started = []
    run = subprocess.run

    def watch(arguments, **options):
        started.append((arguments, options))
        return run(arguments, **options)

    monkeypatch.setattr(opening.subprocess, "run", watch)
    before = set(Path(tempfile.gettempdir()).iterdir())
    sealed = seal_with_password(b"x", "canary-passphrase")
    open_limited(sealed, password="canary-passphrase")
    ((arguments, options),) = started
    assert arguments == [sys.executable, "-I", str(opening._CHILD)]
    assert options["env"] == {}
    assert options["stderr"] == subprocess.DEVNULL
    new = set(Path(tempfile.gettempdir()).iterdir()) - before
    assert not [path for path in new if path.is_file() and b"canary" in path.read_bytes()]


def test_the_child_cannot_write_a_file_or_take_much_memory(tmp_path):
    program = (
        f"import sys; sys.path.insert(0, {str(opening._CHILD.parent)!r})\n"
        "import opening_child as child\n"
        "child._limit({'memory': 300 << 20, 'cpu': 5})\n"
        "try:\n    bytearray(400 << 20)\n"
        "except MemoryError:\n    print('no memory')\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"try:\n    open({str(tmp_path / 'f')!r}, 'w', buffering=1).write('x\\n')\n"
        "except OSError:\n    print('no file')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout.split("\n")[:2] == ["no memory", "no file"], done.stderr
    assert (tmp_path / "f").read_bytes() == b""


def test_the_child_stands_alone():
    text = Path(opening._CHILD).read_text()
    assert "tcert" not in text.replace("The child", "")
    assert "environ" not in text


def test_a_detached_signature_holds_for_its_key_and_text_only(gnupg):
    writer, stranger = key(), key()
    signature = sign_detached(b"text", SigningKey(bytes(writer)))
    verified = verify_detached(b"text", signature, public(writer))
    assert verified.certificate == SigningKey(bytes(writer)).fingerprint
    gnupg.run("--import", data=public(writer))
    (gnupg.home / "text").write_bytes(b"text")
    (gnupg.home / "text.asc").write_text(signature)
    gnupg.run("--verify", str(gnupg.home / "text.asc"), str(gnupg.home / "text"))
    for text, made, certificate in (
        (b"other", signature, public(writer)),
        (b"text", signature, public(stranger)),
        (b"text", "", public(writer)),
        (b"text", signature, b"junk"),
    ):
        with pytest.raises(SignatureRefused):
            verify_detached(text, made, certificate)


def test_a_signing_key_does_not_print_itself():
    secret = bytes(key())
    assert repr(secret) not in repr(SigningKey(secret, "passphrase"))
    assert "passphrase" not in repr(SigningKey(secret, "passphrase"))
