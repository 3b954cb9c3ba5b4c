"""PLMN identities keep their digits and refuse what only looks like them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.identifiers import plmn
from tcert.foundation.identifiers.refusals import IdentifierRefused

PLMNS = st.from_regex(r"[0-9]{3}-[0-9]{2,3}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("208-01", "208-01"),
        ("20801", "208-01"),
        (" 310 410 ", "310-410"),
        ("310/410", "310-410"),
        ("001-01", "001-01"),
        ("234-03\n", "234-03"),
    ],
)
def test_written_forms_have_one_canonical_form(text, canonical):
    assert plmn.parse(text) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "208",
        "2080",
        "208-0",
        "208-0123",
        "٣١٠-٤١٠",
        "208‑01",
        "a",
        "208--01",
        "208\n01",
        "²08-01",
    ],
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(plmn.PlmnRefused, match="310-410"):
        plmn.parse(text)


@given(PLMNS)
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
    assert not plmn.is_test("901-31")


@pytest.mark.parametrize(
    ("text", "use", "geographic"),
    [
        ("208-01", plmn.Use.NATIONAL, True),
        ("750-001", plmn.Use.NATIONAL, True),
        ("901-31", plmn.Use.SHARED, False),
        ("999-70", plmn.Use.PRIVATE, False),
        ("001-01", plmn.Use.TEST, False),
        ("100-01", plmn.Use.OTHER, False),
        ("800-01", plmn.Use.OTHER, False),
        ("902-01", plmn.Use.OTHER, False),
    ],
)
def test_only_codes_of_a_country_ask_for_the_national_step(text, use, geographic):
    found = plmn.read(text)
    assert found.parts == {"plmn": text, "mcc": text[:3], "mnc": text[4:], "use": use}
    assert found.geographic is geographic


@pytest.mark.parametrize(
    ("octets", "canonical"),
    [("130014", "310-410"), ("42f470", "244-07"), ("02f810", "208-01"), ("54f0ff", None)],
)
def test_octets_of_the_wire_are_read_half_by_half(octets, canonical):
    if canonical is None:
        with pytest.raises(IdentifierRefused, match="13 00 14"):
            plmn.from_wire(bytes.fromhex(octets))
    else:
        assert plmn.from_wire(bytes.fromhex(octets)) == canonical
        assert plmn.to_wire(canonical) == bytes.fromhex(octets)


@pytest.mark.parametrize("half", range(6))
@pytest.mark.parametrize("value", "abcdef")
def test_a_half_octet_that_is_no_digit_is_refused(half, value):
    """F stands for a missing third digit of the MNC, and for nothing else."""
    octets = bytes.fromhex("130014"[:half] + value + "130014"[half + 1 :])
    if (half, value) == (2, "f"):
        assert plmn.from_wire(octets) == "310-41"
    else:
        with pytest.raises(IdentifierRefused):
            plmn.from_wire(octets)


@given(PLMNS)
def test_what_is_written_to_the_wire_is_read_back(text):
    assert plmn.from_wire(plmn.to_wire(text)) == text


@given(st.binary(max_size=4))
def test_octets_are_read_whole_or_refused(octets):
    try:
        assert plmn.to_wire(plmn.from_wire(octets)) == octets
    except IdentifierRefused:
        nibbles = octets.hex()
        filler = nibbles[2:3] == "f"
        others = nibbles[:2] + nibbles[3:] if filler else nibbles
        assert len(octets) != 3 or not others.isdecimal()


@pytest.mark.parametrize(
    ("padded", "operational", "expected"),
    [
        ("mnc005.mcc405", set(), [("405-05", False), ("405-005", False)]),
        ("mnc000.mcc350", set(), [("350-00", False), ("350-000", False)]),
        ("mnc015.mcc234", {"234-15"}, [("234-15", True), ("234-015", False)]),
        ("mnc015.mcc234", {"234-015"}, [("234-015", True), ("234-15", False)]),
        ("mnc015.mcc234", {"234-15", "234-015"}, [("234-15", True), ("234-015", True)]),
        ("MNC410.MCC310", set(), [("310-410", False)]),
    ],
)
def test_a_padded_name_has_both_readings_and_the_one_in_use_first(padded, operational, expected):
    found = plmn.from_padded(padded, operational)
    assert [(c.plmn, c.operational) for c in found] == expected


@pytest.mark.parametrize(
    "text", ["mnc15.mcc234", "mnc0015.mcc234", "mnc015.mcc23", "mnc٠١٥.mcc234", "mcc234.mnc015", ""]
)
def test_other_paddings_are_refused(text):
    with pytest.raises(IdentifierRefused, match=r"mnc015\.mcc234"):
        plmn.from_padded(text)


@pytest.mark.parametrize(
    ("imsi", "operational", "expected"),
    [
        ("310410123456789", {"310-410"}, [("310-410", True), ("310-41", False)]),
        ("405034001111111", {"405-03"}, [("405-03", True), ("405-034", False)]),
        ("405034001111111", {"405-034"}, [("405-034", True), ("405-03", False)]),
        ("405034001111111", {"405-03", "405-034"}, [("405-034", True), ("405-03", True)]),
        ("405034001111111", set(), [("405-03", False), ("405-034", False)]),
        ("208011", set(), [("208-01", False)]),
    ],
)
def test_an_imsi_has_both_readings_and_the_longest_in_use_first(imsi, operational, expected):
    """The length of the MNC is not in an IMSI, and 22 countries mix both lengths."""
    found = plmn.of_imsi(imsi, operational)
    assert [(c.plmn, c.operational) for c in found] == expected
