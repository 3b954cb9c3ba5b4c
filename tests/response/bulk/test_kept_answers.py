"""What is kept answers only what it was found for: many records in one run, and each one alone.

Protects: no answer of one identifier, time, side or network is ever served for another, whatever
came before it; and what is kept stays bounded.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tcert.foundation.identifiers.kinds import Kind
from tcert.response.bulk import memory
from tcert.response.bulk.batch import route_batch
from tcert.response.bulk.fields import FIELDS, TIME, Class
from tcert.response.bulk.memory import Memory
from tcert.response.snapshot.compiling import compiled
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.enums import Role, State

pytestmark = pytest.mark.once

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = [START + timedelta(days=days) for days in range(0, 50, 10)]
ORIGINS = ("AS64496", "AS64497")

CLAIMED = (
    *((Kind.CIDR, value) for value in ("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16", "10.1.2.0/24")),
    *((Kind.CIDR, value) for value in ("10.2.2.0/24", "10.1.2.3/32", "0.0.0.0/0", "::/0")),
    *((Kind.CIDR, value) for value in ("2001:db8:1::/48", "2001:db8:2::/48", "2001:db8:1:2::/64")),
    *((Kind.GT_RANGE, value) for value in ("+4917", "+49171", "+49172", "+447911", "+1202555")),
    *((Kind.MSISDN_RANGE, value) for value in ("+4917", "+49171", "+447911", "+77", "+88213")),
    *((Kind.PLMN, value) for value in ("310-410", "310-41", "405-03", "405-034", "001-01")),
    *((Kind.PLMN, value) for value in ("262-01", "262-010", "901-31")),
    *((Kind.ASN, value) for value in ("64496", "64497")),
    *((Kind.DOMAIN, value) for value in ("a.example", "b.a.example", "3gppnetwork.org")),
    (Kind.DIAMETER_REALM, "epc.mnc001.mcc262.3gppnetwork.org"),
    (Kind.POINT_CODE_INTERNATIONAL, "2-100-1"),
    (Kind.TAC, "35123456"),
)
ENTRIES = st.builds(
    lambda known, party, role, state, was, begins, ends: Entry(
        *known,
        ORIGINS[len(party) % 2] if role == Role.ORIGIN else party,
        role,
        state,
        "s",
        date(2026, 1, 1),
        begins,
        ends,
        was,
    ),
    st.sampled_from(CLAIMED),
    st.sampled_from(["one", "four"]),
    st.sampled_from([Role.HOLDER, Role.HOLDER, Role.LESSEE, Role.ORIGIN, Role.HUB]),
    st.sampled_from(State),
    st.booleans(),
    st.none() | st.sampled_from(MOMENTS),
    st.none() | st.sampled_from(MOMENTS),
)
ODD = st.sampled_from([str, str.upper, " {}".format, "{} ".format, "+{}".format, "0{}".format])
NUMBERS = st.tuples(
    st.sampled_from(["", "+"]),
    st.sampled_from(["49171", "49172", "49175", "447911", "447700", "1202555", "770", "88213"])
    | st.sampled_from(["310410", "310411", "405034", "405031", "00101", "26201", "26202", "90131"]),
    st.text("0123456789", min_size=1, max_size=9),
    st.sampled_from(["", "", "", ";np=6;nai=4", ";np=7;nai=4"]),
).map("".join)
ADDRESSES = st.sampled_from(
    (
        *("10.1.2.3", "10.1.2.4", "10.2.2.4", "10.1.9.9", "10.2.9.9", "10.9.9.9", "11.0.0.1"),
        *("2001:db8:1::1", "2001:db8:2::1", "2001:db8:1:2::1", "2001:db8:9::1", "::1"),
        *("::10.1.2.3", "::ffff:10.1.2.3", "::ffff:a01:203", "::ffff:10.2.9.9", "127.0.0.1"),
        *("010.1.2.3", "\u0661\u0660.1.2.3"),
    )
)
NAMES = st.sampled_from(
    (
        *("a.example", "b.a.example", "c.b.a.example", "ba.example"),
        *("epc.mnc001.mcc262.3gppnetwork.org", "h.epc.mnc001.mcc262.3gppnetwork.org"),
        *("epc.mnc010.mcc262.3gppnetwork.org", "epc.mnc034.mcc405.3gppnetwork.org"),
        "internet.mnc001.mcc262.gprs",
    )
)
OTHERS = st.sampled_from(
    (
        *("2-100-1", "2-100-2", "35123456", "35123456789012", "64496", "as64497", "262-01"),
        *("262-010", "10.1.0.0/16", "10.2.0.0/16", "10.0.0.0/8", "10.0.0.0/7"),
    )
)
VALUES = st.builds(
    lambda form, value: form(value), ODD, NUMBERS | ADDRESSES | NAMES | OTHERS
) | st.integers(0, 10**15)
RECORDS = st.builds(
    lambda fields, at: fields | ({TIME: at.isoformat()} if at else {}),
    st.dictionaries(
        st.sampled_from(
            sorted(n for n, f in FIELDS.items() if f.of == Class.IDENTIFIER and "." in n)
        )
        | st.sampled_from(["source.ip", "source.gt", "destination.gt", "destination.msisdn"])
        | st.sampled_from(["destination.imsi", "source.imsi", "source.msisdn", "destination.ip"]),
        VALUES,
        min_size=1,
        max_size=4,
    ),
    st.none() | st.sampled_from(MOMENTS) | st.sampled_from(MOMENTS).map(lambda t: t - timedelta(1)),
)


def entry(value, party, state=State.VERIFIED, role=Role.HOLDER, kind=Kind.CIDR):
    return Entry(kind, value, party, role, state, "s", date(2026, 1, 1))


def in_full(table):
    """A memory that remembers nothing and reads nothing quickly."""
    found = Memory(table)
    found._quick = {}
    return found


def said(table, records, kept):
    """What goes where, line by line; each record by a memory of its own where none is `kept`."""
    lines, refused, left = defaultdict(bytes), [], defaultdict(int)
    for number, record in enumerate(records):
        routed = route_batch(
            table, [dict(record)], now=MOMENTS[2], first_line=number, memory=kept or in_full(table)
        )
        for bundle, pieces in routed.lines.items():
            lines[bundle] += b"".join(pieces)
        refused += routed.refused
        for name, count in routed.left_out.items():
            left[name] += count
    return lines, refused, left


@given(st.lists(ENTRIES, max_size=12), st.lists(RECORDS, min_size=1, max_size=12), st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@example(  # a chain of networks that is alike
    [entry("10.1.0.0/16", "one"), entry("10.2.0.0/16", "one")],
    [{"source.ip": "10.1.9.9"}, {"source.ip": "10.2.9.9"}],
    False,
)
@example(
    [entry("2001:db8:1::/48", "one"), entry("2001:db8:2::/48", "one")],
    [{"source.ip": "2001:db8:1::1"}, {"source.ip": "2001:db8:2::1"}],
    False,
)
@example(  # an announcement that somebody has proven stands before a longer one
    [
        entry("10.1.0.0/16", "AS64496", role=Role.ORIGIN),
        entry("10.1.2.0/24", "AS64497", State.IMPORTED, Role.ORIGIN),
        entry("10.2.2.0/24", "AS64497", State.IMPORTED, Role.ORIGIN),
    ],
    [{"source.ip": "10.2.2.4"}, {"source.ip": "10.1.2.4"}],
    False,
)
def test_what_is_kept_answers_as_each_record_alone(entries, records, again):
    table = compiled(entries)
    kept = Memory(table)
    together = records + records[::-1] if again else records
    assert said(table, together, kept) == said(table, together, None)


def test_what_is_kept_is_bounded_whatever_fills_it(monkeypatch):
    """Every field of every record holds something new."""
    monkeypatch.setattr(memory, "MOST", 100)
    monkeypatch.setattr(memory, "MOST_IN_ALL", 400)
    kept = Memory(compiled([entry("10.1.0.0/16", "one")]))
    ends = ("ip", "gt", "imsi", "fqdn", "realm", "host", "apn")
    names = [f"{side}.{name}" for side in ("source", "destination") for name in ends]
    most = 0
    for turn in range(30):
        records = [
            {
                name: f"10.1.{turn}.{n}"
                if name.endswith(".ip")
                else f"26201{turn:05}{n:03}"
                if name.endswith(("gt", "imsi"))
                else f"n{turn}-{n}.example"
                for name in names
            }
            for n in range(20)
        ]
        route_batch(kept.snapshot, records, now=START, memory=kept)
        most = max(most, sum(map(len, kept.values.values())))
    assert 100 < most <= 400 + 20 * len(names)
