"""Names lead to a network by their end only, and by both readings of a padded MNC."""

import pytest

from tcert.foundation.identifiers import names
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import networks, parse


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("EPC.MNC001.MCC208.3gppNetwork.org.", "epc.mnc001.mcc208.3gppnetwork.org"),
        (" dra-1.Example.NET ", "dra-1.example.net"),
        ("a" * 63 + ".net", "a" * 63 + ".net"),
        (".".join(["a" * 63] * 3 + ["b" * 61]), ".".join(["a" * 63] * 3 + ["b" * 61])),
        ("1.2.3.4a", "1.2.3.4a"),
    ],
)
def test_a_name_is_lower_case_without_final_dot(text, canonical):
    assert names.host_name(text) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "localhost",
        "example..net",
        ".example.net",
        "example.net..",
        "-dra.example.net",
        "dra-.example.net",
        "dra_1.example.net",
        "dra 1.example.net",
        "dra.example.net:3868",
        "aaa://dra.example.net",
        "bücher.example",
        "a" * 64 + ".net",
        ".".join(["a" * 63] * 3 + ["b" * 62]),
        "192.0.2.1",
        "*.example.net",
    ],
)
@pytest.mark.parametrize("kind", [Kind.DIAMETER_REALM, Kind.DIAMETER_HOST])
def test_what_is_no_name_is_refused(kind, text):
    with pytest.raises(IdentifierRefused, match=r"example\.net"):
        parse(kind, text)


@pytest.mark.parametrize(
    ("name", "padded"),
    [
        ("epc.mnc015.mcc234.3gppnetwork.org", "mnc015.mcc234"),
        ("mnc015.mcc234.3gppnetwork.org", "mnc015.mcc234"),
        ("epdg.epc.mnc015.mcc234.pub.3gppnetwork.org", "mnc015.mcc234"),
        ("xcap.ims.mnc015.mcc234.ipxuni.3gppnetwork.org", "mnc015.mcc234"),
        ("internet.mnc015.mcc234.gprs", "mnc015.mcc234"),
        ("mnc001.mcc001.3gppnetwork.org.mnc015.mcc234.gprs", "mnc015.mcc234"),
        # whoever registers a domain may put any labels in front of it
        ("epc.mnc015.mcc234.3gppnetwork.org.example.net", None),
        ("mnc015.mcc234.3gppnetwork.org.gprs", None),
        ("epc.mnc015.mcc234.x3gppnetwork.org", None),
        ("epc.xmnc015.mcc234.3gppnetwork.org", None),
        ("epc.mnc15.mcc234.3gppnetwork.org", None),
        ("epc.mcc234.mnc015.3gppnetwork.org", None),
        ("epc.mnc015.x.mcc234.3gppnetwork.org", None),
        ("dra.example.net", None),
    ],
)
def test_only_the_end_of_a_name_tells_its_network(name, padded):
    found = parse(Kind.DIAMETER_REALM, name)
    assert found.parts.get("padded") == padded
    assert found.geographic is (padded is not None)
    assert names.wears_plmn(name) is (padded is not None)


def test_a_padded_mnc_has_both_readings():
    found = parse(Kind.DIAMETER_REALM, "epc.mnc015.mcc234.3gppnetwork.org")
    assert [c.plmn for c in networks(found)] == ["234-15", "234-015"]
    assert [c.plmn for c in networks(found, {"234-015"})] == ["234-015", "234-15"]
    assert networks(parse(Kind.DIAMETER_REALM, "dra.example.net")) == ()


@pytest.mark.parametrize("mcc", ["901", "999", "001"])
def test_a_network_of_no_country_stays_so_by_name(mcc):
    assert not parse(Kind.DIAMETER_REALM, f"epc.mnc031.mcc{mcc}.3gppnetwork.org").geographic


@pytest.mark.parametrize(
    ("name", "is_realm"),
    [
        ("epc.mnc015.mcc234.3gppnetwork.org", True),
        ("ims.mnc015.mcc234.3gppnetwork.org", True),
        ("5gc.mnc015.mcc234.3gppnetwork.org", True),
        ("mme1.epc.mnc015.mcc234.3gppnetwork.org", False),
        ("mnc015.mcc234.3gppnetwork.org", False),
        ("epc.example.net", False),
    ],
)
def test_a_realm_is_told_from_a_node_in_it(name, is_realm):
    assert names.is_operator_realm(name) is is_realm


@pytest.mark.parametrize(
    "name",
    [
        "5gc.mnc012.mcc345.3gppnetwork.org",
        "nrf.5gc.mnc012.mcc345.3gppnetwork.org",
        "pt1.set2.region3.amfi.5gc.mnc012.mcc345.3gppnetwork.org",
        "n3iwf.5gc.mnc012.mcc345.pub.3gppnetwork.org",
    ],
)
def test_a_5g_name_ends_in_its_core_domain(name):
    assert "nid" not in parse(Kind.FQDN_5G, name).parts


def test_a_non_public_network_is_not_the_holder_of_its_plmn():
    name = "nrf.5gc.nid000007ed9d5.mnc012.mcc345.3gppnetwork.org"
    assert parse(Kind.FQDN_5G, name).parts == {
        "padded": "mnc012.mcc345",
        "mcc": "345",
        "nid": "000007ed9d5",
    }
    assert "nid" not in names.naming("nid000007ed9d5.5gc.mnc012.mcc345.3gppnetwork.org")


@pytest.mark.parametrize(
    "name",
    [
        "epc.mnc012.mcc345.3gppnetwork.org",
        "x5gc.mnc012.mcc345.3gppnetwork.org",
        "5gc.x.mnc012.mcc345.3gppnetwork.org",
        "5gc.nid123.mnc012.mcc345.3gppnetwork.org",
        "nrf.5gc.mnc012.mcc345.gprs",
        "nrf.5gc.example.net",
        "mnc012.mcc345.3gppnetwork.org",
    ],
)
def test_what_is_no_5g_name_is_refused(name):
    with pytest.raises(IdentifierRefused, match=r"nrf\.5gc"):
        parse(Kind.FQDN_5G, name)


def test_an_apn_names_its_operator():
    found = parse(Kind.APN, "Internet.MNC012.MCC345.GPRS")
    assert found.canonical == "internet.mnc012.mcc345.gprs"
    assert [c.plmn for c in networks(found)] == ["345-12", "345-012"]
    assert parse(Kind.APN, "mnc012.mcc345.gprs").parts["padded"] == "mnc012.mcc345"


@pytest.mark.parametrize(
    "name", ["internet", "internet.gprs", "internet.mnc012.mcc345.3gppnetwork.org"]
)
def test_an_apn_without_operator_is_refused(name):
    with pytest.raises(IdentifierRefused, match="gprs"):
        parse(Kind.APN, name)


@pytest.mark.parametrize(
    ("name", "under"),
    [
        ("3gppnetwork.org", True),
        ("a.3gppnetwork.org", True),
        ("x3gppnetwork.org", False),
        ("3gppnetwork.org.example.net", False),
    ],
)
def test_the_domain_of_3gpp_is_known_by_whole_labels(name, under):
    assert names.is_of_3gpp(name) is under
