"""Addresses, networks, AS numbers, domains and e-mail addresses in one form each."""

from ipaddress import IPv4Address, IPv6Address

import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tcert.foundation.identifiers.internet import Scope, suffixes
from tcert.foundation.identifiers.kinds import Kind
from tcert.foundation.identifiers.names import host_name
from tcert.foundation.identifiers.refusals import IdentifierRefused
from tcert.foundation.identifiers.registry import parse


def refused(kind, text):
    with pytest.raises(IdentifierRefused):
        parse(kind, text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("::", "::"),
    ],
)
def test_an_address_has_one_form_and_a_mapped_one_is_ipv4(text, canonical):
    found = parse(Kind.IP, text)
    assert found.canonical == canonical
    assert found.parts["version"] == ("6" if ":" in canonical else "4")


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.01",  # some read octal
        "192.0.2",
        "3221225985",
        "0xc0000201",
        "192.0.2.256",
        "fe80::1%eth0",
        "[2001:db8::1]",
        "192.0.2.1:2123",
        "192.0.2.1/32",
        "1:2:3:4:5:6:7:8:9",
        "example.net",
        "١٩٢.٠.٢.١",
    ],
)
def test_what_is_no_address_is_refused(text):
    refused(Kind.IP, text)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("8.8.8.8", Scope.PUBLIC),
        ("10.255.255.255", Scope.PRIVATE),
        ("11.0.0.0", Scope.PUBLIC),
        ("172.15.255.255", Scope.PUBLIC),
        ("172.16.0.0", Scope.PRIVATE),
        ("172.31.255.255", Scope.PRIVATE),
        ("172.32.0.0", Scope.PUBLIC),
        ("192.168.0.1", Scope.PRIVATE),
        ("100.63.255.255", Scope.PUBLIC),
        ("100.64.0.1", Scope.SHARED),
        ("100.127.255.255", Scope.SHARED),
        ("100.128.0.0", Scope.PUBLIC),
        ("127.0.0.1", Scope.LOCAL),
        ("169.254.169.254", Scope.LOCAL),
        ("0.0.0.0", Scope.RESERVED),  # noqa: S104
        ("192.0.0.8", Scope.RESERVED),
        ("192.0.2.1", Scope.DOCUMENTATION),
        ("198.51.100.1", Scope.DOCUMENTATION),
        ("203.0.113.1", Scope.DOCUMENTATION),
        ("192.88.99.1", Scope.TRANSITION),
        ("198.18.0.1", Scope.RESERVED),
        ("198.20.0.0", Scope.PUBLIC),
        ("224.0.0.1", Scope.MULTICAST),
        ("240.0.0.1", Scope.RESERVED),
        ("255.255.255.255", Scope.RESERVED),
        ("2a00::1", Scope.PUBLIC),
        ("2001:200::1", Scope.PUBLIC),
        ("2001:1::1", Scope.RESERVED),
        ("2001::1", Scope.TRANSITION),
        ("2001:db8::1", Scope.DOCUMENTATION),
        ("3fff::1", Scope.DOCUMENTATION),
        ("2002:c000:201::1", Scope.TRANSITION),
        ("64:ff9b::c000:201", Scope.TRANSITION),
        ("64:ff9b:1::1", Scope.TRANSITION),
        ("fd00::1", Scope.PRIVATE),
        ("fe80::1", Scope.LOCAL),
        ("::1", Scope.LOCAL),
        ("::", Scope.RESERVED),
        ("ff02::1", Scope.MULTICAST),
        ("4000::1", Scope.RESERVED),
        ("100::1", Scope.RESERVED),
        ("::ffff:10.0.0.1", Scope.PRIVATE),
    ],
)
def test_only_a_public_address_has_a_holder_to_ask(text, scope):
    """A GTP peer in a private range stands behind a translator and names nobody."""
    assert parse(Kind.IP, text).parts["scope"] == scope


@given(st.ip_addresses())
def test_every_address_has_a_scope_and_a_fixed_form(address):
    found = parse(Kind.IP, str(address))
    assert parse(Kind.IP, found.canonical) == found
    if found.parts["scope"] == Scope.PUBLIC:
        # what is public here the library's registry calls global, or assigned to a protocol
        assert not address.is_private
        assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_its_ipv4_address(address):
    mapped = IPv6Address(b"\x00" * 10 + b"\xff\xff" + IPv4Address(address).packed)
    assert parse(Kind.IP, str(mapped)) == parse(Kind.IP, str(address))


@pytest.mark.parametrize(
    ("text", "canonical", "first", "last"),
    [
        ("192.0.2.0/24", "192.0.2.0/24", "192.0.2.0", "192.0.2.255"),
        ("192.0.2.1/32", "192.0.2.1/32", "192.0.2.1", "192.0.2.1"),
        ("2001:DB8::/126", "2001:db8::/126", "2001:db8::", "2001:db8::3"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24", "192.0.2.0", "192.0.2.255"),
    ],
)
def test_a_network_is_its_first_address_and_length(text, canonical, first, last):
    found = parse(Kind.CIDR, text)
    assert found.canonical == canonical
    version, scope = ("6" if ":" in canonical else "4"), Scope.DOCUMENTATION
    assert found.parts == {"version": version, "first": first, "last": last, "scope": scope}
    assert parse(Kind.CIDR, canonical) == found


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.5/24",  # an address in a network: which is meant?
        "192.0.2.0",
        "192.0.2.0/33",
        "2001:db8::/129",
        "192.0.2.0/255.255.255.0",
        "192.0.2.0/0.0.0.255",
        "192.0.2.0/-1",
        "192.0.2/24",
        "fe80::%eth0/64",
    ],
)
def test_what_is_no_network_is_refused(text):
    refused(Kind.CIDR, text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("AS64496", "64496"),
        ("as64496", "64496"),
        ("64496", "64496"),
        ("1.10", "65546"),
        ("AS0.1", "1"),
        ("65535.65535", "4294967295"),
        ("4294967295", "4294967295"),
    ],
)
def test_an_as_number_is_plain(text, canonical):
    assert parse(Kind.ASN, text).canonical == canonical


@pytest.mark.parametrize(
    "text",
    ["4294967296", "65536.0", "1.65536", "AS", "AS-64496", "1.2.3", "-1", "ASN64496", "٦٤٤٩٦"],
)
def test_what_is_no_as_number_is_refused(text):
    refused(Kind.ASN, text)


@pytest.mark.parametrize(
    ("number", "scope"),
    [
        (0, Scope.RESERVED),
        (1, Scope.PUBLIC),
        (23_455, Scope.PUBLIC),
        (23_456, Scope.TRANSITION),
        (23_457, Scope.PUBLIC),
        (64_495, Scope.PUBLIC),
        (64_496, Scope.DOCUMENTATION),
        (64_511, Scope.DOCUMENTATION),
        (64_512, Scope.PRIVATE),
        (65_534, Scope.PRIVATE),
        (65_535, Scope.RESERVED),
        (65_551, Scope.DOCUMENTATION),
        (65_552, Scope.PUBLIC),
        (4_199_999_999, Scope.PUBLIC),
        (4_200_000_000, Scope.PRIVATE),
        (4_294_967_294, Scope.PRIVATE),
        (4_294_967_295, Scope.RESERVED),
    ],
)
def test_only_a_public_as_number_has_a_holder(number, scope):
    assert parse(Kind.ASN, str(number)).parts["scope"] == scope


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Example.NET.", "example.net"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("例え.example", "xn--r8jz45g.example"),
    ],
)
def test_a_domain_is_its_a_labels(text, canonical):
    assert parse(Kind.DOMAIN, text).canonical == canonical


@pytest.mark.parametrize(
    "text",
    [
        "localhost",
        "example..net",
        "_dmarc.example.net",
        "exa mple.net",
        "https://example.net",
        "example.net/path",
        "192.0.2.1",
        "ｅｘａｍｐｌｅ.net",  # full width
        "example。net",  # another script's dot
        "xn--a.example",  # decodes to nothing that may be a label
        "xn--.example",
        "a\u200db.example",
        "٣.example",
        "a" * 64 + ".example",
        "ü" * 60 + ".example",
        ".".join(["a" * 50] * 6),
        "-a.example",
        "ab--cd.example",
    ],
)
def test_what_is_no_domain_is_refused(text):
    refused(Kind.DOMAIN, text)


def test_suffixes_are_whole_labels_and_the_longest_comes_first():
    assert suffixes("a.b.example.net") == ("a.b.example.net", "b.example.net", "example.net")
    assert "example.net" not in suffixes("notexample.net")
    assert "net" not in suffixes("example.net")


def test_an_e_mail_address_keeps_its_name_and_has_an_a_label_domain():
    found = parse(Kind.EMAIL, "Soc.Team+1@BÜCHER.example")
    assert found.canonical == "Soc.Team+1@xn--bcher-kva.example"
    assert found.parts == {"domain": "xn--bcher-kva.example"}


@pytest.mark.parametrize(
    "text",
    [
        "example.net",
        "@example.net",
        "soc@",
        "soc@localhost",
        "a@b@example.net",
        ".soc@example.net",
        "soc.@example.net",
        "so..c@example.net",
        '"soc"@example.net',
        "soc(team)@example.net",
        "SOC <soc@example.net>",
        "söc@example.net",
        "soc@192.0.2.1",
        "soc@[192.0.2.1]",
        "a" * 65 + "@example.net",
        "a" * 64 + "@" + ".".join(["b" * 62] * 3) + ".example",
    ],
)
def test_what_is_no_e_mail_address_is_refused(text):
    refused(Kind.EMAIL, text)


@pytest.mark.parametrize(
    "domain", ["ims.mnc410.mcc310.3gppnetwork.org", "nai.3gppnetwork.org", "3GPPnetwork.org."]
)
def test_a_subscribers_access_identifier_is_never_taken_for_an_e_mail_address(domain):
    """It would be kept and shown whole, with the IMSI in front."""
    refused(Kind.EMAIL, f"310410123456789@{domain}")


@given(
    st.lists(st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True), min_size=2, max_size=4),
    st.sampled_from(["", ".", "xn--bcher-kva.example", "a" * 64]),
)
@example(["a" * 63] * 4, "")
def test_a_plain_domain_is_what_its_a_labels_are(labels, end):
    text = ".".join(labels) + end
    try:
        whole = host_name(idna.encode(text, strict=True).decode("ascii"))
    except (idna.IDNAError, IdentifierRefused):
        refused(Kind.DOMAIN, text)
    else:
        assert parse(Kind.DOMAIN, text).canonical == whole
