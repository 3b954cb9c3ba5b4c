"""What the hub asks of a passphrase, and how it keeps one."""

import pytest
from django.contrib.auth.hashers import (
    ScryptPasswordHasher,
    check_password,
    get_hasher,
    make_password,
)
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.accounts.models import Person
from tcert.community.accounts.passphrases import pieces
from tcert.site import settings as hub


def test_passphrases_are_kept_by_a_slow_memory_hard_hash():
    assert hub.PASSWORD_HASHERS[0].endswith("ScryptPasswordHasher")


def test_the_present_hasher_can_still_read_its_own_hashes(settings):
    settings.PASSWORD_HASHERS = hub.PASSWORD_HASHERS
    kept = make_password("granite otter waltz 91")
    assert kept.startswith("scrypt$")
    assert get_hasher("default").verify("granite otter waltz 91", kept)


def test_a_try_costs_what_asvs_asks_and_older_hashes_are_renewed(settings):
    """ASVS 5, appendix C: with three lanes or more at least 2^15 steps of 1 KiB."""
    settings.PASSWORD_HASHERS = hub.PASSWORD_HASHERS
    kept = make_password("granite otter waltz 91")
    _algorithm, steps, _salt, block, lanes, _hash = kept.split("$")
    assert (int(steps), int(block), int(lanes)) == (32_768, 8, 3)
    older = ScryptPasswordHasher().encode("granite otter waltz 91", "salt")
    renewed = []
    assert check_password("granite otter waltz 91", older, setter=renewed.append)
    assert renewed == ["granite otter waltz 91"]


@pytest.mark.parametrize(
    "passphrase",
    [
        "elevenchars",
        "password1234",
        "adalovelace1815",
        "ada@tcert.example",
        "QwertyQwerty2026",
        "tcert-hub-2026!",
        "Telecom Security 1",
        "Lovelace/monkey/77",
        "localhost-localhost",
        "123456789-987654321",
    ],
)
def test_short_common_and_personal_ones_are_refused(passphrase):
    person = Person(name="Ada Lovelace 1815", email="ada@tcert.example")
    with pytest.raises(ValidationError):
        validate_password(passphrase, person)


@pytest.mark.parametrize(
    "passphrase",
    [
        "four words and more",
        "пароль для работы",
        "x" * 256,
        "red dog cat sun",
        "q7w-hub-9xkd-tcert",
    ],
)
def test_long_ones_in_any_script_are_taken(passphrase):
    validate_password(passphrase, Person(name="Ada", email="ada@tcert.example"))


@given(st.text(max_size=60))
def test_taking_apart_never_fails_and_knowing_more_words_never_helps(passphrase):
    without = pieces(passphrase, set())
    assert 0 <= pieces(passphrase, {"hub", "tcert", "ab"}) <= without <= len(passphrase.casefold())


def test_a_piece_is_a_word_a_number_or_one_character():
    known = {"hub", "tcert"}
    assert pieces("tcert-hub-2026!", known) == 3
    assert pieces("TCERThub", known) == 2
    assert pieces("hubs", known) == 2
    assert pieces("", known) == 0
