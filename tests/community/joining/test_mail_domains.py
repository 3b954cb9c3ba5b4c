"""To whom a mail address belongs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.community.joining.mail_domains import FREE, belongs, domain_of, is_free

LABEL = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)


@pytest.mark.parametrize(
    ("domain", "free"),
    [
        ("gmail.com", True),
        ("GMail.com.", True),
        ("mail.gmail.com", True),
        ("yahoo.co.uk", True),
        ("outlook.de", True),
        ("notgmail.com", False),
        ("gmail.com.operator.example", False),
        ("live.operator.co.example", False),
        ("operator.example", False),
        ("yahoo", False),
        ("", False),
    ],
)
def test_a_provider_that_serves_everybody_is_known(domain, free):
    assert is_free(domain) is free


@pytest.mark.parametrize(
    ("address", "domain", "is_there"),
    [
        ("a@operator.example", "operator.example", True),
        ("a@MAIL.operator.example.", "operator.example", True),
        ("a@evil-operator.example", "operator.example", False),
        ("operator.example@evil.example", "operator.example", False),
        ("a@operator.example", "", False),
    ],
)
def test_an_address_belongs_to_its_domain_and_those_above(address, domain, is_there):
    assert belongs(address, domain) is is_there


@given(LABEL, LABEL, LABEL)
def test_the_domain_is_what_follows_the_last_at_sign(user, first, last):
    domain = f"{first}.{last}"
    assert domain_of(f" {user}@{domain.upper()}. ") == domain
    assert belongs(f"{user}@{domain}", domain)


def test_the_list_is_in_small_letters():
    assert {one.lower() for one in FREE} == FREE
