import hashlib
from datetime import UTC, datetime

import pysequoia
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcert.foundation.openpgp.certificates import inspect
from tcert.foundation.openpgp.ingest import (
    IngestReason,
    IngestRefused,
    RecipientKey,
    check_file,
    check_post,
)
from tcert.foundation.openpgp.packets import Packet, Tag, armour, encode, split
from tcert.foundation.openpgp.sealing import seal, seal_with_password


def key():
    return bytes(pysequoia.Tsk.generate("x <x@example.org>").extract_certificate())


A, B, C = key(), key(), key()


def recipient(certificate):
    return RecipientKey.of(inspect(certificate, datetime.now(UTC)))


TO_A_AND_B = [recipient(A), recipient(B)]
SEALED = seal(b"some text", [A, B])
*KEYS, BODY = split(SEALED)
FILE = seal_with_password(b"some file", "passphrase")


def reason(data, recipients=None):
    with pytest.raises(IngestRefused) as caught:
        check_post(data, TO_A_AND_B if recipients is None else recipients)
    return caught.value.code


def join(*packets):
    return b"".join(packet.encoded for packet in packets)


def in_parts(packet):
    """The same packet, divided as a stream would be."""
    head, rest = packet.body[:512].ljust(512, b"\0"), packet.body[512:]
    return bytes([0xC0 | packet.tag, 224 + 9]) + head + encode(packet.tag, rest)[1:]


def test_a_post_comes_apart_and_goes_together_again():
    checked = check_post(SEALED, TO_A_AND_B)
    assert {fingerprint for fingerprint, _packet in checked.key_packets} == {
        recipient(A).fingerprint,
        recipient(B).fingerprint,
    }
    assert b"".join(p for _f, p in checked.key_packets) + checked.body == SEALED
    assert checked.sha256 == hashlib.sha256(checked.body).hexdigest()
    assert check_post(armour(SEALED, "MESSAGE").encode(), TO_A_AND_B) == checked


def test_a_body_has_one_hash_however_it_was_divided():
    sealed = seal(b"x" * 2000, [A])
    first, body = split(sealed)
    divided = first.encoded + in_parts(body)
    assert divided != sealed
    once, again = check_post(sealed, [recipient(A)]), check_post(divided, [recipient(A)])
    assert once.sha256 == again.sha256
    assert once.body == again.body


def test_what_gnupg_seals_is_taken(gnupg):
    first, second = gnupg.generate("One <one@example.org>"), gnupg.generate("Two <two@example.org>")
    recipients = [recipient(gnupg.export(first)), recipient(gnupg.export(second))]
    for size in (10, 100_000):
        sealed = gnupg.encrypt(b"x" * size, first, second)
        checked = check_post(sealed, recipients)
        for fingerprint, packet in checked.key_packets:
            assert fingerprint in {first, second}
            assert gnupg.decrypt(packet + checked.body) == b"x" * size
    hidden = gnupg.run("--trust-model", "always", "--compress-algo", "none", "-R", first, "-r",
                       second, "-e", data=b"x")  # fmt: skip
    assert reason(hidden, recipients) == IngestReason.HIDDEN_RECIPIENT


def test_missing_and_foreign_recipients():
    assert reason(seal(b"x", [A])) == IngestReason.MISSING_RECIPIENT
    assert reason(seal(b"x", [A, B, C])) == IngestReason.FOREIGN_RECIPIENT
    assert reason(SEALED, []) == IngestReason.FOREIGN_RECIPIENT


def test_clear_text_in_any_dress_is_refused():
    literal = Packet(Tag.LITERAL, b"b\0\0\0\0\0hello")
    compressed = Packet(Tag.COMPRESSED, b"\0" + literal.encoded)
    for data in (
        b"",
        b"hello",
        b"-----BEGIN PGP MESSAGE-----\n\nhello there, not base64!\n-----END PGP MESSAGE-----",
        literal.encoded,
        compressed.encoded,
        join(*KEYS),
        join(BODY),
        join(*KEYS, literal),
        join(*KEYS, compressed),
        join(*KEYS, BODY, literal),
        join(literal, *KEYS, BODY),
        join(KEYS[0], literal, KEYS[1], BODY),
        join(*KEYS, BODY, BODY),
        join(*KEYS, Packet(Tag.PROTECTED, b"\x01hello")),
        join(*KEYS, Packet(Tag.ENCRYPTED, BODY.body)),
        SEALED + b"hello",
        SEALED[:-1],
        FILE,
    ):
        assert reason(data) == IngestReason.NOT_SEALED, data[:40]


def test_formats_that_somebody_cannot_open_are_refused():
    newer = pysequoia.encrypt(
        bytes=b"x", recipients=[pysequoia.Cert.from_bytes(bytes=k) for k in (A, B)], armor=False
    )
    assert reason(newer) == IngestReason.WRONG_FORMAT
    second = Packet(Tag.PROTECTED, b"\x02" + BODY.body[1:])
    assert reason(join(*KEYS, second)) == IngestReason.WRONG_FORMAT


def test_a_hidden_or_repeated_recipient_is_refused():
    hidden = Packet(Tag.PKESK, b"\x03" + b"\0" * 8 + KEYS[0].body[9:])
    assert reason(join(*KEYS, hidden, BODY)) == IngestReason.HIDDEN_RECIPIENT
    assert reason(join(KEYS[0], *KEYS, BODY)) == IngestReason.WRONG_FORMAT


def test_a_password_beside_the_keys_is_refused():
    skesk = split(FILE)[0]
    assert reason(join(skesk, *KEYS, BODY)) == IngestReason.NOT_SEALED


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_check(data):
    with pytest.raises(IngestRefused):
        check_post(data, TO_A_AND_B)
    with pytest.raises(IngestRefused):
        check_file(data)


@settings(max_examples=300)
@given(st.data())
def test_a_changed_byte_never_brings_clear_packets_in(data):
    at = data.draw(st.integers(0, len(SEALED) - 1))
    changed = SEALED[:at] + bytes([data.draw(st.integers(0, 255))]) + SEALED[at + 1 :]
    try:
        checked = check_post(changed, TO_A_AND_B)
    except IngestRefused:
        return
    stored = b"".join(packet for _f, packet in checked.key_packets) + checked.body
    assert [packet.tag for packet in split(stored)] == [1, 1, 18]


def test_a_file_is_kept_byte_for_byte():
    checked = check_file(FILE)
    assert checked.data == FILE
    assert checked.sha256 == hashlib.sha256(FILE).hexdigest()


def test_what_is_not_a_password_file_is_refused():
    skesk, body = split(FILE)
    for data in (
        SEALED,
        b"GIF89a",
        armour(FILE, "MESSAGE").encode(),
        join(skesk),
        join(body),
        join(skesk, skesk, body),
        join(KEYS[0], skesk, body),
        join(skesk, body, Packet(Tag.LITERAL, b"b\0\0\0\0\0hello")),
        join(skesk, Packet(Tag.PROTECTED, b"\x01")),
    ):
        with pytest.raises(IngestRefused):
            check_file(data)
