"""Hostile packets, made from real ones: refused, or stored as nothing but what was asked for."""

import os
import time
from datetime import UTC, datetime

import pysequoia
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import hostile

from tcert.foundation.openpgp import reporterkey
from tcert.foundation.openpgp.certificates import CertificateRefused, describe, inspect
from tcert.foundation.openpgp.ingest import IngestRefused, RecipientKey, check_file, check_post
from tcert.foundation.openpgp.packets import PacketError, Tag, armour, binary, split
from tcert.foundation.openpgp.sealing import seal, seal_with_password

MANY = 4000 if os.environ.get("CI") else 400
LONGEST = 2.0
"""So many seconds one input may take on a busy machine; most take a thousandth."""


def secret():
    return pysequoia.Tsk.generate("x <x@example.org>")


A, B = secret(), secret()
KEY_A, KEY_B = (bytes(one.extract_certificate()) for one in (A, B))
NOW = datetime.now(UTC)
READERS = [RecipientKey.of(inspect(key, NOW)) for key in (KEY_A, KEY_B)]
POST = seal(b"some text", [KEY_A, KEY_B])
LONG_POST = seal(b"x" * 20_000, [KEY_A, KEY_B])
FILE = seal_with_password(b"some file", "passphrase")
SIGNED = pysequoia.sign(signer=A.signer(), bytes=hostile.MARK.encode(), armor=False)
NEWER = pysequoia.encrypt(
    bytes=b"x", recipients=[pysequoia.Cert.from_bytes(bytes=KEY_A)], armor=False
)
REPORTERS = reporterkey.create()
EVERYTHING = [POST, LONG_POST, FILE, SIGNED, NEWER, KEY_A, KEY_B, bytes(A), REPORTERS.certificate]
KNOWN = {
    inspect(key, NOW).fingerprint: inspect(key, NOW).key_ids
    for key in (KEY_A, KEY_B, REPORTERS.certificate)
}
randoms = st.randoms(use_true_random=False)


def taken(check, refused, data):
    """What a check makes of bytes, or None; it may neither raise anything else nor take long."""
    began = time.perf_counter()
    try:
        return check(data)
    except refused:
        return None
    finally:
        assert time.perf_counter() - began < LONGEST


@pytest.mark.slow
@settings(max_examples=MANY)
@given(randoms, st.sampled_from([POST, LONG_POST]))
def test_what_is_taken_as_a_post_is_sealed_to_its_readers_and_nothing_else(random, real):
    data = hostile.mutate(random, real, EVERYTHING)
    checked = taken(lambda d: check_post(d, READERS), IngestRefused, data)
    if checked is None:
        return
    stored = [*(split(packet) for _owner, packet in checked.key_packets), split(checked.body)]
    assert [[p.tag for p in packets] for packets in stored] == [[Tag.PKESK]] * (len(stored) - 1) + [
        [Tag.PROTECTED]
    ]
    assert {owner for owner, _packet in checked.key_packets} == {r.fingerprint for r in READERS}


@settings(max_examples=MANY)
@given(randoms)
def test_what_is_taken_as_a_file_is_sealed_under_a_passphrase_and_nothing_else(random):
    data = hostile.mutate(random, FILE, EVERYTHING)
    checked = taken(check_file, IngestRefused, data)
    if checked is None:
        return
    assert checked.data == data
    assert [p.tag for p in split(data) if p.tag != Tag.MARKER] == [Tag.SKESK, Tag.PROTECTED]


@settings(max_examples=MANY)
@given(randoms, st.sampled_from([KEY_A, REPORTERS.certificate]))
def test_what_is_taken_as_a_key_holds_no_secret_and_no_part_that_it_did_not_have(random, real):
    data = hostile.mutate(random, real, EVERYTHING)
    shown = taken(lambda d: describe(d, NOW), CertificateRefused, data)
    if shown is None:
        return
    tags = {packet.tag for packet in split(shown.certificate)}
    assert not tags & {Tag.SECRET_KEY, Tag.SECRET_SUBKEY}
    # Nothing signs for a key that nobody has.
    assert shown.key_ids <= KNOWN.get(shown.fingerprint, frozenset())


@pytest.mark.parametrize(
    "data",
    [
        b"\xcb\xff\xff\xff\xff\xff",
        b"\xd2" + b"\xe0" * 100_000,
        b"\xd2" + b"\xfe" * 200_000,
        b"\xca\x03PGP" * 200_000,
        b"\xc1\x00" * 500_000,
        b"-----BEGIN PGP MESSAGE-----\n" + b"A: b\n" * 200_000,
        b"-----BEGIN PGP MESSAGE-----\n\n" + b"=AAAA\n" * 200_000,
        b"-----BEGIN PGP MESSAGE-----\n\n" + b" \n" * 300_000 + b"-----END PGP MESSAGE-----",
        b"-----BEGIN PGP MESSAGE-----\n\n" + b"=AAAA\n" * 200_000 + b"-----END PGP MESSAGE-----",
        b"-----BEGIN PGP " * 50_000,
    ],
    ids=lambda data: repr(data[:34]),
)
def test_what_is_long_for_nothing_is_refused_at_once(data):
    for check, refused in (
        (lambda d: check_post(d, READERS), IngestRefused),
        (check_file, IngestRefused),
        (lambda d: describe(d[: 250 * 1024], NOW), CertificateRefused),
    ):
        assert taken(check, refused, data) is None


@given(st.binary(min_size=1, max_size=4000), st.sampled_from(["MESSAGE", "PUBLIC KEY BLOCK"]))
def test_armour_gives_back_what_it_got(data, kind):
    assert binary(armour(data, kind).encode(), kind) == data


@given(randoms)
def test_damaged_armour_is_refused_or_read_as_some_bytes(random):
    text = bytearray(armour(POST, "MESSAGE").encode())
    for _change in range(random.randint(1, 5)):
        text[random.randrange(len(text))] = random.randrange(256)
    try:
        assert isinstance(binary(bytes(text), "MESSAGE"), bytes)
    except PacketError:
        return
