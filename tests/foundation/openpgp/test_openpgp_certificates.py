from datetime import UTC, datetime, timedelta

import pysequoia
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcert.foundation.openpgp.certificates import (
    CertificateRefused,
    Refusal,
    describe,
    inspect,
)
from tcert.foundation.openpgp.keywriting import write_key
from tcert.foundation.openpgp.packets import Packet, Tag, armour, encode, split


def now():
    return datetime.now(UTC)


def made(user_id="Team <team@example.org>", **options):
    return pysequoia.Tsk.generate(user_id, **options)


def public(secret):
    return bytes(secret.extract_certificate())


def refusal(data, at=None):
    with pytest.raises(CertificateRefused) as caught:
        inspect(data, at or now())
    return caught.value.code


def test_what_gnupg_makes_is_read_as_gnupg_reads_it(gnupg):
    fingerprint = gnupg.generate("PSIRT <PSIRT@example.org>")
    data = gnupg.export(fingerprint)
    info = inspect(data, now())
    assert info.fingerprint == fingerprint
    assert info.user_ids == ("PSIRT <PSIRT@example.org>",)
    assert info.algorithm == "Ed25519"
    assert [subkey.algorithm for subkey in info.encryption_subkeys] == ["Cv25519"]
    assert [subkey.fingerprint for subkey in info.signing_subkeys] == [fingerprint]
    assert not info.remark
    assert timedelta(days=364) < info.expires - now() < timedelta(days=366)
    assert inspect(gnupg.run("--armor", "--export", fingerprint), now()) == info
    assert inspect(info.armoured, now()) == info


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suite", "algorithm"),
    [("Cv448", "Ed448"), ("P256", "NIST P-256"), ("P521", "NIST P-521"), ("RSA2k", "RSA 2048")],
)
def test_other_algorithms(suite, algorithm):
    info = inspect(public(made(cipher_suite=getattr(pysequoia.CipherSuite, suite))), now())
    assert info.algorithm == algorithm
    assert len(info.usable_subkeys) == 1


@pytest.mark.parametrize("suite", ["Cv25519", "MLDSA65_Ed25519", "MLDSA87_Ed448"])
def test_version_6_and_post_quantum_keys_come_with_a_remark(suite):
    key = made(
        profile=pysequoia.Profile.RFC9580, cipher_suite=getattr(pysequoia.CipherSuite, suite)
    )
    info = inspect(public(key), now())
    assert info.version == 6
    assert info.remark == "not usable in the browser yet"
    assert len(info.fingerprint) == 64
    assert len(info.usable_subkeys) == 1


@pytest.mark.parametrize("form", [bytes, str])
def test_a_secret_key_is_refused_and_its_owner_told(form):
    data = form(made())
    assert refusal(data) == Refusal.SECRET_KEY
    with pytest.raises(CertificateRefused) as caught:
        inspect(data, now())
    assert "considered lost" in str(caught.value.message)


def test_a_secret_subkey_behind_a_public_key_is_refused():
    secret = split(bytes(made()))
    hidden = next(packet for packet in secret if packet.tag == Tag.SECRET_SUBKEY)
    assert refusal(public(made()) + hidden.encoded) == Refusal.SECRET_KEY


def test_other_secret_files_are_recognised():
    assert refusal(b"-----BEGIN OPENSSH PRIVATE KEY-----\nabc") == Refusal.SECRET_KEY
    assert refusal(b"a" * 900_000 + str(made()).encode()) == Refusal.SECRET_KEY


def test_several_keys_are_refused_in_both_forms():
    first, second = made().extract_certificate(), made().extract_certificate()
    assert refusal(bytes(first) + bytes(second)) == Refusal.SEVERAL_KEYS
    assert refusal(str(first) + str(second)) == Refusal.SEVERAL_KEYS


@pytest.mark.parametrize("data", [b"", b"hello", "héllo", b"\xff" * 50, armour(b"abc", "MESSAGE")])
def test_junk_is_refused(data):
    assert refusal(data) == Refusal.NOT_A_KEY


def test_a_sealed_message_is_not_a_key():
    message = pysequoia.encrypt(bytes=b"x", passwords=["secret"], armor=False)
    assert refusal(message) == Refusal.NOT_A_KEY


def test_a_large_key_is_refused():
    filler = Packet(Tag.USER_ATTRIBUTE, b"x" * 128 * 1024)
    assert refusal(public(made()) + filler.encoded) == Refusal.TOO_LARGE
    assert refusal(b"x" * (3 * 128 * 1024)) == Refusal.TOO_LARGE


def test_too_many_user_ids_are_refused():
    key = pysequoia.Tsk.generate(user_ids=[f"name {number}" for number in range(21)])
    assert refusal(public(key)) == Refusal.TOO_MANY_USER_IDS


def test_a_revoked_key_is_refused():
    key = made()
    certificate = key.extract_certificate()
    revoked = bytes(certificate) + bytes(certificate.revoke(certifier=key.certifier()))
    assert refusal(revoked) == Refusal.REVOKED
    assert describe(revoked, now()).revoked


def test_somebody_elses_revocation_revokes_nothing():
    key, other = made(), made()
    foreign = bytes(other.extract_certificate().revoke(certifier=other.certifier()))
    assert not inspect(public(key) + foreign, now()).revoked


def test_an_expired_key_is_refused():
    data = write_key(user_id="x", created=now(), lifetime=timedelta(days=10), for_encryption=True)
    data = public(pysequoia.Tsk.from_bytes(bytes=data))
    assert inspect(data, now() + timedelta(days=9)).usable_subkeys
    assert refusal(data, now() + timedelta(days=11)) == Refusal.EXPIRED


def test_expired_and_revoked_subkeys_are_not_usable(gnupg):
    fingerprint = gnupg.generate("Rotating <rotating@example.org>")
    gnupg.run("--passphrase", "", "--quick-add-key", fingerprint, "cv25519", "encr", "2d")
    info = inspect(gnupg.export(fingerprint), now())
    assert len(info.usable_subkeys) == 2
    later = inspect(gnupg.export(fingerprint), now() + timedelta(days=3))
    assert len(later.encryption_subkeys) == 2
    assert len(later.usable_subkeys) == 1
    gnupg.run(
        "--command-fd", "0", "--pinentry-mode", "loopback", "--passphrase", "",
        "--edit-key", fingerprint,
        data=b"key 1\nrevkey\ny\n0\n\ny\nsave\n",
    )  # fmt: skip
    revoked = inspect(gnupg.export(fingerprint), now())
    assert [subkey.revoked for subkey in revoked.encryption_subkeys] == [True, False]
    assert len(revoked.usable_subkeys) == 1


def test_a_foreign_subkey_pasted_in_does_not_count():
    victim, attacker = made(), made("Mallory <mallory@example.org>")
    theirs = split(public(attacker))
    forged = public(victim) + b"".join(packet.encoded for packet in theirs[-2:])
    info = inspect(forged, now())
    assert info.key_ids == inspect(public(victim), now()).key_ids


def test_a_key_without_encryption_is_refused():
    data = write_key(user_id="x", created=now(), lifetime=None, for_encryption=False)
    data = public(pysequoia.Tsk.from_bytes(bytes=data))
    assert refusal(data) == Refusal.NO_ENCRYPTION_SUBKEY


def test_weak_keys_are_refused(gnupg):
    gnupg.run(
        "--passphrase", "", "--quick-gen-key", "Old <old@example.org>", "rsa1024", "cert,sign", "1y"
    )
    fingerprint = gnupg.fingerprints()[-1]
    gnupg.run("--passphrase", "", "--quick-add-key", fingerprint, "rsa1024", "encr", "1y")
    assert refusal(gnupg.export(fingerprint)) == Refusal.WEAK


def test_a_key_bound_by_sha1_is_refused(gnupg):
    gnupg.run(
        "--passphrase", "", "--cert-digest-algo", "SHA1", "--digest-algo", "SHA1",
        "--quick-gen-key", "Sha <sha@example.org>", "rsa2048", "default", "1y",
    )  # fmt: skip
    fingerprint = gnupg.fingerprints()[-1]
    gnupg.run(
        "--passphrase", "", "--cert-digest-algo", "SHA1",
        "--quick-add-key", fingerprint, "rsa2048", "encr", "1y",
    )  # fmt: skip
    assert refusal(gnupg.export(fingerprint)) == Refusal.WEAK


def test_a_version_3_key_is_refused():
    assert refusal(encode(Tag.PUBLIC_KEY, b"\x03" + b"\0" * 40)) == Refusal.WEAK


GOOD = public(made())
GOOD_PACKETS = split(GOOD)
FOREIGN_PACKETS = split(public(made("Mallory <mallory@example.org>")))


@pytest.mark.slow
@settings(max_examples=300)
@given(st.data())
def test_no_change_of_a_key_crashes_the_reader_or_brings_a_subkey_in(data):
    packets = list(GOOD_PACKETS)
    for _change in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(packets) - 1))
        match data.draw(st.integers(0, 3)):
            case 0 if packets[place].body:
                body = bytearray(packets[place].body)
                body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
                packets[place] = Packet(packets[place].tag, bytes(body))
            case 1:
                packets.insert(place, data.draw(st.sampled_from(FOREIGN_PACKETS)))
            case 2:
                packets = data.draw(st.permutations(packets))
            case _:
                size = data.draw(st.integers(0, len(packets[place].body)))
                packets[place] = Packet(packets[place].tag, packets[place].body[:size])
    at = now()
    try:
        info = inspect(b"".join(packet.encoded for packet in packets), at)
    except CertificateRefused:
        return
    if info.fingerprint == inspect(GOOD, at).fingerprint:
        assert info.key_ids <= inspect(GOOD, at).key_ids


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(data):
    with pytest.raises(CertificateRefused):
        describe(data, now())


def test_a_key_that_was_read_a_moment_ago_still_expires_to_the_second():
    """Reading is kept for a minute; what depends on the moment must not be."""
    created = datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC)
    ends = created + timedelta(days=8)
    secret = write_key(
        user_id="x", created=created, lifetime=timedelta(days=8), for_encryption=True
    )
    data = bytes(pysequoia.Tsk.from_bytes(bytes=secret).extract_certificate())
    before = describe(data, ends - timedelta(seconds=1))
    after = describe(data, ends)
    assert (ends.minute, ends.second) == (0, 1), "both moments lie in one minute"
    assert (len(before.usable_subkeys), len(after.usable_subkeys)) == (1, 0)
    assert describe(data, created - timedelta(seconds=1)).usable_subkeys == ()
