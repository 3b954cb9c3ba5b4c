"""The compiled table answers as a resolver does that looks at every entry, one after the other.

Protects: whatever makes the table quick (prefix tables, intervals, shared routes, an overlay, the
bulk engine's memory) changes no answer.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address, ip_network
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.identifiers import registry
from tcert.foundation.identifiers.kinds import Kind
from tcert.response.bulk.batch import route_batch
from tcert.response.bulk.memory import Memory
from tcert.response.snapshot.compiling import compiled, overlaid
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.enums import Role, State
from tcert.response.snapshot.resolution import resolve

pytestmark = [pytest.mark.once, pytest.mark.slow]

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = [START + timedelta(days=days) for days in range(0, 50, 10)]
VALUES = {
    Kind.GT_RANGE: ["+49171", "+491710", "+4917100", "+4917100000-4917100499", "+3312"],
    Kind.MSISDN_RANGE: ["+49171", "+4917100"],
    Kind.PLMN: ["310-410", "310-41", "405-03", "405-005", "405-05"],
    Kind.CIDR: ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.4/32", "2001:db8::/32"],
    Kind.IP: ["10.1.2.4", "255.255.255.255", "2001:db8::1"],
    Kind.ASN: ["64496", "64497"],
    Kind.DOMAIN: ["example.net", "a.example.net"],
    Kind.DIAMETER_REALM: ["example.net", "epc.mnc005.mcc405.3gppnetwork.org"],
    Kind.TAC: ["49015420"],
}
ASKED = [
    (Kind.GLOBAL_TITLE, "+4917100123456"),
    (Kind.GLOBAL_TITLE, "+4917100000321"),
    (Kind.GLOBAL_TITLE, "+331234567890"),
    (Kind.MSISDN, "+4917100123456"),
    (Kind.PLMN, "310-410"),
    (Kind.IMSI, "310410123456789"),
    (Kind.IMSI, "405034001111111"),
    (Kind.DIAMETER_REALM, "epc.mnc005.mcc405.3gppnetwork.org"),
    (Kind.DIAMETER_HOST, "dra.a.example.net"),
    (Kind.DOMAIN, "b.a.example.net"),
    (Kind.DOMAIN, "notexample.net"),
    (Kind.IP, "10.1.2.4"),
    (Kind.IP, "10.1.3.4"),
    (Kind.IP, "9.255.255.255"),
    (Kind.IP, "255.255.255.255"),
    (Kind.IP, "2001:db8::1"),
    (Kind.ASN, "64496"),
    (Kind.IMEI, "490154203237518"),
]


@st.composite
def entries(draw):
    kind = draw(st.sampled_from(list(VALUES)))
    value = draw(st.sampled_from(VALUES[kind]))
    state = draw(st.sampled_from(State))
    role = draw(st.sampled_from([Role.HOLDER, Role.LESSEE]))
    party = draw(st.sampled_from(["a", "b", "c"]))
    if kind == Kind.CIDR and draw(st.booleans()):
        role, party = Role.ORIGIN, draw(st.sampled_from(["AS64496", "AS64497"]))
    begins = draw(st.sampled_from([None, *MOMENTS]))
    ends = draw(st.sampled_from([None, *MOMENTS]))
    proven = draw(st.booleans())
    return Entry(kind, value, party, role, state, "s", date(2026, 1, 1), begins, ends, proven)


TABLES = st.lists(entries(), max_size=25)
PARENTS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("abgh"), max_size=3)
"""Groups of parties: some are in the table themselves, some are each other's."""


def covers(entry, kind, value):  # noqa: PLR0911 - one way out for each kind
    """How near and how long an entry covers what is asked for; None if it does not."""
    text = value.removeprefix("+")
    if entry.kind == Kind.GT_RANGE and kind == Kind.GLOBAL_TITLE:
        return nearest(entry, text, 0, "direct")
    if entry.kind == Kind.MSISDN_RANGE and kind in {Kind.GLOBAL_TITLE, Kind.MSISDN}:
        return nearest(entry, text, 0 if kind == Kind.MSISDN else 1, "ported")
    if entry.kind in {Kind.CIDR, Kind.IP} and kind == Kind.IP:
        network = ip_network(entry.value)
        if ip_address(value) not in network:
            return None
        return 0, network.prefixlen, "direct"
    if entry.kind in {Kind.DOMAIN, Kind.DIAMETER_REALM}:
        is_node = kind in {Kind.DIAMETER_REALM, Kind.DIAMETER_HOST}
        if not (is_node or (kind == Kind.DOMAIN == entry.kind)):
            return None
        if not f".{value}".endswith(f".{entry.value}"):
            return None
        group = 1 if is_node and entry.kind == Kind.DOMAIN else 0
        return group, len(entry.value), "direct"
    if entry.kind == Kind.TAC and kind == Kind.IMEI:
        return (0, 8, "derived") if value.startswith(entry.value) else None
    same = entry.kind == kind and entry.value == value
    return (0, len(value), "direct") if same else None


def nearest(entry, digits, group, basis):
    first, _dash, last = entry.value.removeprefix("+").partition("-")
    width = len(first)
    if len(digits) < width or not first <= digits[:width] <= (last or first):
        return None
    # a first and a last number count as long as the longest prefix in common with one number's run
    length = width
    if last:
        while length > 1 and all(
            first <= digits[: length - 1] + tail * (width - length + 1) <= last for tail in "09"
        ):
            length -= 1
    return group, length, basis


def networks_of(kind, value, table):
    """PLMNs an identifier may belong to, the likelier first; in use is what has any entry."""
    used = {e.value for e in table if e.kind == Kind.PLMN}
    if kind == Kind.IMSI:
        two, three = f"{value[:3]}-{value[3:5]}", f"{value[:3]}-{value[3:6]}"
        readings = [three, two] if three in used else [two, three]
    elif kind in {Kind.DIAMETER_REALM, Kind.DIAMETER_HOST} and "mnc005.mcc405" in value:
        readings = ["405-05", "405-005"]
        readings.sort(key=lambda reading: reading not in used)
    else:
        readings = []
    return readings


COUNTRIES = {
    "310-410": "US",
    "310410123456789": "US",
    "405034001111111": "IN",
    "epc.mnc005.mcc405.3gppnetwork.org": "IN",
    "+4917100123456": "DE",
    "+4917100000321": "DE",
    "+331234567890": "FR",
}


def naive(table, kind, value, at, parents=MappingProxyType({})):
    """Every candidate with its confidence, in groups of those who tie, best first.

    Behind each stands its group, never surer than 85 or than what names the member; a country is
    what is left where there is nobody.
    """
    found = []
    valid = [
        e
        for e in table
        if (e.valid_from is None or e.valid_from <= at)
        and (e.valid_until is None or at < e.valid_until)
    ]
    for entry in valid:
        how = covers(entry, kind, value)
        if how and entry.role != Role.ORIGIN:
            found.append((entry, *how))
    for place, plmn in enumerate(networks_of(kind, value, table)):
        basis = "ambiguous" if place else "derived"
        found += [
            (e, 2 + place, len(plmn), basis)
            for e in valid
            if e.kind == Kind.PLMN and e.value == plmn
        ]
    origins = [(e, covers(e, kind, value)) for e in valid if e.role == Role.ORIGIN]
    origins = [(e, how[1]) for e, how in origins if how]
    longest = max((length for _e, length in origins), default=0)
    for origin, length in origins:
        if length == longest:
            found += [
                (e, 1, length, "derived")
                for e in valid
                if e.kind == Kind.ASN and f"AS{e.value}" == origin.party
            ]
    if not found:
        found = [(e, 9, length, "origin") for e, length in origins]
    best = {}
    for entry, group, length, basis in found:
        proven = entry.state == State.VERIFIED or (
            entry.state == State.DISPUTED and entry.was_verified
        )
        standing = 0 if proven else 2 if entry.state == State.IMPORTED else 1
        most = {"direct": 95, "derived": 70, "ported": 40, "ambiguous": 35, "origin": 20}[basis]
        confidence = min(most, 95 if proven else 50)
        key = (entry.party, entry.role)
        rank = (standing, group, -length)
        if key not in best or rank < best[key][0]:
            best[key] = (rank, confidence)
    return placed(best, value, parents)


def placed(best, value, parents):
    ranked = [((*rank, 0), *key, sure) for key, (rank, sure) in best.items()]
    above = {}
    for rank, party, _role, sure in sorted(ranked, key=lambda one: one[0]):
        group = parents.get(party)
        if group:
            above.setdefault(group, ((*rank[:3], 1), group, "group", min(85, sure)))
    ranked += above.values()
    places = sorted({rank for rank, *_ in ranked})
    if not places and value in COUNTRIES:
        return [(0, f"country:{COUNTRIES[value]}", "country", 20)]
    return sorted(
        (places.index(rank), party, str(role), sure) for rank, party, role, sure in ranked
    )


def answered(snapshot, kind, value, at):
    found = resolve(snapshot, registry.parse(kind, value), at)
    return sorted(
        (
            one.place,
            one.party,
            str(one.basis if one.basis in {"country", "group"} else one.role),
            one.confidence,
        )
        for one in found.candidates
    )


@given(TABLES, st.sampled_from(ASKED), st.sampled_from(MOMENTS), PARENTS)
def test_the_table_answers_as_the_naive_resolver(table, asked, at, parents):
    snapshot = replace(compiled(table), parents=parents)
    assert answered(snapshot, *asked, at) == naive(table, *asked, at, parents)


@given(TABLES, TABLES, st.sampled_from(ASKED), st.sampled_from(MOMENTS), PARENTS)
def test_an_overlay_answers_as_if_all_were_compiled_anew(table, more, asked, at, parents):
    changed = {(entry.kind, entry.value) for entry in more} | {(Kind.PLMN, "405-05")}
    # what is written differently may be the same value: all of it is replaced
    changed |= {(Kind.IP, "10.1.2.4"), (Kind.CIDR, "10.1.2.4/32")}
    stays = [e for e in table if (e.kind, e.value) not in changed and not overlaps(e, changed)]
    changed |= {(e.kind, e.value) for e in table if overlaps(e, changed)}
    base = replace(compiled(stays + [e for e in table if e not in stays]), parents=parents)
    snapshot = overlaid(base, changed, more, 2)
    assert snapshot.generation == 2
    assert answered(snapshot, *asked, at) == naive(stays + more, *asked, at, parents)


def overlaps(entry, changed):
    """Ranges that share a prefix with a changed one are changed with it."""
    ragged = {"+4917100", "+4917100000-4917100499"}
    return (
        entry.kind == Kind.GT_RANGE
        and entry.value in ragged
        and any(kind == Kind.GT_RANGE and value in ragged for kind, value in changed)
    )


FIELDS = {
    Kind.GLOBAL_TITLE: "source.gt",
    Kind.MSISDN: "source.msisdn",
    Kind.PLMN: "source.plmn",
    Kind.IMSI: "source.imsi",
    Kind.DIAMETER_REALM: "source.realm",
    Kind.DIAMETER_HOST: "source.host",
    Kind.DOMAIN: "source.fqdn",
    Kind.IP: "source.ip",
    Kind.ASN: "source.asn",
    Kind.IMEI: "source.imei",
}


@given(
    TABLES,
    st.lists(st.tuples(st.sampled_from(ASKED), st.sampled_from(MOMENTS)), max_size=12),
    PARENTS,
)
def test_the_bulk_engine_sends_to_whom_the_resolver_names(table, asked, parents):
    snapshot = replace(compiled(table), parents=parents)
    memory = Memory(snapshot)
    for (kind, value), at in asked:
        record = {"time.source": at.isoformat(), FIELDS[kind]: value}
        routed = route_batch(snapshot, [record], now=START, memory=memory)
        found = resolve(snapshot, registry.parse(kind, value), at)
        named = [one for one in found.first if found.is_decided or one.confidence > 20]
        if not found.is_decided:
            most = max((one.confidence for one in named), default=0)
            named = [one for one in named if one.confidence == most]
        word = "decided" if found.is_decided else "waiting"
        assert set(routed.lines) == ({f"{word}/{one.party}" for one in named} or {"nobody"})


@given(
    st.lists(entries(), max_size=12, unique=True).flatmap(
        lambda t: st.tuples(st.just(t), st.permutations(t))
    ),
    st.sampled_from(ASKED),
    st.sampled_from(MOMENTS),
)
def test_the_order_of_the_entries_changes_nothing(tables, asked, at):
    one, other = tables
    found = registry.parse(*asked)
    assert resolve(compiled(one), found, at) == resolve(compiled(other), found, at)


@given(TABLES, st.sampled_from(ASKED), st.sampled_from(MOMENTS), st.sampled_from(MOMENTS))
def test_an_answer_holds_for_its_span(table, asked, at, other):
    snapshot = compiled(table)
    found = resolve(snapshot, registry.parse(*asked), at)
    assert found.holds(at)
    if found.holds(other):
        assert resolve(snapshot, registry.parse(*asked), other).candidates == found.candidates
