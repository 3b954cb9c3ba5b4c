"""The gate in front of every reader: quick, and silent about what it refuses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import (
    LONGEST,
    IdentifierRefused,
    admitted,
    admitted_name,
)
from tcert.foundation.identifiers.registry import guess, parse

HOSTILE = {
    "nothing": "",
    "blanks": " \t\n",
    "NUL": "208-01\x00",
    "a line within": "208\n01",
    "delete": "208-01\x7f",
    "right-to-left override": "\u202e10-802",
    "right-to-left mark": "208-01\u200f",
    "isolate": "\u2066208-01\u2069",
    "joiner": "208\u200d-01",
    "byte order mark": "\ufeff208-01",
    "surrogate": "208-01\ud800",
    "no-break space": "208\u00a001",
    "unit separator before": "\x1f208-01",
    "Arabic-Indic digits": "٣١٠٤١٠",
    "Devanagari digits": "+३१०४१०१२३४५",
    "full-width digits": "３１０４１０",
    "superscript digits": "²⁰⁸⁰¹",
    "5,000 digits": "1" * 5_000,
    "a million digits": "+" + "4" * 1_000_000,
    "5,000 labels": "a." * 5_000 + "example",
    "5,000 colons": "cpe:2.3:" + "a:" * 5_000,
    "5,000 escapes": "pkg:npm/" + "%41" * 5_000,
    "5,000 groups": "1" + "-1" * 5_000,
    "5,000 at signs": "@" * 5_000 + "example.net",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_kind_refuses_what_is_hostile(text):
    for kind in Kind:
        with pytest.raises(IdentifierRefused):
            parse(kind, text)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_is_guessed_from_what_is_hostile(text):
    assert guess(text) == ()


@pytest.mark.parametrize("gate", [admitted, admitted_name])
def test_the_longest_text_is_taken_and_one_character_more_is_not(gate):
    assert LONGEST == 512
    assert gate("a" * LONGEST, "wanted") == "a" * LONGEST
    with pytest.raises(IdentifierRefused, match="wanted"):
        gate("a" * LONGEST + " ", "wanted")


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\n",
        "\x7f",
        "\u202e",
        "\u200d",
        "\ue000",
        "\ud800",
        "\u0378",
        "\u2028",
        "\u2029",
        "٣",
    ],
)
def test_no_name_hides_a_character(character):
    for gate in (admitted, admitted_name):
        with pytest.raises(IdentifierRefused, match="wanted"):
            gate(f"a{character}b", "wanted")


def test_only_blanks_are_taken_from_the_ends():
    for gate in (admitted, admitted_name):
        assert gate("\t\r\n -Qx.Q-  \n", "wanted") == "-Qx.Q-"


def test_names_may_be_of_any_script_and_digits_may_not():
    assert admitted_name(" Büro Ω ", "wanted") == "Büro Ω"
    with pytest.raises(IdentifierRefused):
        admitted_name("Büro ٣", "wanted")
    with pytest.raises(IdentifierRefused):
        admitted("Büro", "wanted")


@pytest.mark.parametrize("kind", Kind)
@settings(max_examples=10)
@given(text=st.text("0189.-@:/", max_size=12).map("qj7x!".__add__))
def test_a_refusal_never_repeats_the_text(kind, text):
    """The text may be a subscriber's number, and refusals are shown and logged."""
    with pytest.raises(IdentifierRefused) as refusal:
        parse(kind, text)
    assert text not in str(refusal.value)
    assert str(refusal.value).endswith(".")
