"""Whatever octets come, nothing but counts comes of them: no error, no flood, nothing invented."""

import sys
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.response.captures import building as b
from tests.response.captures.cases import CASES, capture
from tests.response.captures.looking import look

from tcert.foundation.identifiers.kinds import Identifier
from tcert.response.bulk.fields import FIELDS
from tcert.response.captures import diameter, gtp, pfcp, sccp, sctp, sigtran, sip
from tcert.response.captures.context import Context
from tcert.response.captures.files import NotACapture
from tcert.response.captures.naming import REMEMBERED
from tcert.response.captures.records import records
from tcert.response.captures.scanning import Scanner
from tcert.response.captures.sightings import Tally

pytestmark = pytest.mark.once

SMALLEST = 8
"""Octets of the smallest message that can give a sighting, thus the most that can come of any."""

SCANNERS = {
    "sctp": sctp.read,
    "m3ua": sigtran.m3ua,
    "m2pa": sigtran.m2pa,
    "sua": sigtran.sua,
    "mtp2": sigtran.mtp2,
    "mtp3": sigtran.mtp3,
    "sccp": lambda data, at, end, context: sccp.read(data, at, end, (1, 2, 0), context),
    "diameter": diameter.read,
    "beginning of diameter": diameter.read_beginning,
    "gtp": gtp.read,
    "pfcp": pfcp.read,
    "sip": sip.read,
}
PACKETS = [(link, packet) for packets in CASES.values() for link, packet in packets]
LINKS = sorted({link for link, _packet in PACKETS})
MESSAGES = {
    "sctp": [p[34:] for _, p in PACKETS if p[23:24] == b"\x84"],
    "gtp": [p[42:] for _, p in PACKETS if p[36:38] == b"\x08\x4b"],
    "pfcp": [p[42:] for _, p in PACKETS if p[36:38] == b"\x22\x65"],
    "sip": [p[42:] for _, p in PACKETS if p[36:38] == b"\x13\xc4"],
    "diameter": [p[54:] for _, p in PACKETS if p[23:24] == b"\x06"],
}


def scanner() -> Scanner:
    return Scanner(Context(Tally()))


def sound(context: Context, octets: int) -> None:
    """Everything is accounted for, bounded by what came in, and made of identifiers."""
    tally, found = context.tally, context.found
    assert len(found) <= 1 + octets // SMALLEST
    accounted = len(found) + tally.skipped.total() + tally.malformed.total()
    assert accounted <= 4 + octets
    for one in found:
        for value in (*one[6:10], *one.nodes, one.source.gt, one.source.host, one.source.domain):
            assert value is None or isinstance(value, Identifier)


@pytest.mark.parametrize("name", SCANNERS)
@pytest.mark.parametrize("cut", [False, True])
@given(data=st.data())
@settings(max_examples=60)
def test_no_octets_break_a_scanner(name, cut, data):
    likely = MESSAGES.get(name, [])
    octets = data.draw(st.binary(max_size=200) | mutated(likely) if likely else st.binary())
    at = data.draw(st.integers(0, min(3, len(octets))))
    end = data.draw(st.integers(at, len(octets)))
    context = Context(Tally())
    context.cut = cut
    SCANNERS[name](octets, at, end, context)
    sound(context, len(octets))


def mutated(messages):
    """Strategies of a message with octets changed, put in, taken out, or put behind another."""

    @st.composite
    def strategy(draw):
        octets = bytearray(draw(st.sampled_from(messages)))
        for _ in range(draw(st.integers(1, 6))):
            at = draw(st.integers(0, len(octets)))
            piece = draw(st.binary(max_size=4) | st.sampled_from(messages))
            octets[at : at + draw(st.integers(0, 4))] = piece
            if len(octets) > 4000:
                break
        return bytes(octets[:4000])

    return strategy()


@given(
    link=st.sampled_from(LINKS),
    octets=st.binary(max_size=300) | mutated([packet for _link, packet in PACKETS]),
    cut=st.booleans(),
)
@settings(max_examples=300)
def test_no_packet_breaks_the_scan_and_each_is_in_a_count(link, octets, cut):
    one = scanner()
    one.context.cut = cut
    one.packet(link, octets)
    sound(one.context, len(octets))
    tally = one.context.tally
    assert one.context.found or tally.skipped.total() or tally.malformed.total()


@pytest.mark.parametrize("name", CASES)
def test_a_packet_that_stops_anywhere_is_counted_and_names_nothing_new(name):
    def names(found):
        return {
            (end, field, value.canonical)
            for one in found
            for end, group in (("s", one.source), ("d", one.destination), ("a", one[6:10]))
            for field, value in enumerate(group)
            if isinstance(value, Identifier)
        }

    whole = scanner()
    for link, packet in CASES[name]:
        whole.packet(link, packet)
    for link, packet in CASES[name]:
        for length in range(len(packet)):
            for cut in (False, True):
                one = scanner()
                one.context.cut = cut
                one.packet(link, packet[:length])
                sound(one.context, length)
                new = names(one.context.found) - names(whole.context.found)
                # a SIP host can be cut in the middle: what is left may be a domain as well
                assert {item for item in new if item[1] != 6} == set(), (length, cut)


@pytest.mark.slow
def test_every_octet_of_every_packet_flipped():
    for link, packet in PACKETS:
        one = scanner()
        for at in range(len(packet)):
            for mask in (0x01, 0xFF):
                octets = bytearray(packet)
                octets[at] ^= mask
                one.packet(link, bytes(octets))
                assert len(one.context.found) <= 1 + len(packet) // SMALLEST
                one.context.found.clear()
                one.context.cut = False


@given(
    octets=st.binary(max_size=400)
    | mutated([capture()[:2000], b.pcap(*(packet for _link, packet in PACKETS[:8]))])
)
@example(b"")
def test_no_file_breaks_the_reader(octets):
    tally = Tally()
    try:
        found = list(records(BytesIO(octets), tally=tally))
    except NotACapture:
        return
    assert len(found) == tally.sightings <= len(octets)
    assert tally.packets <= len(octets) // 12
    assert all(set(one) <= set(FIELDS) for one in found)


def test_a_name_or_number_of_another_alphabet_is_refused_and_counted():
    realm = "epc.mnc٠٠١.mcc262.3gppnetwork.org".encode()
    message = b.diameter(316, b.avp(264, b"a.example.net"), b.avp(296, realm))
    (one,), tally = look(b.pcap(b.over_sctp(b.data(message, 46), port=3868)))
    assert one.source.realm is None
    assert tally.malformed.total() == 1


def test_long_values_are_not_remembered_and_many_are_forgotten():
    one = scanner()
    names = one.context.names
    long = b.diameter(316, b.avp(1, b"1" * 20_000), b.avp(264, b"a" * 20_000))
    one.packet(1, b.over_sctp(b.data(long, 46), port=3868))
    one.packet(1, b.over_udp(b.gtpv2(32, b.v2(1, b"\x11" * 40_000)), 2123))
    one.packet(1, b.over_udp(b.gtpv1(16, b.v1(131, b"\x11" * 40_000)), 2123))
    one.packet(1, b.over_udp(b.pfcp(50, b.ie(60, b"\2" + b"\1a" * 20_000)), 8805))
    tables = [names.user, names.host, names.imsi, names.apn, names.labels]
    assert [len(table) for table in tables] == [0, 0, 0, 0, 0]
    for number in range(REMEMBERED + 10):
        assert names.point_code[number & 0x3FFF | number >> 14 << 20, 0] or number >> 14
    assert len(names.point_code) == 10


def test_work_grows_with_the_length_and_not_with_its_square():
    """Calls are counted rather than seconds: a busy machine changes nothing."""

    def calls(times: int) -> int:
        made = 0

        def count(_frame, event, _argument):
            nonlocal made
            made += event in {"call", "c_call"}

        attributes = b.subscription(1, "310410123456789") * times + b.avp(9, b"") * times
        chunks = [b.data(b.diameter(272, attributes), 46), *[b.HEARTBEAT] * times]
        headers = b"INVITE sip:a@b.example SIP/2.0\r\n" + b'f: "\\a\r\nTo: <sip:sip:@' * times
        one = scanner()
        packets = [
            b.over_sctp(*chunks, port=3868),
            b.over_udp(headers, 5060),
            b.over_udp(b.gtpv2(32, b.v2(9, b"") * times), 2123),
            b.over_udp(b.pfcp(50, b.ie(9, b"") * times), 8805),
        ]
        sys.setprofile(count)
        for packet in packets:
            one.packet(1, packet)
        sys.setprofile(None)
        return made

    assert calls(400) < 5 * calls(100)
