"""Messages whose inside the hub writes itself: everybody opens them, and no clock is in them."""

import contextlib
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pysequoia
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.signed_content import dates, inside

from tcert.foundation.openpgp import reporterkey
from tcert.foundation.openpgp.keywriting import write_key
from tcert.foundation.openpgp.messagewriting import make_decoy, protected, signed_content
from tcert.foundation.openpgp.opening import OpeningRefused, open_limited
from tcert.foundation.openpgp.packets import Packet, PacketError, Tag, split
from tcert.foundation.openpgp.sealing import SealingFailed, seal, seal_with_secret
from tcert.foundation.openpgp.signatures import read_signature
from tcert.foundation.openpgp.signing import SigningKey

HERE = Path(__file__).parent
SECRET = "0123456789abcdef" * 4
NODE = shutil.which("node")
CONSTANT = int(reporterkey.CREATED.timestamp())
TEXTS = st.one_of(
    st.binary(max_size=300), st.integers(0, 20_000).map(lambda size: b"\x00\xff" * (size // 2))
)


@pytest.fixture(scope="module")
def reader():
    secret = write_key(
        user_id="desk", created=datetime(2026, 1, 1, tzinfo=UTC), lifetime=None, for_encryption=True
    )
    return pysequoia.Tsk.from_bytes(bytes=secret)


@pytest.fixture(scope="module")
def author():
    return reporterkey.create()


def sealed_by(author, reader, text):
    certificates = [author.certificate, bytes(reader.extract_certificate())]
    signer = SigningKey(author.secret)
    return seal(text, certificates, signer, signed_at=reporterkey.CREATED)


@pytest.mark.slow
@settings(max_examples=60)
@given(text=TEXTS)
def test_sequoia_opens_it_and_finds_the_signature(reader, author, text):
    sealed = sealed_by(author, reader, text)
    assert [(p.tag, p.body[0]) for p in split(sealed)] == [
        (Tag.PKESK, 3),
        (Tag.PKESK, 3),
        (Tag.PROTECTED, 1),
    ]
    for secret in (author.secret, bytes(reader)):
        opened = open_limited(sealed, secret_key=secret, signers=[author.certificate])
        assert opened.plaintext == text
        assert opened.signers == (author.fingerprint,)


def test_gnupg_opens_it_and_says_the_constant_date(gnupg, reader, author):
    gnupg.run("--import", data=bytes(reader))
    gnupg.run("--import", data=author.certificate)

    @settings(max_examples=8)
    @given(text=TEXTS)
    def holds(text):
        sealed = sealed_by(author, reader, text)
        told = gnupg.run("--status-fd", "1", "--output", "-", "--decrypt", data=sealed)
        assert text in told
        status = told.decode(errors="replace")
        assert "[GNUPG:] DECRYPTION_OKAY" in status
        assert "[GNUPG:] GOODMDC" in status
        assert f"[GNUPG:] GOODSIG {author.fingerprint[-16:]} reporter" in status
        valid = rf"\[GNUPG:\] VALIDSIG {author.fingerprint} 2020-01-01 {CONSTANT} 0 4 0 22 10 00 "
        assert re.search(valid, status), status
        assert re.search(r"\[GNUPG:\] PLAINTEXT 62 0 \n", status), "no date, no name"

    holds()


@pytest.mark.skipif(
    not os.environ.get("CI") and NODE is None, reason="install node to run the browser's side"
)
def test_the_browser_opens_it_and_writes_the_same_form(reader, author):
    """One form for both modes: whoever reads a report cannot tell from it how it was sent."""
    text = "Grüße\n" * 300
    file = seal_with_secret(text.encode(), SECRET)
    done = subprocess.run(
        [NODE or "node", "reporter_twin.mjs"],
        cwd=HERE,
        input=json.dumps(
            {
                "text": text,
                "sealed": sealed_by(author, reader, text.encode()).hex(),
                "author": author.secret.hex(),
                "reader": bytes(reader).hex(),
                "file": file.hex(),
                "passphrase": SECRET,
            }
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["opened"] == {
        "text": text,
        "fingerprint": author.fingerprint,
        "created": "2020-01-01T00:00:00.000Z",
        "valid": True,
    }
    theirs, ours = split(bytes.fromhex(told["browser"])), split(bytes.fromhex(told["signed"]))
    assert dates(theirs) == dates(ours) == {0, CONSTANT}
    assert [form(packet) for packet in theirs] == [form(packet) for packet in ours]
    assert bytes.fromhex(told["file"]).decode() == text
    assert outside(bytes.fromhex(told["browserFile"])) == outside(file)


def outside(sealed: bytes) -> object:
    """What a sealed file shows to who cannot open it, but for its salt and its ciphertext."""
    key, body = split(sealed)
    version_and_hash, count = key.body[:4], key.body[12]
    return key.tag, version_and_hash, count, len(key.body), body.tag, body.body[:1], len(body.body)


def form(packet: Packet) -> object:
    """All of a packet but what is random or follows from it."""
    if packet.tag != Tag.SIGNATURE:
        return packet
    parsed = read_signature(packet.body)
    # The last 32 octets of the hashed area's notation are its salt.
    notation = parsed.subpackets[20]
    return (
        packet.tag,
        parsed.prefix.replace(notation[-32:], b""),
        list(parsed.subpackets),
        packet.body[len(parsed.prefix) :][:2],
    )


def test_every_date_inside_is_a_constant(reader, author):
    sealed = sealed_by(author, reader, b"a fact")
    packets = inside(sealed, bytes(reader))
    assert [packet.tag for packet in packets] == [
        Tag.ONE_PASS_SIGNATURE,
        Tag.LITERAL,
        Tag.SIGNATURE,
    ]
    assert dates(packets) == {0, CONSTANT}
    # A planted clock must be found, or the test proves nothing.
    signer = SigningKey(author.secret)
    certificate = bytes(reader.extract_certificate())
    dated = seal(b"a fact", [certificate], signer)
    assert max(dates(inside(dated, bytes(reader)))) > CONSTANT


@pytest.mark.slow
@given(text=st.binary(max_size=200), at=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=60)
def test_a_changed_bit_is_noticed(reader, author, text, at, bit):
    *keys, body = split(sealed_by(author, reader, text))
    changed = bytearray(body.body)
    changed[1 + at % (len(changed) - 1)] ^= 1 << bit
    damaged = b"".join(p.encoded for p in [*keys, Packet(Tag.PROTECTED, bytes(changed))])
    with pytest.raises(OpeningRefused):
        open_limited(damaged, secret_key=bytes(reader), signers=[author.certificate])


@given(at=st.integers(0, 93), bit=st.integers(0, 7))
@settings(max_examples=60)
def test_a_damaged_session_key_never_becomes_another(at, bit):
    decoy = make_decoy()
    certificate = pysequoia.Tsk.from_bytes(bytes=decoy.secret_key).extract_certificate()
    body = split(pysequoia.encrypt(bytes=b"", recipients=[certificate], armor=False))[0].body
    key = decoy.session_key(body)
    assert len(key) == 32
    changed = bytearray(body)
    changed[at] ^= 1 << bit
    with contextlib.suppress(PacketError):
        # A few bits do not count: those of a bit count, the highest of a point.
        assert decoy.session_key(bytes(changed)) == key
    with pytest.raises(PacketError):
        decoy.session_key(body[:at])


def test_session_keys_prefixes_and_salts_are_fresh(reader, author):
    first, second = (sealed_by(author, reader, b"same") for _ in range(2))
    assert split(first)[-1].body != split(second)[-1].body
    key = bytes(32)
    assert protected(b"same", key) != protected(b"same", key)
    signed = [signed_content(b"same", author.secret, reporterkey.CREATED) for _ in range(2)]
    assert signed[0] != signed[1]


def test_a_key_of_another_form_seals_nothing(reader):
    """Never the library's clock in place of the date that was asked for."""
    other = bytes(pysequoia.Tsk.generate("x", profile=pysequoia.Profile.RFC9580))
    with pytest.raises(SealingFailed):
        seal(
            b"x",
            [bytes(reader.extract_certificate())],
            SigningKey(other),
            signed_at=reporterkey.CREATED,
        )
