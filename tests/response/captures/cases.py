"""One packet or more of every kind that is scanned, by name, with its link type."""

from itertools import count

from tests.response.captures import building as b

HOST, REALM = "mme1.epc.mnc001.mcc262.3gppnetwork.org", "epc.mnc001.mcc262.3gppnetwork.org"
HOME = "epc.mnc410.mcc310.3gppnetwork.org"
IMSI = "310410123456789"

CALLED, CALLING = b.party(b.title("491710000001")), b.party(b.title("33612345678"), subsystem=7)
MESSAGE = b.sccp(CALLED, CALLING, b.begin(56))
DIALOGUE = b.tlv(0x6B, b.tlv(0x28, b.tlv(0x06, bytes.fromhex("00118605010101"))))
SIGNAL = b.mtp3(MESSAGE, 2057, 4114)

ASSOCIATIONS = count(1)
"""tshark leaves out what seems sent twice, so that each packet gets an association of its own."""


def over_sctp(*chunks: bytes, port=2905) -> list[bytes]:
    return [b.over_sctp(*chunks, port=port, tag=next(ASSOCIATIONS))]


def over_tcp(*segments: bytes) -> list[bytes]:
    source, number, out = f"10.0.0.{next(ASSOCIATIONS)}", 1, []
    for octets in segments:
        out.append(b.over_tcp(octets, number=number, source=source))
        number += len(octets)
    return out


def ss7(message: bytes, **codes) -> list[bytes]:
    return over_sctp(b.data(b.m3ua(message, **codes), 3))


def title_1(octets: bytes) -> bytes:
    return b.party(octets, 1)


def title_3(octets: bytes) -> bytes:
    return b.party(octets, 3)


SS7 = {
    "udt": ss7(MESSAGE, origin=2057, target=4114),
    "udt with a dialogue": ss7(b.sccp(CALLED, CALLING, b.begin(7, dialogue=DIALOGUE))),
    "xudt": ss7(b.sccp(CALLED, CALLING, b.begin(45), kind=0x11)),
    "xudt, first segment": ss7(
        b.sccp(CALLED, CALLING, b.begin(45), kind=0x11, optional=b"\x10\4\x80\1\2\3\0")
    ),
    "ludt": ss7(b.sccp(CALLED, CALLING, b.begin(44), kind=0x13)),
    "udts": ss7(b.sccp(CALLED, CALLING, b.begin(2), kind=0x0A)),
    "code in the address": ss7(
        b.sccp(b.party(b.title("4917100"), code=9), b.party(b.title("33612"), code=9), b.begin(2))
    ),
    "indicator 1": ss7(
        b.sccp(title_1(b"\x84" + b.bcd("4917101", "0")), title_1(b"\4" + b.bcd("336123")))
    ),
    "indicator 3": ss7(
        b.sccp(title_3(b"\0\x11" + b.bcd("4917101", "0")), title_3(b"\0\x12" + b.bcd("336123")))
    ),
    "other parameters first": ss7(
        MESSAGE, before=b.parameter(0x0200, b"\0\0\0\1") + b.parameter(6, b"\0\0\0\5")
    ),
    "m2pa": over_sctp(b.data(b.m2pa(SIGNAL), 5), port=3565),
    "i-data": over_sctp(b.i_data(b.m3ua(MESSAGE), 3)),
    "bundled": over_sctp(
        b.HEARTBEAT,
        b.data(b.m3ua(b.sccp(b.party(b.title("4917102")), CALLING, b.begin(2))), 3),
        b.HEARTBEAT,
        b.data(
            b.m3ua(b.sccp(b.party(b.title("4917103")), CALLING, b.begin(45))), 3, tsn=2, order=2
        ),
        b.data(
            b.m3ua(b.sccp(b.party(b.title("4917104")), CALLING, b.begin(71))), 3, tsn=3, order=3
        ),
    ),
}
NO_TITLE = {
    "no title": ss7(b.sccp(b.party(indicator=0), b.party(indicator=0, code=5), b.begin(2))),
}
SUA = {
    "sua": over_sctp(
        b.data(b.sua(b.sua_party("33612345678"), b.sua_party("491710000001")), 4), port=14001
    ),
}

REQUEST = b.diameter(
    316,
    b.avp(263, b"session;1"),
    b.ends(HOST, REALM, HOME, "hss." + HOME),
    b.avp(1, IMSI.encode()),
    b.avp(1407, b"\x62\xf2\x10", 10415),
)
ANSWER = b.diameter(316, b.avp(268, b"\0\0\7\xd1"), b.ends("hss." + HOME, HOME), request=False)
DIAMETER = {
    "sctp": over_sctp(b.data(REQUEST, 46), port=3868),
    "bundled diameter": over_sctp(
        b.data(REQUEST, 46), b.data(ANSWER, 46, tsn=2, order=2), port=3868
    ),
    "tcp": over_tcp(REQUEST),
    "three in a segment": over_tcp(REQUEST + ANSWER + REQUEST),
    "two segments": over_tcp(REQUEST[:100], REQUEST[100:] + ANSWER),
    "header in two": over_tcp(REQUEST[:9], REQUEST[9:]),
    "three segments": over_tcp(REQUEST + REQUEST[:30], REQUEST[30:60], REQUEST[60:] + ANSWER),
}

CREATE = b.gtpv2(
    32,
    b.v2(1, b.bcd(IMSI)),
    b.v2(76, b.bcd("491601234567")),
    b.v2(83, b"\x62\xf2\x10"),
    b.fteid("10.1.2.3", "2001:db8::3"),
    b.v2(71, b.labels("internet.mnc001.mcc262.gprs")),
)
CONTEXT = b.gtpv1(
    16,
    b.tv(2, b.bcd(IMSI)),
    b.tv(3, b"\x62\xf2\x10\0\1\1"),
    b.tv(14, b"\1"),
    b.tv(15, b"\xfc"),
    b.tv(16, b"\0\0\0\1"),
    b.tv(17, b"\0\0\0\2"),
    b.tv(20, b"\5"),
    b.v1(131, b.labels("internet.mnc001.mcc262.gprs")),
    b.v1(133, bytes([10, 1, 2, 3])),
    b.v1(134, b"\x91" + b.bcd("491601234567")),
)
GTP = {
    "gtp version 2": [b.over_udp(CREATE, 2123)],
    "gtp version 1": [b.over_udp(CONTEXT, 2123)],
}
PIGGYBACKED = b.over_udp(b.gtpv2(33, b.fteid("10.9.9.9"), piggyback=True) + b.gtpv2(95), 2123)
PFCP = {
    "pfcp.node_id_ipv4": b.node("10.0.0.7"),
    "pfcp.node_id_ipv6": b.node("2001:db8::7"),
    "pfcp.node_id_fqdn": b.node("upf1.example.net"),
    "pfcp.f_seid.ipv4": b.fseid("10.0.0.8"),
    "pfcp.f_seid.ipv6": b.fseid(ip6="2001:db8::8"),
}
FOLLOWED = b.pfcp(52, session=True, followed=True) + b.pfcp(54, session=True)
SIP = {
    "sip": ("<sip:+491701234567@ims.example.net>;tag=1", "<sip:bob@example.org>"),
    "sip, quoted": ('"A <b" <sip:alice@example.net;x=1>;tag=1', "sip:bob@example.org"),
    "sip, addresses": ("<sips:alice@[2001:db8::5]:5061>;tag=1", "<sip:192.0.2.9>"),
}
DATAGRAM = b.udp(CREATE, 2123, 2123)
PLAIN = b.ipv4(17, DATAGRAM)
LAYERS = {
    "vlan": b.ethernet(PLAIN, tags=(0x8100,)),
    "qinq": b.ethernet(PLAIN, tags=(0x88A8, 0x8100)),
    "ipv4 options": b.ethernet(b.ipv4(17, DATAGRAM, options=b"\x94\4\0\0")),
    "ipv6": b.ethernet(b.ipv6(17, DATAGRAM), 0x86DD),
    "ipv6 extensions": b.ethernet(
        b.ipv6(17, DATAGRAM, extensions=[(0, bytes(7)), (60, bytes(7))]), 0x86DD, tags=(0x8100,)
    ),
    "padding": b.ethernet(PLAIN + b"padding"),
}
LINKS = {
    "raw": (101, PLAIN),
    "raw ipv6": (229, b.ipv6(17, DATAGRAM)),
    "ipv4": (228, PLAIN),
    "null": (0, b"\2\0\0\0" + PLAIN),
    "loop": (108, b"\0\0\0\2" + PLAIN),
    "cooked": (113, bytes(14) + b"\x08\0" + PLAIN),
    "cooked 2": (276, b"\x08\0" + bytes(18) + PLAIN),
}
SIGNALLING_LINKS = {
    "mtp2": (140, b"\x81\x81\x3f" + SIGNAL),
    "mtp2 behind its header": (139, bytes(4) + b"\x81\x81\x3f" + SIGNAL),
    "mtp3": (141, SIGNAL),
    "sccp": (142, MESSAGE),
    "sctp link": (248, b.sctp(b.data(b.m3ua(MESSAGE, 2057, 4114), 3), tag=99)),
}
CASES = {
    **{
        name: [(1, packet) for packet in packets]
        for group in (SS7, NO_TITLE, SUA, DIAMETER, GTP)
        for name, packets in group.items()
    },
    "piggybacked": [(1, PIGGYBACKED)],
    **{f: [(1, b.over_udp(b.pfcp(50, e, session=True), 8805))] for f, e in PFCP.items()},
    "followed": [(1, b.over_udp(FOLLOWED, 8805))],
    **{name: [(1, b.over_udp(b.sip(*ends), 5060))] for name, ends in SIP.items()},
    **{name: [(1, packet)] for name, packet in LAYERS.items()},
    **{name: [one] for name, one in (LINKS | SIGNALLING_LINKS).items()},
}
NUMBERS = {name: n for n, name in enumerate(CASES)}


def capture() -> bytes:
    """Every packet, each on an interface of its link type, at the second of its case's number."""
    links = sorted({link for packets in CASES.values() for link, _packet in packets})
    return b.section() + b"".join(
        [b.interface(link) for link in links]
        + [
            b.enhanced(packet, NUMBERS[name] * 1_000_000, links.index(link))
            for name, packets in CASES.items()
            for link, packet in packets
        ]
    )
