"""Messages of every kind, in one process: what is told, what is hidden, that nothing breaks it."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.response.captures import building as b
from tests.response.captures.cases import CASES, IMSI
from tests.response.captures.looking import tshark
from tests.response.captures.test_hostile import PACKETS, mutated

from tcert.response.explain.decoding import Explainer
from tcert.response.explain.enums import Protocol
from tcert.response.explain.tree import lines, read

pytestmark = [pytest.mark.once, pytest.mark.slow]

NUMBER = "491601234567"
TEXT = b"meet me at the bridge"


def told(element) -> str:
    return "\n".join(lines(element))


def explained(name, *, whole=False):
    """What is told of the first packet of a case, and what could not be decoded."""
    explainer = Explainer(whole=whole)
    link, packet = CASES[name][0]
    return told(explainer.packet(link, packet)), explainer.problems


def values(element, name):
    """All values of the elements of a name, in their order."""
    own = [element.value] if element.name == name and element.value else []
    return own + [value for one in element.of for value in values(one, name)]


def element(name, *, whole=True):
    link, packet = CASES[name][0]
    return Explainer(whole=whole).packet(link, packet)


def sms(text: bytes) -> bytes:
    """A forwarded short message as MAP carries it."""
    address = b.tlv(0x84, b"\x91" + b.bcd("4917100000"))
    argument = b.tlv(0x30, b.tlv(0x80, b.bcd(IMSI)) + address + b.tlv(0x04, text))
    return b.begin(44, argument)


def test_every_kind_is_explained_and_subscribers_are_masked():
    for name in CASES:
        shown, problems = explained(name)
        assert IMSI not in shown, name
        assert IMSI[6:] not in shown, name
        assert NUMBER not in shown, name
        assert "33612345678" not in shown, name
        undecoded = [one for one in problems if "TCAP" not in one]
        assert name == "xudt, first segment" or undecoded == [], (name, problems)


def test_what_a_person_reads():
    shown, problems = explained("gtp version 2")
    assert problems == []
    for line in ("IMSI", "31041xxxxxxxxxx", "+491601xxxxxx", "PLMN: 262-01", "IPv4Addr: 10.1.2.3"):
        assert line in shown
    assert "internet.mnc001.mcc262.gprs" in shown
    assert IMSI in explained("gtp version 2", whole=True)[0]


def test_content_is_never_told_whole_or_not():
    message = b.sccp(b.party(b.title("491710000001")), b.party(b.title("33612345678")), sms(TEXT))
    packets = [
        b.over_sctp(b.data(b.m3ua(message), 3)),
        b.over_udp(b.sip("<sip:a@b.example>", "<sip:c@d.example>", body=TEXT.decode()), 5060),
        b.over_udp(b"\x30\xff" + len(TEXT).to_bytes(2, "big") + bytes(4) + TEXT, 2123),
        b.over_udp(b"\x30\xff\0\x10\0\0\0\1" + TEXT, 2152),
        b.over_sctp(
            b.data(b.diameter(8388646, b.avp(3301, TEXT, 10415), b.avp(702, TEXT, 10415)), 46),
            port=3868,
        ),
    ]
    for packet in packets:
        for whole in (False, True):
            shown = told(Explainer(whole=whole).packet(1, packet))
            assert "not shown" in shown
            assert TEXT.decode() not in shown
            assert TEXT.hex() not in shown


def test_octets_that_are_no_such_message_are_said_to_be_none():
    for protocol in Protocol:
        explainer = Explainer()
        shown = told(explainer.message(protocol, b"\xff" * 40))
        assert "not " in shown
        assert explainer.problems
    explainer = Explainer()
    explainer.packet(9999, b"")
    assert explainer.problems == ["Packets of link type 9999 are not read."]


@given(
    link=st.sampled_from([1, 101, 113, 140, 141, 142, 248, 276]),
    octets=st.binary(max_size=200) | mutated([packet for _link, packet in PACKETS]),
    whole=st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_packet_breaks_it(link, octets, whole):
    explainer = Explainer(whole=whole)
    found = explainer.packet(link, octets)
    assert json.dumps(found.told())
    assert read(found.told()).name == "packet"


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """What tshark says of the first packet of each case, by field."""
    fields = (
        "sccp.calling.digits", "gsm_old.localValue", "m3ua.protocol_data_opc", "tcap.otid",
        "diameter.cmd.code", "diameter.Origin-Host", "diameter.User-Name", "diameter.Result-Code",
        "e212.imsi", "e164.msisdn", "gtpv2.message_type", "gtpv2.f_teid_ipv4", "gtpv2.apn",
        "gtp.apn", "gtp.gsn_ipv4", "pfcp.msg_type", "pfcp.node_id_ipv4", "pfcp.node_id_fqdn",
        "pfcp.f_seid.ipv4", "sip.from.host", "sip.CSeq.method",
    )  # fmt: skip
    names = list(CASES)
    links = sorted({CASES[name][0][0] for name in names})
    capture = b.section() + b"".join(
        [b.interface(link) for link in links]
        + [
            b.enhanced(CASES[name][0][1], n * 1_000_000, links.index(CASES[name][0][0]))
            for n, name in enumerate(names)
        ]
    )
    rows = tshark(capture, tmp_path_factory.mktemp("tshark"), *fields)
    return {
        name: dict(zip(fields, row, strict=True)) for name, row in zip(names, rows, strict=True)
    }


@pytest.mark.parametrize(
    ("case", "ours", "field"),
    [
        ("udt", "originating point code", "m3ua.protocol_data_opc"),
        ("udt", "local", "gsm_old.localValue"),
        ("tcp", "Origin-Host", "diameter.Origin-Host"),
        ("tcp", "User-Name", "diameter.User-Name"),
        ("pfcp.node_id_fqdn", "Val", "pfcp.node_id_fqdn"),
    ],
)
def test_values_are_those_of_tshark(case, ours, field, theirs):
    assert values(element(case), ours)[: len(theirs[case][field])] == theirs[case][field] != []


@pytest.mark.parametrize(
    ("case", "field"),
    [
        ("udt", "sccp.calling.digits"),
        ("gtp version 2", "e212.imsi"),
        ("gtp version 2", "e164.msisdn"),
        ("gtp version 2", "gtpv2.f_teid_ipv4"),
        ("gtp version 2", "gtpv2.apn"),
        ("gtp version 1", "e212.imsi"),
        ("gtp version 1", "gtp.apn"),
        ("gtp version 1", "gtp.gsn_ipv4"),
        ("pfcp.node_id_ipv4", "pfcp.node_id_ipv4"),
        ("pfcp.f_seid.ipv4", "pfcp.f_seid.ipv4"),
        ("sip", "sip.from.host"),
        ("sip", "sip.CSeq.method"),
    ],
)
def test_what_tshark_reads_is_among_what_is_told(case, field, theirs):
    shown = told(element(case))
    assert theirs[case][field]
    assert all(value in shown for value in theirs[case][field])


@pytest.mark.parametrize(
    "message",
    [
        b"MESSAGE sip:b@c.example SIP/2.0\r\nSubject: hello\r\n %b\r\n\r\nx",
        b"MESSAGE sip:b@c.example SIP/2.0\r\nSubject: hello\r\n%b\r\n\r\nx",
        b"MESSAGE sip:b@c.example SIP/2.0\r\nContent-Length: 21\n\n%b",
        b"MESSAGE sip:b@c.example SIP/2.0\nServer: x\n\n%b",
        b"SIP/2.0 200 OK\r\nServer: %b\r\n\r\n",
        b"SIP/2.0 200 OK\r\nContent-Type: text/plain; %b\r\n\r\n",
        b"SIP/2.0 200 %b\r\n%b: 1\r\n\r\n",
    ],
)
def test_no_line_of_a_message_that_is_told_for_a_header_is_shown(message):
    """A line that goes on, a body behind another end of line, a sentence as a product."""
    for whole in (False, True):
        shown = told(Explainer(whole=whole).message(Protocol.SIP, message.replace(b"%b", TEXT)))
        assert "bridge" not in shown


def test_a_number_that_stands_where_a_domain_should_is_hidden():
    message = b"SIP/2.0 200 OK\r\nFrom: <sip:12345;phone-context=+49>\r\nX-%b: 1\r\n\r\n"
    shown = told(Explainer().message(Protocol.SIP, message.replace(b"%b", IMSI.encode())))
    assert "12345" not in shown


def test_octets_of_an_unknown_parameter_or_tag_are_no_number_and_no_name():
    unknown = b"\x00\x04\x00\x08meet"
    management = b"\1\0\0\0" + (8 + len(unknown)).to_bytes(4, "big") + unknown
    shown = told(Explainer().message(Protocol.M3UA, management))
    assert str(int.from_bytes(b"meet", "big")) not in shown
    assert "4 octets" in shown
    explainer = Explainer()
    tag = b"\xff" + bytes(0x80 | one for one in TEXT[:8]) + b"\x01\x00"
    shown = told(explainer.message(Protocol.TCAP, tag))
    assert tag[:9].hex() not in shown
    assert explainer.problems
