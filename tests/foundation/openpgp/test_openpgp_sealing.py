from datetime import UTC, datetime, timedelta

import pysequoia
import pytest

from tcert.foundation.openpgp.certificates import CertificateRefused, Refusal, inspect
from tcert.foundation.openpgp.ingest import check_file
from tcert.foundation.openpgp.keywriting import write_key
from tcert.foundation.openpgp.opening import OpeningRefused, open_limited
from tcert.foundation.openpgp.packets import Tag, recipient_key_id, split
from tcert.foundation.openpgp.sealing import (
    SealingFailed,
    seal,
    seal_with_password,
    seal_with_secret,
)
from tcert.foundation.openpgp.signing import SigningKey

TEXT = "Grüße an alle\n".encode() * 50


def key(**options):
    return pysequoia.Tsk.generate("Team <team@example.org>", **options)


def public(secret):
    return bytes(secret.extract_certificate())


def version_6(suite="Cv25519"):
    return key(
        profile=pysequoia.Profile.RFC9580, cipher_suite=getattr(pysequoia.CipherSuite, suite)
    )


def test_gnupg_opens_what_the_hub_seals(gnupg):
    fingerprint = gnupg.generate("Reader <reader@example.org>")
    sealed = seal(TEXT, [gnupg.export(fingerprint)], SigningKey(bytes(key())))
    assert gnupg.decrypt(sealed) == TEXT
    seen = gnupg.packets(sealed)
    assert ":pubkey enc packet: version 3" in seen
    assert "mdc_method: 2" in seen
    assert "compressed packet" not in seen


@pytest.mark.parametrize("suite", ["Cv25519", "MLDSA65_Ed25519"])
def test_always_version_1_whatever_the_keys_announce(suite):
    modern, classic = version_6(suite), key()
    for recipients in ([modern], [classic], [modern, classic]):
        sealed = seal(TEXT, [public(recipient) for recipient in recipients])
        *keys, body = split(sealed)
        assert {packet.body[0] for packet in keys} == {3}
        assert len(keys) == len(recipients)
        assert (body.tag, body.body[0]) == (Tag.PROTECTED, 1)
        for recipient in recipients:
            assert open_limited(sealed, secret_key=bytes(recipient)).plaintext == TEXT


def test_the_decoy_is_not_among_the_recipients():
    reader = key()
    ids = {recipient_key_id(p.body) for p in split(seal(TEXT, [public(reader)]))[:-1]}
    assert ids == inspect(public(reader), datetime.now(UTC)).key_ids


def test_nothing_is_compressed():
    reader = [public(key())]
    text = b"a" * 100_000
    assert len(seal(text, reader)) > len(text)
    assert len(seal_with_password(text, "p" * 40)) > len(text)


def test_revoked_and_expired_keys_are_refused_though_the_library_would_seal():
    revoked = key()
    certificate = revoked.extract_certificate()
    dead = bytes(certificate) + bytes(certificate.revoke(certifier=revoked.certifier()))
    with pytest.raises(CertificateRefused) as caught:
        seal(TEXT, [public(key()), dead])
    assert caught.value.code == Refusal.REVOKED
    aged = write_key(
        user_id="x",
        created=datetime.now(UTC) - timedelta(days=9),
        lifetime=timedelta(days=8),
        for_encryption=True,
    )
    with pytest.raises(CertificateRefused) as caught:
        seal(TEXT, [public(pysequoia.Tsk.from_bytes(bytes=aged))])
    assert caught.value.code == Refusal.EXPIRED


def test_an_expired_subkey_beside_a_good_one_gets_nothing(gnupg):
    fingerprint = gnupg.generate("Two <two@example.org>")
    gnupg.run("--passphrase", "", "--quick-add-key", fingerprint, "cv25519", "encr", "2d")
    data = gnupg.export(fingerprint)
    assert len(split(seal(TEXT, [data]))) == 3
    sealed = seal(TEXT, [data], now=datetime.now(UTC) + timedelta(days=3))
    assert len(split(sealed)) == 2
    assert gnupg.decrypt(sealed) == TEXT


def test_nobody_is_not_a_recipient():
    with pytest.raises(SealingFailed):
        seal(TEXT, [])
    with pytest.raises(SealingFailed):
        seal_with_password(TEXT, "")


def test_gnupg_opens_a_password_file(gnupg):
    password = "correct-horse-battery-staple"
    sealed = seal_with_password(TEXT, password)
    assert [packet.tag for packet in split(sealed)] == [Tag.SKESK, Tag.PROTECTED]
    opened = gnupg.run(
        "--pinentry-mode", "loopback", "--passphrase", password, "--decrypt", data=sealed
    )
    assert opened == TEXT
    assert open_limited(sealed, password=password).plaintext == TEXT


@pytest.mark.parametrize("size", [0, 1, 190, 10_000, 3_000_000])
def test_gnupg_and_the_library_open_what_is_sealed_under_a_secret(gnupg, size):
    secret, plaintext = "0123456789abcdef" * 4, bytes(range(256)) * (size // 256 + 1)
    sealed = seal_with_secret(plaintext[:size], secret)
    assert check_file(sealed).data == sealed
    opened = gnupg.run(
        "--pinentry-mode", "loopback", "--passphrase", secret, "--decrypt", data=sealed
    )
    assert opened == plaintext[:size]
    assert open_limited(sealed, password=secret).plaintext == plaintext[:size]
    with pytest.raises(OpeningRefused):
        open_limited(sealed, password="f" * 64)
    damaged = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(OpeningRefused):
        open_limited(damaged, password=secret)


def test_what_a_person_could_have_chosen_is_no_secret():
    """Its derivation is quick: only chance of 100 bits and more may stand behind it."""
    with pytest.raises(SealingFailed):
        seal_with_secret(TEXT, "correct-horse-battery-staple")


def test_gnupg_takes_a_key_that_the_hub_writes(gnupg):
    secret = write_key(
        user_id="written",
        created=datetime.now(UTC),
        lifetime=timedelta(days=30),
        for_encryption=True,
    )
    gnupg.run("--import", data=secret)
    sealed = seal(TEXT, [public(pysequoia.Tsk.from_bytes(bytes=secret))], SigningKey(secret))
    assert gnupg.run("--decrypt", data=sealed) == TEXT
    assert (
        open_limited(
            gnupg.encrypt(TEXT, SigningKey(secret).fingerprint), secret_key=secret
        ).plaintext
        == TEXT
    )


def test_many_written_keys_are_all_good():
    for _number in range(40):
        secret = write_key(
            user_id="x", created=datetime.now(UTC), lifetime=None, for_encryption=True
        )
        parsed = pysequoia.Tsk.from_bytes(bytes=secret)
        sealed = pysequoia.encrypt(
            bytes=b"x", recipients=[parsed.extract_certificate()], armor=False
        )
        assert pysequoia.decrypt(bytes=sealed, decryptor=parsed.decryptor()).bytes == b"x"
        assert len(inspect(public(parsed), datetime.now(UTC)).usable_subkeys) == 1
