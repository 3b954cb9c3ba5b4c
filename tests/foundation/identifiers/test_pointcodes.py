"""A point code is read in its own network, and never without it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.identifiers import pointcodes
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import parse


@pytest.mark.parametrize(
    ("text", "canonical", "number", "sanc"),
    [
        ("2-000-0", "2-000-0", "4096", "2-000"),
        ("2-0-0", "2-000-0", "4096", "2-000"),
        ("7-255-7", "7-255-7", "16383", "7-255"),
        ("4-198-5", "4-198-5", "9781", "4-198"),
        ("0-000-0", "0-000-0", "0", "0-000"),
    ],
)
def test_an_international_code_has_three_fields_of_3_8_and_3_bits(text, canonical, number, sanc):
    found = parse(Kind.POINT_CODE_INTERNATIONAL, text)
    assert found.canonical == canonical
    assert found.parts == {"number": number, "sanc": sanc}
    assert found.geographic


@pytest.mark.parametrize("text", ["8-000-0", "2-256-0", "2-000-8", "4096", "2-000", "2-000-0-0"])
def test_what_does_not_fit_14_bits_is_refused(text):
    with pytest.raises(IdentifierRefused, match="2-000-0"):
        parse(Kind.POINT_CODE_INTERNATIONAL, text)


def test_an_ansi_code_has_three_octets():
    found = parse(Kind.POINT_CODE_ANSI, "246-001-255")
    assert found.canonical == "246-1-255"
    assert found.parts == {"number": "16122367", "network": "246", "cluster": "1"}
    assert not found.geographic
    for text in ("256-1-1", "1-256-1", "1-1-256", "1-1", "1-1-1-1"):
        with pytest.raises(IdentifierRefused, match="246-1-5"):
            parse(Kind.POINT_CODE_ANSI, text)


@pytest.mark.parametrize("text", ["DE/2/1234", "de 2 1234", "DE:2:1234", "DE/2/0-154-2"])
def test_a_national_code_has_country_and_indicator(text):
    found = parse(Kind.POINT_CODE_NATIONAL, text)
    assert found.canonical == "DE/2/1234"
    assert found.parts == {"number": "1234", "country": "DE", "indicator": "2"}


def test_the_same_number_is_another_node_in_another_country_or_network():
    codes = {parse(Kind.POINT_CODE_NATIONAL, t) for t in ("DE/2/7", "FR/2/7", "DE/3/7")}
    assert len(codes) == 3


@pytest.mark.parametrize(
    "text",
    [
        "1234",
        "0-154-2",
        "2/1234",  # no country
        "DE/1234",  # no network indicator
        "DE/0/1234",  # the international network
        "DE/1/1234",  # spare
        "DE/4/1234",
        "DE/2/16384",
        "DE/2/0-256-2",
        "D/2/1234",
        "DE/2/",
    ],
)
def test_a_national_code_without_country_and_indicator_is_refused(text):
    with pytest.raises(IdentifierRefused, match="DE/2/1234"):
        parse(Kind.POINT_CODE_NATIONAL, text)


@pytest.mark.parametrize("country", ["US", "CN", "JP"])
def test_a_country_with_codes_of_other_width_is_refused(country):
    with pytest.raises(IdentifierRefused, match="bits"):
        parse(Kind.POINT_CODE_NATIONAL, f"{country}/2/1234")


def test_what_signalling_carries_becomes_the_same_identifier():
    international = pointcodes.from_number(4096, 0, "DE")
    assert international == parse(Kind.POINT_CODE_INTERNATIONAL, "2-000-0")
    assert pointcodes.from_number(16383, 2, "de").canonical == "DE/2/16383"


@pytest.mark.parametrize(
    ("number", "indicator", "country"),
    [
        (1234, None, "DE"),
        (1234, 1, "DE"),
        (1234, 2, ""),
        (1234, 2, "D"),
        (1234, 2, "DEU"),
        (-1, 0, ""),
        (16384, 0, ""),
        (16384, 2, "DE"),
    ],
)
def test_a_number_without_its_network_is_refused(number, indicator, country):
    with pytest.raises(IdentifierRefused):
        pointcodes.from_number(number, indicator, country)


@given(st.integers(0, pointcodes.HIGHEST))
def test_every_number_of_14_bits_is_read_back(number):
    found = pointcodes.from_number(number, 0)
    again = parse(Kind.POINT_CODE_INTERNATIONAL, found.canonical)
    assert again == found
    assert again.parts["number"] == str(number)
