"""The same fields from our scanners and from tshark, in one capture of many kinds of packets."""

from io import BytesIO

import pytest
from tests.response.captures.cases import (
    CASES,
    DIAMETER,
    IMSI,
    LAYERS,
    LINKS,
    NO_TITLE,
    PFCP,
    SIGNALLING_LINKS,
    SIP,
    SS7,
    capture,
)
from tests.response.captures.looking import told, tshark

from tcert.response.captures.scanning import scan

pytestmark = [pytest.mark.once, pytest.mark.slow]

FIELDS = (
    "ip.src",
    "sccp.calling.digits",
    "sccp.called.digits",
    "gsm_old.localValue",
    "m3ua.protocol_data_opc",
    "m3ua.protocol_data_dpc",
    "mtp3.opc",
    "sua.source.global_title_digits",
    "sua.destination.global_title_digits",
    "diameter.Origin-Host",
    "diameter.Origin-Realm",
    "diameter.Destination-Host",
    "diameter.Destination-Realm",
    "diameter.User-Name",
    "diameter.Visited-PLMN-Id",
    "e212.imsi",
    "e164.msisdn",
    "e212.mcc",
    "e212.mnc",
    "e212.rai.mcc",
    "e212.rai.mnc",
    "gtpv2.message_type",
    "gtpv2.apn",
    "gtpv2.f_teid_ipv4",
    "gtp.message",
    "gtp.apn",
    "gtp.gsn_ipv4",
    "pfcp.msg_type",
    *PFCP,
    "sip.from.host",
    "sip.to.host",
)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """For each case, for each field, all values that tshark reads in its packets."""
    lines = tshark(capture(), tmp_path_factory.mktemp("tshark"), "frame.time_epoch", *FIELDS)
    found = {name: {field: [] for field in FIELDS} for name in CASES}
    names = list(CASES)
    for (when,), *cells in lines:
        for field, cell in zip(FIELDS, cells, strict=True):
            found[names[int(float(when))]][field] += cell
    return found


@pytest.fixture(scope="module")
def ours():
    """For each case the records of its packets."""
    found = {name: [] for name in CASES}
    names = list(CASES)
    for one in map(told, scan(BytesIO(capture()))):
        hour, minute, second = one["time.source"][11:19].split(":")
        found[names[int(hour) * 3600 + int(minute) * 60 + int(second)]].append(one)
    return found


def column(found, key):
    return [one[key] for one in found if key in one]


def digits(titles):
    return [title.removeprefix("+").partition(";")[0] for title in titles]


@pytest.mark.parametrize("name", SS7 | NO_TITLE)
def test_titles_and_operations_of_ss7(name, shown, ours):
    theirs, found = shown[name], ours[name]
    assert digits(column(found, "source.gt")) == theirs["sccp.calling.digits"]
    assert digits(column(found, "destination.gt")) == theirs["sccp.called.digits"]
    assert column(found, "operation") == theirs["gsm_old.localValue"]
    assert bool(column(found, "source.gt")) == (name != "no title")


def test_bundled_chunks_are_told_one_by_one(ours):
    assert column(ours["bundled"], "operation") == ["2", "45", "71"]


def test_titles_of_sua(shown, ours):
    for key, field in (("source.gt", "source"), ("destination.gt", "destination")):
        (title,) = digits(column(ours["sua"], key))
        (padded,) = shown["sua"][f"sua.{field}.global_title_digits"]
        assert padded == title + "0" * (len(padded) - len(title))


def number(code: str) -> str:
    zone, area, point = (int(part) for part in code.split("-"))
    return str(zone << 11 | area << 3 | point)


def test_point_codes(shown, ours):
    for name, field in (("udt", "m3ua.protocol_data_opc"), ("mtp3", "mtp3.opc")):
        (code,) = column(ours[name], "source.pc")
        assert [number(code)] == shown[name][field] == ["2057"]
    (code,) = column(ours["udt"], "destination.pc")
    assert [number(code)] == shown["udt"]["m3ua.protocol_data_dpc"] == ["4114"]


@pytest.mark.parametrize("name", DIAMETER)
def test_names_and_subscribers_of_diameter(name, shown, ours):
    theirs, found = shown[name], ours[name]
    assert column(found, "source.host") == theirs["diameter.Origin-Host"] != []
    assert column(found, "source.realm") == theirs["diameter.Origin-Realm"]
    assert column(found, "destination.host") == theirs["diameter.Destination-Host"]
    assert column(found, "destination.realm") == theirs["diameter.Destination-Realm"]
    assert column(found, "victim.imsi") == theirs["diameter.User-Name"]
    # tshark shows the octets of a visited network, we its identity
    visited = theirs["diameter.Visited-PLMN-Id"]
    assert column(found, "serving.plmn") == ["262-01" for one in visited if one == "62f210"]


def test_subscribers_networks_and_tunnels_of_gtp_version_2(shown, ours):
    theirs, (found,) = shown["gtp version 2"], ours["gtp version 2"]
    assert theirs["ip.src"] == [found["source.ip"]]
    assert theirs["gtpv2.message_type"] == [found["message"]]
    assert theirs["e212.imsi"] == [found["victim.imsi"]]
    assert theirs["e164.msisdn"] == [found["victim.msisdn"].removeprefix("+")]
    assert f"{theirs['e212.mcc'][-1]}-{int(theirs['e212.mnc'][-1]):02}" == found["serving.plmn"]
    assert theirs["gtpv2.apn"] == [found["apn"]]
    assert theirs["gtpv2.f_teid_ipv4"] == [found["node"]]


def test_subscribers_and_networks_of_gtp_version_1(shown, ours):
    theirs, (found,) = shown["gtp version 1"], ours["gtp version 1"]
    assert [int(one, 0) for one in theirs["gtp.message"]] == [int(found["message"])]
    assert theirs["e212.imsi"] == [found["victim.imsi"]]
    assert theirs["e164.msisdn"] == [found["victim.msisdn"].removeprefix("+")]
    rai = f"{theirs['e212.rai.mcc'][0]}-{int(theirs['e212.rai.mnc'][0]):02}"
    assert rai == found["serving.plmn"]
    assert theirs["gtp.apn"] == [found["apn"]]
    assert theirs["gtp.gsn_ipv4"] == [found["node"]]


@pytest.mark.parametrize(
    ("name", "field", "kinds"),
    [
        ("piggybacked", "gtpv2.message_type", ["33", "95"]),
        ("followed", "pfcp.msg_type", ["52", "54"]),
    ],
)
def test_several_messages_in_one_datagram(name, field, kinds, shown, ours):
    assert column(ours[name], "message") == shown[name][field] == kinds


@pytest.mark.parametrize("field", PFCP)
def test_nodes_of_pfcp(field, shown, ours):
    assert column(ours[field], "node") == shown[field][field] != []
    assert column(ours[field], "message") == shown[field]["pfcp.msg_type"]


@pytest.mark.parametrize("name", SIP)
def test_domains_of_sip(name, shown, ours):
    for key, field in (("domain", "sip.from.host"), ("destination.domain", "sip.to.host")):
        assert column(ours[name], key) == [one.strip("[]") for one in shown[name][field]] != []


@pytest.mark.parametrize("name", LAYERS | LINKS)
def test_layers_below(name, shown, ours):
    assert column(ours[name], "victim.imsi") == shown[name]["e212.imsi"] == [IMSI]


@pytest.mark.parametrize("name", SIGNALLING_LINKS)
def test_links_of_ss7(name, shown, ours):
    assert digits(column(ours[name], "source.gt")) == shown[name]["sccp.calling.digits"] != []
    assert digits(column(ours[name], "destination.gt")) == shown[name]["sccp.called.digits"]
