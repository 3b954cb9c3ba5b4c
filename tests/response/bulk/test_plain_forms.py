"""What is read quickly is read as it is in full: the same mask, the same parties, the same refusal.

Protects: speed changes no answer, and lets nothing through that the parsers would refuse.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.response.bulk.claimsfile import ClaimRefused, canonical
from tcert.response.bulk.memory import Memory
from tcert.response.snapshot.compiling import ROUTED, compiled, keys
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.enums import Role, State
from tcert.response.snapshot.intervals import number_of, number_of_6

pytestmark = pytest.mark.once

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = [START + timedelta(days=days) for days in (0, 10, 20)]


def entry(kind, value, party, state=State.VERIFIED, role=Role.HOLDER, begins=None, ends=None):
    return Entry(kind, value, party, role, state, "s", date(2026, 1, 1), begins, ends)


TABLE = compiled(
    [
        entry(Kind.GT_RANGE, "+49171", "nodes"),
        entry(Kind.GT_RANGE, "+4917", "later", begins=MOMENTS[1]),
        entry(Kind.GT_RANGE, "+336", "hasty", State.CLAIMED, ends=MOMENTS[1]),
        entry(Kind.GT_RANGE, "+120255", "former", ends=MOMENTS[1]),
        entry(Kind.MSISDN_RANGE, "+4917", "range holder"),
        entry(Kind.MSISDN_RANGE, "+447911", "former", begins=MOMENTS[1], ends=MOMENTS[2]),
        entry(Kind.PLMN, "310-410", "long"),
        entry(Kind.PLMN, "310-41", "short", State.CLAIMED),
        entry(Kind.PLMN, "208-01", "later", begins=MOMENTS[1]),
        entry(Kind.CIDR, "10.1.0.0/16", "net"),
        entry(Kind.CIDR, "10.1.2.0/24", "AS64496", State.IMPORTED, Role.ORIGIN),
        entry(Kind.CIDR, "10.2.0.0/16", "AS64496", State.IMPORTED, Role.ORIGIN),
        entry(Kind.CIDR, "10.3.0.0/16", "AS64497", State.IMPORTED, Role.ORIGIN),
        entry(Kind.CIDR, "10.3.4.0/24", "AS64496", State.IMPORTED, Role.ORIGIN),
        entry(Kind.CIDR, "2001:db8::/32", "six", begins=MOMENTS[1]),
        entry(Kind.CIDR, "2001:db8:1::/48", "AS64496", State.IMPORTED, Role.ORIGIN),
        entry(Kind.ASN, "64496", "carrier"),
    ]
)
MEMORY = Memory(TABLE)
"""One for all: what was found out for one must not answer another."""
NAMES = {
    Kind.IP: "source.ip",
    Kind.GLOBAL_TITLE: "source.gt",
    Kind.MSISDN: "destination.msisdn",
    Kind.IMSI: "destination.imsi",
}
DIGITS = st.text("0123456789", max_size=13)
OCTET = st.integers(0, 300).map(str) | st.sampled_from(["01", "", "1 ", "٣"])
GROUP = st.sampled_from(["0", "1", "db8", "2001", "DB8", "0db8", "ffff", "", "10.1.2.3"])
NUMBERS = st.tuples(
    st.sampled_from(["", "+", " +", "++", "msisdn-", "imsi-"]),
    st.sampled_from(["49171", "4917", "336", "447911", "1202555", "120255", "7701", "88213", ""])
    | st.sampled_from(["0", "999", "210", "310410", "31041", "20801", "90131", "٣١٠"]),
    DIGITS,
    st.sampled_from(["", " ", ";np=6;nai=4", "-1"]),
).map("".join)
ADDRESSES = (
    st.tuples(st.sampled_from(["10", "11", "1"]), st.sampled_from("1234"), OCTET, OCTET).map(
        ".".join
    )
    | st.lists(GROUP, min_size=2, max_size=9).map(":".join)
    | st.ip_addresses().map(str)
)


@given(st.sampled_from(list(NAMES)), NUMBERS | ADDRESSES, st.sampled_from(MOMENTS))
@example(Kind.IP, "::ffff:10.1.2.3", START)
@example(Kind.IP, "::10.1.2.3", START)
@example(Kind.IP, "fe80::1%eth0", START)
@example(Kind.IMSI, "310410", START)
def test_a_plain_form_is_read_as_in_full(kind, text, at):
    name = NAMES[kind]
    try:
        shown, answer = Memory(TABLE).in_full(kind, text, at)
    except IdentifierRefused:
        with pytest.raises(IdentifierRefused):
            MEMORY.read(name, text, at)
        return
    known, full = MEMORY.read(name, text, at), (shown, *answer.told(name))
    assert known[:3] == full[:3]
    assert span(known[3]) == span(full[3])


def span(limits):
    return limits and (limits.since, limits.until)


@given(ADDRESSES)
def test_an_address_has_a_number_only_in_its_canonical_form(text):
    for number in (number_of(text), number_of_6(text)):
        if number is not None:
            assert registry.parse(Kind.IP, text).canonical == text


VALUES = (
    st.tuples(ADDRESSES, st.sampled_from(["", "/8", "/16", "/024", "/24", "/33", "/7"])).map(
        "".join
    )
    | NUMBERS
    | st.sampled_from(
        ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.4/30", "+4917-", "+49171*", "0.0.0.0/0"]
    )
)


@given(st.sampled_from([Kind.CIDR, Kind.GT_RANGE, Kind.MSISDN_RANGE]), VALUES)
def test_a_claimed_value_is_read_as_in_full(kind, text):
    try:
        found = canonical(kind, text)
    except ClaimRefused:
        assert int(registry.parse(kind, text).canonical.partition("/")[2]) < 16
    except IdentifierRefused:
        with pytest.raises(IdentifierRefused):
            registry.parse(kind, text)
    else:
        assert found == registry.parse(kind, text).canonical


def test_what_is_routed_has_keys_and_nothing_else_has():
    values = {Kind.EMAIL: "a@b.example", Kind.FUNCTION: "amf", Kind.IMSI: "310410123456789"}
    assert not ROUTED & values.keys()
    for kind, value in values.items():
        with pytest.raises(ValueError, match="nothing is routed"):
            list(keys(kind, value))
    for kind in ROUTED:
        assert list(keys(kind, "+49171" if "range" in kind else "10.0.0.0/8"))
