"""What is found in a packet, what is counted instead, and what is never found."""

import pytest
from tests.response.captures import building as b
from tests.response.captures.looking import counted, look, seen

from tcert.foundation.identifiers.kinds import Kind
from tcert.response.captures import scanning, streams
from tcert.response.captures.enums import Malformed, Protocol, Skipped
from tcert.response.captures.streams import MOST_HELD, MOST_STREAMS

pytestmark = pytest.mark.once

IMSI = "310410123456789"
REALM = "epc.mnc001.mcc262.3gppnetwork.org"
GTP = b.gtpv2(32, b.v2(1, b.bcd(IMSI)), b.v2(83, b"\x62\xf2\x10"))
REQUEST = b.diameter(316, b.ends("mme1." + REALM, REALM), b.avp(1, IMSI.encode()))
UDT = b.sccp(b.party(b.title("491710000001")), b.party(b.title("33612345678")), b.begin(56))
SIP = b.sip("<sip:+491701234567@ims.example.net>;tag=1", "<sip:bob@example.org>")


def test_a_sighting_holds_identifiers_and_shows_subscribers_masked():
    packet = b.over_udp(GTP, 2123)
    (sighting,), tally = look(b.pcap(packet, time=5_000_000_000))
    assert (sighting.protocol, sighting.time, sighting.message) == (
        Protocol.GTPV2,
        5_000_000_000,
        "32",
    )
    assert (sighting.imsi.kind, sighting.imsi.canonical) == (Kind.IMSI, IMSI)
    assert sighting.source.ip.canonical == b.A
    assert sighting.destination.ip.canonical == b.B
    assert "31041xxxxxxxxxx" in repr(sighting)
    assert IMSI[5:] not in repr(sighting)
    assert (tally.packets, tally.scanned, tally.sightings) == (1, 1, 1)


def test_the_operation_and_what_the_sender_says_of_itself_in_ss7():
    packet = b.over_sctp(b.data(b.m3ua(UDT, 2057, 4114), 3))
    assert seen(packet) == [
        {
            "message": "UDT Begin",
            "operation": "56",
            "source.ip": b.A,
            "source.gt": "+33612345678",
            "source.pc": "1-001-1",
            "destination.ip": b.B,
            "destination.gt": "+491710000001",
            "destination.pc": "2-002-2",
        }
    ]


@pytest.mark.parametrize(
    ("network", "country", "code"),
    [(0, "", "1-001-1"), (2, "", None), (2, "de", "DE/2/2057"), (3, "DE", "DE/3/2057")],
)
def test_a_national_code_is_told_only_with_the_country(network, country, code):
    packet = b.over_sctp(b.data(b.m3ua(UDT, 2057, 4114, network=network), 3))
    (sighting,), _tally = look(b.pcap(packet), country=country)
    assert (sighting.source.pc and sighting.source.pc.canonical) == code


def test_codes_of_24_bits_are_those_of_ansi_countries():
    packet = b.over_sctp(b.data(b.m3ua(UDT, 0xF60105, 1, network=2), 3))
    (sighting,), _tally = look(b.pcap(packet), country="US")
    assert sighting.source.pc.canonical == "246-1-5"
    (sighting,), tally = look(b.pcap(packet), country="DE")
    assert sighting.source.pc is None
    assert tally.malformed == {Malformed.IDENTIFIER: 1}


@pytest.mark.parametrize(
    ("packet", "counts"),
    [
        (b.ethernet(b"", 0x0806), (0, {Skipped.NOT_IP: 1}, {})),
        (b.ethernet(b.ipv4(1, bytes(8))), (0, {Skipped.TRANSPORT: 1}, {})),
        (b.over_udp(b"x", 53), (0, {Skipped.PORT: 1}, {})),
        (b.over_udp(GTP, 2152), (0, {Skipped.USER_PLANE: 1}, {})),
        (b.over_udp(b"", 2123), (0, {Skipped.EMPTY: 1}, {})),
        (b.over_udp(b"\r\n\r\n", 5060), (0, {Skipped.EMPTY: 1}, {})),
        (b.over_tcp(b""), (0, {Skipped.EMPTY: 1}, {})),
        (b.over_tcp(b"x", 443), (0, {Skipped.PORT: 1}, {})),
        (b.over_tcp(b"\x17\3\3" + bytes(40)), (0, {Skipped.CONTINUATION: 1}, {})),
        (b.over_sctp(b.HEARTBEAT), (0, {Skipped.CONTROL: 1}, {})),
        (b.over_sctp(b.data(b"\1\0\3\1\0\0\0\x08", 3)), (0, {Skipped.CONTROL: 1}, {})),
        (b.over_sctp(b.data(b"x" * 30, 47)), (0, {Skipped.PAYLOAD: 1}, {})),
        (b.over_sctp(b.data(b.m3ua(UDT, service=5), 3)), (0, {Skipped.PAYLOAD: 1}, {})),
        (b.over_sctp(b.data(b.m3ua(b"\1" + bytes(9)), 3)), (0, {Skipped.CONNECTION: 1}, {})),
        (b.over_sctp(b.data(b.m3ua(b"\xff" + bytes(9)), 3)), (0, {}, {Malformed.SCCP: 1})),
        (b.over_sctp(b.data(b.m3ua(UDT), 3, flags=1)), (0, {Skipped.FRAGMENT: 1}, {})),
        (b.over_udp(b.gtpv1(255, GTP), 2123), (0, {Skipped.USER_PLANE: 1}, {})),
        (b.over_udp(b"\x00" * 12, 2123), (0, {}, {Malformed.GTP: 1})),
        (b.over_udp(b"\x40" * 12, 8805), (0, {}, {Malformed.PFCP: 1})),
        (b.over_udp(b"GET / HTTP/1.1\r\n", 5060), (0, {}, {Malformed.SIP: 1})),
        (b.ethernet(b"\x45\0"), (0, {}, {Malformed.IP: 1})),
        (b"\2" * 9, (0, {}, {Malformed.LINK: 1})),
    ],
)
def test_what_gives_nothing_is_counted_under_one_reason(packet, counts):
    assert counted(packet) == counts


def test_of_a_fragmented_packet_the_first_is_scanned_and_the_rest_counted():
    whole = b.udp(GTP, 2123, 2123)
    first = b.ethernet(b.ipv4(17, whole[:32], more=True))
    rest = b.ethernet(b.ipv4(17, whole[32:], offset=32))
    assert counted(first, rest) == (1, {Skipped.FRAGMENT: 1, Skipped.CUT: 1}, {})
    assert [one["victim.imsi"] for one in seen(first, rest)] == [IMSI]


def test_fragments_of_ipv6_are_treated_alike():
    whole = b.udp(GTP, 2123, 2123)
    first = b.ipv6(17, whole[:32], extensions=[(44, b"\0\0\1\0\0\0\7")])
    rest = b.ipv6(17, whole[32:], extensions=[(44, b"\0\0\x20\0\0\0\7")])
    packets = [b.ethernet(one, 0x86DD) for one in (first, rest)]
    assert counted(*packets) == (1, {Skipped.FRAGMENT: 1, Skipped.CUT: 1}, {})


def test_of_a_message_in_several_chunks_the_first_is_scanned():
    message = b.m3ua(b.sccp(b.party(b.title("491710000001")), b.party(b.title("33612345678"))))
    half = len(message) - 3
    packets = [
        b.over_sctp(b.data(message[:half], 3, flags=2)),
        b.over_sctp(b.data(message[half:], 3, flags=1, tsn=2)),
    ]
    scanned, skipped, malformed = counted(*packets)
    assert (scanned, malformed) == (1, {})
    assert skipped[Skipped.FRAGMENT] == 1
    assert seen(*packets)[0]["source.gt"] == "+33612345678"


def test_a_later_segment_of_a_long_message_has_no_operation():
    optional = b"\x10\4\x03\1\2\3\0"  # the high bit, of the first segment, is not set
    message = b.sccp(b.party(b.title("4917100")), b.party(), b.begin(7), 0x11, optional)
    assert "operation" not in seen(b.over_sctp(b.data(b.m3ua(message), 3)))[0]


def test_what_stands_before_the_end_of_the_capture_is_told():
    packet = b.over_sctp(b.data(REQUEST, 46), port=3868)
    short = packet[: packet.index(IMSI.encode())]
    scanned, skipped, malformed = counted((short, len(packet)))
    assert (scanned, malformed) == (1, {})
    assert skipped == {Skipped.CUT: 1}
    assert seen((short, len(packet)))[0]["source.realm"] == REALM
    # the same octets on the wire are the sender's fault
    assert counted(short)[::2] == (0, {Malformed.IP: 1})


def test_one_damaged_chunk_leaves_its_neighbours():
    good = b.data(b.m3ua(UDT), 3)
    bad = b.data(b.m3ua(UDT)[:-20], 3)
    packet = b.over_sctp(good, bad, good)
    assert counted(packet) == (1, {}, {Malformed.SIGTRAN: 1})
    assert len(seen(packet)) == 2


def test_an_attribute_longer_than_its_message_ends_it():
    broken = bytearray(
        b.diameter(316, b.ends("mme1." + REALM, REALM), b.avp(1, b"310410123456789"))
    )
    broken[-19] = 0x40  # length of User-Name
    packet = b.over_sctp(b.data(bytes(broken), 46), port=3868)
    assert counted(packet) == (1, {}, {Malformed.DIAMETER: 1})
    assert "victim.imsi" not in seen(packet)[0]


@pytest.mark.parametrize(
    ("avps", "imsi", "msisdn"),
    [
        ([b.avp(1, IMSI.encode())], IMSI, None),
        ([b.avp(1, f"0{IMSI}@nai.epc.mnc410.mcc310.3gppnetwork.org".encode())], IMSI, None),
        ([b.avp(1, f"{IMSI}@ims.mnc410.mcc310.3gppnetwork.org".encode())], IMSI, None),
        ([b.avp(1, b"alice@example.net")], None, None),
        ([b.avp(1, IMSI.encode(), 10415)], IMSI, None),
        ([b.avp(1, IMSI.encode(), 9)], None, None),
        ([b.avp(701, b.bcd("491701234567"), 10415)], None, "+491701234567"),
        (
            [b.subscription(0, "491701234567"), b.subscription(1, IMSI), b.subscription(2, "x@y")],
            IMSI,
            "+491701234567",
        ),
        ([b.subscription(0, "491701234567")] * 9000, None, "+491701234567"),
    ],
)
def test_where_diameter_names_the_subscriber(avps, imsi, msisdn):
    message = b.diameter(272, b.ends("a.example.net", "example.net"), *avps[:800])
    (one,) = seen(b.over_sctp(b.data(message, 46), port=3868))
    assert (one.get("victim.imsi"), one.get("victim.msisdn")) == (imsi, msisdn)


def test_without_a_protocol_identifier_the_port_decides():
    assert len(seen(b.over_sctp(b.data(b.m3ua(UDT), 0)))) == 1
    assert len(seen(b.over_sctp(b.data(REQUEST, 0), port=3868))) == 1
    assert counted(b.over_sctp(b.data(REQUEST, 0), port=9)) == (0, {Skipped.PAYLOAD: 1}, {})


class TestStreams:
    def test_a_segment_twice_gives_its_messages_once_while_one_is_unfinished(self):
        parts = [
            b.over_tcp(REQUEST + REQUEST[:40]),
            b.over_tcp(REQUEST + REQUEST[:40]),
            b.over_tcp(REQUEST[40:], number=1 + len(REQUEST) + 40),
        ]
        assert len(seen(*parts)) == 2
        assert counted(*parts)[1] == {Skipped.CONTINUATION: 2}

    def test_after_a_gap_the_next_message_that_begins_a_segment_is_read(self):
        parts = [
            b.over_tcp(REQUEST[:40]),
            b.over_tcp(REQUEST[60:], number=61),
            b.over_tcp(REQUEST, number=1000),
        ]
        assert len(seen(*parts)) == 1

    def test_numbers_go_round(self):
        number = 2**32 - 10
        parts = [
            b.over_tcp(REQUEST[:40], number=number),
            b.over_tcp(REQUEST[40:], number=(number + 40) % 2**32),
        ]
        assert len(seen(*parts)) == 1

    def test_of_a_message_too_long_to_hold_the_beginning_is_told_and_the_next_is_found(self):
        long = b.diameter(316, b.ends("mme1." + REALM, REALM), b.avp(9999, bytes(3 * MOST_HELD)))
        octets, parts, at = long + REQUEST, [], 0
        for size in (1000, *[1400] * 60):
            if at < len(octets):
                parts.append(b.over_tcp(octets[at : at + size], number=1 + at))
                at += size
        assert [one["source.realm"] for one in seen(*parts)] == [REALM, REALM]

    def test_streams_are_forgotten_in_order(self):
        waiting = [
            b.over_tcp(REQUEST[:40], source=f"10.{n >> 8}.{n & 255}.1") for n in range(MOST_STREAMS)
        ]
        first_again = b.over_tcp(REQUEST[40:], number=41, source="10.0.0.1")
        assert len(seen(*waiting, first_again)) == 1
        one_more = b.over_tcp(REQUEST[:40], source="10.99.0.1")
        assert seen(*waiting, one_more, first_again) == []

    def test_nothing_is_held_of_finished_messages(self):
        scanner = scanning.Scanner(scanning.Context(scanning.Tally()))
        scanner.packet(1, b.over_tcp(REQUEST * 3))
        assert scanner._streams._waiting == {}
        assert isinstance(scanner._streams, streams.Streams)


@pytest.mark.parametrize(
    "packet",
    [
        b.over_udp(GTP, 2123),
        b.over_udp(SIP, 5060),
        b.over_udp(b.pfcp(50, b.node("10.0.0.7"), session=True), 8805),
        b.over_udp(b"", 2123),
        b.over_udp(b"x", 53),
        b.over_sctp(b.data(b.m3ua(UDT), 3), b.HEARTBEAT),
        b.over_tcp(REQUEST),
        b.ethernet(b.ipv4(17, b.udp(GTP, 2123, 2123)[:20], more=True)),
        b.ethernet(b.ipv4(132, b"short")),
        b.ethernet(b.ipv4(17, b"short")),
    ],
)
def test_the_short_way_through_the_usual_packet_gives_what_the_long_way_gives(packet, monkeypatch):
    for length in range(len(packet) + 1):
        short = look(b.pcap((packet[:length], len(packet)), packet[:length]))
        with monkeypatch.context() as patched:
            patched.setattr(scanning.Scanner, "_ethernet", scanning.Scanner._tagged)
            assert look(b.pcap((packet[:length], len(packet)), packet[:length])) == short


def test_only_domains_of_sip_are_told():
    body = "v=0\r\no=secret 1 1 IN IP4 203.0.113.77\r\n"
    message = b.sip(
        '"Secret Name" <sip:+491701234567@ims.mnc001.mcc262.3gppnetwork.org>;tag=1',
        "<tel:+33612345678>",
        "INVITE sip:+33612345678@ims.example.fr SIP/2.0",
        body,
    )
    (sighting,), _tally = look(b.pcap(b.over_udp(message, 5060)))
    assert sighting.source.domain.kind == Kind.DIAMETER_REALM  # it leads to the PLMN
    assert seen(b.over_udp(message, 5060)) == [
        {
            "message": "INVITE",
            "source.ip": b.A,
            "destination.ip": b.B,
            "domain": "ims.mnc001.mcc262.3gppnetwork.org",
            "destination.domain": "ims.example.fr",
        }
    ]


def test_sip_over_tcp_is_read_where_a_message_begins():
    parts = [b.over_tcp(SIP[:-20], 5060), b.over_tcp(SIP[-20:], 5060, number=len(SIP) - 19)]
    assert [one["domain"] for one in seen(*parts)] == ["ims.example.net"]
    assert counted(*parts)[1] == {Skipped.CONTINUATION: 1}


@pytest.mark.parametrize(
    "user",
    [
        b.tlv(0x62, b.tlv(0x48, b"\1") + b.tlv(0x6C, b.tlv(0xA1, b"\2\1\1\2\2\1\1"))),
        b.tlv(0x64, b.tlv(0x49, b"\1") + b.tlv(0x6C, b.tlv(0xA2, b"\2\1\1"))),
        b"\x62\x84\xff\xff\xff\xff" + bytes(30),
        b"\x62\x80" * 20,
        b"\x62",
        b"secret",
    ],
)
def test_other_contents_of_sccp_have_no_operation(user):
    message = b.sccp(b.party(b.title("4917100")), b.party(b.title("33612")), user)
    (one,) = seen(b.over_sctp(b.data(b.m3ua(message), 3)))
    assert "operation" not in one
    assert one["source.gt"] == "+33612"


def test_titles_that_cannot_be_are_counted_once_and_the_rest_is_told():
    forged = b.sccp(b.party(b.title("4917100")), b.party(b.title("999999999")), b.begin(2))
    packet = b.over_sctp(b.data(b.m3ua(forged), 3))
    assert counted(packet, packet) == (2, {}, {Malformed.IDENTIFIER: 1})
    assert "source.gt" not in seen(packet)[0]


def test_addresses_of_national_layout_are_not_guessed():
    message = b.sccp(b"\xc2\6\x91\x11\x22", b.party(b.title("33612")), b.begin(2))
    (one,) = seen(b.over_sctp(b.data(b.m3ua(message), 3)))
    assert "destination.gt" not in one


def test_an_access_point_without_operator_names_nobody():
    message = b.gtpv2(32, b.v2(1, b.bcd(IMSI)), b.v2(71, b.labels("internet")))
    assert counted(b.over_udp(message, 2123)) == (1, {}, {})
    assert "apn" not in seen(b.over_udp(message, 2123))[0]


def test_extension_headers_of_gtp_version_1_are_passed_over():
    chain = b"\xc0\1\0\0\xc0\1\0\0\0"
    message = b.gtpv1(16, b.tv(2, b.bcd(IMSI)), extensions=chain)
    assert seen(b.over_udp(message, 2123))[0]["victim.imsi"] == IMSI
    endless = b.gtpv1(16, b.tv(2, b.bcd(IMSI)), extensions=b"\xc0" + b"\1\0\0\xc0" * 900)
    assert counted(b.over_udp(endless, 2123)) == (0, {}, {Malformed.GTP: 1})


def test_tags_and_extension_headers_are_passed_over_within_bounds():
    deep = b.ethernet(b.ipv4(17, b.udp(GTP, 2123, 2123)), tags=(0x8100,) * 8)
    deeper = b.ethernet(b.ipv4(17, b.udp(GTP, 2123, 2123)), tags=(0x8100,) * 9)
    assert counted(deep, deeper) == (1, {Skipped.NOT_IP: 1}, {})
    many = b.ipv6(17, b.udp(GTP, 2123, 2123), extensions=[(60, bytes(7))] * 9)
    assert counted(b.ethernet(many, 0x86DD)) == (0, {Skipped.TRANSPORT: 1}, {})


def test_the_time_of_a_packet_that_has_none_is_left_out():
    capture = b.section() + b.interface() + b.simple(b.over_udp(GTP, 2123))
    (sighting,), _tally = look(capture)
    assert sighting.time is None
