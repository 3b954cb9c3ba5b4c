"""PLMN identities keep their digits and refuse what only looks like them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.identifiers import plmn


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("208-01", "208-01"),
        ("20801", "208-01"),
        (" 310 410 ", "310-410"),
        ("310/410", "310-410"),
        ("001-01", "001-01"),
    ],
)
def test_written_forms_have_one_canonical_form(text, canonical):
    assert plmn.parse(text) == canonical


@pytest.mark.parametrize("text", ["", "208", "2080", "208-0", "208-0123", "٣١٠-٤١٠", "208‑01", "a"])
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(plmn.PlmnRefused, match="310-410"):
        plmn.parse(text)


@given(st.from_regex(r"[0-9]{3}-[0-9]{2,3}", fullmatch=True))
def test_the_canonical_form_is_its_own_canonical_form(text):
    assert plmn.parse(text) == text


@given(st.text())
def test_no_text_makes_it_stumble(text):
    with contextlib.suppress(plmn.PlmnRefused):
        assert plmn.parse(text).isascii()


def test_networks_for_tests_and_private_use_are_known():
    assert plmn.is_test("001-01")
    assert plmn.is_test("999-70")
    assert not plmn.is_test("208-01")
