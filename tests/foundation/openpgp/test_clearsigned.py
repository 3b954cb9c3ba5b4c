"""Signatures over a text: what fits, and what is never opened to find out that it does not."""

import pytest
from tests.factories.sealed import make_party
from tests.gnupg import gnupg_home

from tcert.foundation.openpgp.clearsigned import verify_text
from tcert.foundation.openpgp.signing import SignatureRefused

TEXT = "One line\n- another\nthe last\n"


def test_gnupg_signs_in_clear_or_beside():
    with gnupg_home() as gpg:
        fingerprint = gpg.generate("Team <cert@team.example>")
        key = gpg.export(fingerprint)
        clear = gpg.run("--clearsign", data=TEXT.encode()).decode()
        beside = gpg.run("--armor", "--detach-sign", data=TEXT.encode()).decode()
    for signature in (clear, beside, clear.replace("\n", "\r\n")):
        verify_text(TEXT, signature, key)
        with pytest.raises(SignatureRefused):
            verify_text(TEXT + "more\n", signature, key)
    with pytest.raises(SignatureRefused):
        verify_text(TEXT.replace("last", "least"), clear.replace("last", "least"), key)
    with pytest.raises(SignatureRefused):
        verify_text(TEXT, clear, make_party().certificate)


def test_a_packed_message_is_not_unpacked():
    """Packed twice, a kilobyte of it becomes hundreds of megabytes before it is checked.

    So one that would be in order is refused as well: only text in clear has its form.
    """
    with gnupg_home() as gpg:
        key = gpg.export(gpg.generate("Team <cert@team.example>"))
        marker = ("--comment", "-----BEGIN PGP SIGNED MESSAGE-----")
        packed = gpg.run(
            "--armor", "--compress-algo", "zlib", *marker, "--sign", data=TEXT.encode()
        )
    assert b"BEGIN PGP SIGNED MESSAGE" in packed
    with pytest.raises(SignatureRefused):
        verify_text(TEXT, packed.decode(), key)
