"""Nothing of a value is shown that is not known to be harmless, whatever a decoder calls it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.response.captures import building as b

from tcert.response.explain import showing
from tcert.response.explain.tree import DEEPEST, LONGEST_TEXT, MOST_ELEMENTS, NoTree, lines, read

pytestmark = pytest.mark.once

IMSI_TEXT = b"310041123456780"
IMSI, NUMBER = b.bcd("310041123456780"), b"\x91" + b.bcd("491760123456")
CONTENT = ("sm-RP-UI", "ussd-String", "SM-RP-UI", "longSignalInfo", "User-Data", "EAP-Payload")


@pytest.mark.parametrize(
    ("path", "value", "masked", "whole"),
    [
        (("invoke", "imsi"), IMSI, "31004xxxxxxxxxx", "310041123456780"),
        (("IMSI", "Data"), IMSI, "31004xxxxxxxxxx", "310041123456780"),
        (("User-Name", "UTF8String"), b"310041123456780", "31004xxxxxxxxxx", "310041123456780"),
        (("map", "argument", "msisdn"), NUMBER, "+491760xxxxxx", "+491760123456"),
        (("map", "argument", "msc-Number"), NUMBER, "+491760xxxxxx", "+491760123456"),
        (("MSISDN", "Data"), b.bcd("19175550100"), "+19175xxxxxx", "+19175550100"),
        (("Subscription-Id-Data",), IMSI_TEXT, "31004xxxxxxxxxx", "310041123456780"),
        (("ULI", "TAI", "TAC"), b"\1\2", "place or temporary identity, 2 octets, hidden", "0x0102"),
        (("MEIdentity", "Data"), b"35123456789012", "35123456xxxxxx", "35123456789012"),
        (("ServingNetwork", "PLMN"), b"\x62\xf2\x10", "262-01", "262-01"),
        (("Origin-Host",), b"a.491701234567.example", "a.xxxxxxxxxxxx.example", None),
        (("APN", "Data"), b"\x08internet", "internet", "internet"),
        (("SenderFTEID", "IPv4Addr"), b"\n\1\2\3", "10.1.2.3", "10.1.2.3"),
        (("PAA", "IPv4Addr"), b"\n\1\2\3", "subscriber's address, 4 octets, hidden", "10.1.2.3"),
        (("GUTI", "MTMSI"), b"\1\2\3\4", "place or temporary identity, 4 octets, hidden", None),
        (("item", "ck"), bytes(16), "16 octets, not shown", "16 octets, not shown"),
        (("item", "something new"), b"hello", "5 octets, not shown", "5 octets, not shown"),
        (("otid",), b"\1\2", "0x0102", "0x0102"),
        (("PDP-Type",), b"meet me", "7 octets, not shown", "7 octets, not shown"),
        (("Mobile-Node-Identifier",), b"someone", "7 octets, not shown", "7 octets, not shown"),
    ],
)
def test_what_is_shown_of_octets(path, value, masked, whole):
    assert showing.octets(path, value) == masked
    if whole is not None:
        assert showing.octets(path, value, whole=True) == whole


@given(
    st.sampled_from(CONTENT),
    st.binary(min_size=1, max_size=200),
    st.booleans(),
    st.text(max_size=9),
)
def test_content_is_never_shown_whoever_asks(name, value, whole, inside):
    said = showing.octets(("invoke", name, inside), value, whole=whole)
    assert said == f"content, {len(value)} octets, not shown"


@given(st.text(max_size=20), st.binary(min_size=5, max_size=200), st.booleans())
def test_octets_of_an_unknown_name_are_told_by_their_number(name, value, whole):
    said = showing.octets(("qq", f"zz{name}"), value, whole=whole)
    if "not shown" not in said:  # the name happened to be one that is known
        assert showing.meant(("qq", f"zz{name}")) != "zz"
    assert len(said) < 600


@given(st.lists(st.text(max_size=12), max_size=4), st.binary(max_size=80), st.booleans())
def test_nothing_breaks_it(path, value, whole):
    assert showing.octets(tuple(path), value, whole=whole)
    assert showing.number(tuple(path), int.from_bytes(value, "big"), whole=whole)
    assert showing.text(tuple(path), value.decode("latin-1"), whole=whole)


def test_long_numbers_and_places_are_hidden():
    assert showing.number(("a", "SeqNum"), 5_000_000) == "5000000"
    assert showing.number(("a", "value"), 310041123456780) == "a long number, hidden"
    assert showing.number(("ULI", "TAC"), 7) == "hidden"
    assert showing.number(("ULI", "Data", "flags"), 7) == "hidden"
    assert showing.number(("Cause",), 16, "accepted") == "16 (accepted)"


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "value", "of", "x"]), inside, max_size=3)
    ),
    max_leaves=12,
)


@given(json)
def test_an_answer_that_is_no_tree_is_refused(told):
    try:
        found = read(told)
    except NoTree:
        return
    assert all(line.isprintable() for line in lines(found))


def test_a_tree_is_bounded_and_commands_no_terminal():
    deep = {"name": "x"}
    for _ in range(500):
        deep = {"name": "\x1b[2J" + "n" * 1000, "of": [deep]}
    shown = list(lines(read(deep)))
    assert len(shown) <= DEEPEST + 3
    assert all(line.isprintable() for line in shown)
    assert max(map(len, shown)) < LONGEST_TEXT + 2 * DEEPEST + 20
    wide = read({"name": "x", "of": [{"name": "y"}] * (3 * MOST_ELEMENTS)})
    assert len(list(lines(wide))) <= MOST_ELEMENTS + 2


def test_another_number_where_an_equipment_identity_should_stand_is_hidden():
    for digits in ("12345678", "491601234567", "310410123456789"):
        assert showing.device(digits, whole=False) == "x" * len(digits)
    assert showing.device("353490069873319", whole=False) == "35349006xxxxxxx"


@pytest.mark.parametrize(
    "name", [b"310_410_123_456_789", b"310/410/123/456 789", b"a.49 160 12 34 56 7"]
)
def test_a_number_in_a_name_is_hidden_whatever_stands_between_its_digits(name):
    assert not any(char.isdigit() for char in showing.octets(("Origin-Host",), name))


@pytest.mark.parametrize("path", [("x", "ck"), ("MMContext", "Kc"), ("PCO", "val"), ("a", "Key")])
def test_no_part_of_content_or_keys_is_shown_as_a_number_or_bits(path):
    for whole in (False, True):
        for value in (65, 0x1122334455667788):
            assert showing.number(path, value, whole=whole) == "not shown"
            assert showing.bits(path, value, 64, whole=whole) == "bits, not shown"
    assert showing.bits(("ULI", "cellId"), 5, 8) == "bits, not shown"
    assert showing.bits(("flags",), 5, 4) == "bits 0101"
    assert showing.arcs((0, 4, 0, 310410123456789)) == "0.4.0.x"
