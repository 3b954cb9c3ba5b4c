"""What the hub asks of a passphrase, and how it keeps one."""

import pytest
from django.contrib.auth.hashers import get_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tcert.community.accounts.models import Person
from tcert.site import settings as hub


def test_passphrases_are_kept_by_a_slow_memory_hard_hash():
    assert hub.PASSWORD_HASHERS[0].endswith("ScryptPasswordHasher")


def test_the_present_hasher_can_still_read_its_own_hashes(settings):
    settings.PASSWORD_HASHERS = hub.PASSWORD_HASHERS
    kept = make_password("granite otter waltz 91")
    assert kept.startswith("scrypt$")
    assert get_hasher("default").verify("granite otter waltz 91", kept)


@pytest.mark.parametrize(
    "passphrase", ["elevenchars", "password1234", "adalovelace1815", "ada@tcert.example"]
)
def test_short_common_and_personal_ones_are_refused(passphrase):
    person = Person(name="Ada Lovelace 1815", email="ada@tcert.example")
    with pytest.raises(ValidationError):
        validate_password(passphrase, person)


@pytest.mark.parametrize("passphrase", ["four words and more", "пароль для работы", "x" * 256])
def test_long_ones_in_any_script_are_taken(passphrase):
    validate_password(passphrase, Person(name="Ada", email="ada@tcert.example"))
