"""Products compare whole and in one spelling."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.identifiers import products
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import parse


@pytest.mark.parametrize(
    "text",
    [
        "Open5GS|Open5GS|2.7.5",
        "  open5gs |  OPEN5GS | 2.7.5 ",
        "Ｏｐｅｎ５ＧＳ|open5gs|2.7.5".replace("５", "5"),
    ],
)
def test_case_width_and_spacing_make_no_difference(text):
    assert parse(Kind.PRODUCT, text).canonical == "open5gs|open5gs|2.7.5"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "STRASSE"), ("Cafe\u0301", "CAFÉ"), ("ﬁber", "Fiber"), ("a  b", "A B")],
)
def test_one_name_has_one_spelling(one, other):
    assert products.one_spelling(one) == products.one_spelling(other)


def test_other_names_stay_other_names():
    """Names never match by fragment."""
    whole = parse(Kind.PRODUCT, "Nokia|AirScale|1")
    assert whole != parse(Kind.PRODUCT, "Nokia|AirScale 5G|1")
    assert whole != parse(Kind.PRODUCT, "Nokia|AirScale|")
    assert products.triple("Nokia", "AirScale", "").parts["version"] == ""
    assert len(products.triple("Nokia", "A" * 160, "").parts["product"]) == 160


@pytest.mark.parametrize(
    "text",
    [
        "Open5GS",
        "Open5GS|Open5GS",
        "a|b|c|d",
        "|b|c",
        "a||c",
        " | |1",
        "a|b|٣",
        "a|b\u202e|1",
        "a|b\x00|1",
        "a" * 161 + "|b|1",
        "a|b｜c|1",  # a full-width separator would come back as one
    ],
)
def test_what_is_no_product_is_refused(text):
    with pytest.raises(IdentifierRefused, match="vendor"):
        parse(Kind.PRODUCT, text)


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_one_spelling_is_its_own(vendor, name, version):
    with contextlib.suppress(IdentifierRefused):
        found = products.triple(vendor, name, version)
        assert parse(Kind.PRODUCT, found.canonical) == found


@pytest.mark.parametrize(
    ("text", "canonical"), [("AMF", "amf"), ("gNB-CU", "gnb-cu"), ("SM-DP+", "sm-dp+")]
)
def test_a_function_is_its_abbreviation(text, canonical):
    assert parse(Kind.FUNCTION, text).canonical == canonical


@pytest.mark.parametrize("text", ["", "A M F", "-amf", "a" * 16, "ämf"])
def test_what_is_no_function_is_refused(text):
    with pytest.raises(IdentifierRefused, match="AMF"):
        parse(Kind.FUNCTION, text)
