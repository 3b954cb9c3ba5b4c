import re
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcert.foundation.kernel.addresses import PUBLIC_ONLY, UrlRefused, is_public, read_url

INSIDE = re.findall(
    r"\S+",
    """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.255
169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1
198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 64:ff9b:1::808:808 100::1 2001::1 2001:2::1
2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 2002:c0a8:101::1 3fff::1 5f00::1
fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 2606:4700::1%eth0 fec0::1 ff02::1 ff0e::1 4000::1
""",
)

OUTSIDE = re.findall(
    r"\S+",
    """
1.1.1.1 8.8.8.8 9.9.9.9 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 172.15.0.1 172.32.0.1
192.0.1.1 192.167.1.1 198.17.255.255 198.20.0.1 223.255.255.255
2606:4700:4700::1111 2a00:1450::1 2001:4860:4860::8888 2001:200::1 ::ffff:8.8.8.8 64:ff9b::808:808
2002:808:808::1
""",
)


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_inside_some_network_is_not_public(text):
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", OUTSIDE)
def test_an_address_of_the_open_internet_is_public(text):
    assert is_public(ip_address(text))


def test_teredo_is_judged_by_its_server_and_its_client():
    def teredo(server, client):
        number = 0x20010000 << 96 | int(ip_address(server)) << 64
        return ip_address(number | (int(ip_address(client)) ^ 0xFFFFFFFF))

    assert is_public(teredo("65.54.227.120", "8.8.8.8"))
    assert not is_public(teredo("65.54.227.120", "127.0.0.1"))
    assert not is_public(teredo("10.0.0.1", "8.8.8.8"))


@given(st.ip_addresses())
def test_nothing_that_the_library_knows_to_be_inside_passes(address):
    inside = address.is_private or address.is_loopback or address.is_link_local
    wrapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if not wrapped and (inside or address.is_multicast or address.is_unspecified):
        assert not is_public(address)


def test_the_hubs_own_policy_is_the_open_internet_and_the_ports_of_the_web():
    assert PUBLIC_ONLY.allows is is_public
    assert PUBLIC_ONLY.ports == {80, 443}


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.org", "https://example.org/"),
        ("HTTPS://Example.ORG:443/A?b=c#d", "https://example.org/A?b=c"),
        ("http://example.org.:80/", "http://example.org/"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("https://bücher.example/ä?ö=%20", "https://xn--bcher-kva.example/%C3%A4?%C3%B6=%20"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://[2606:4700::1111]:81/x", "http://[2606:4700::1111]:81/x"),
        ("http://[2606:4700:0:0::1111]/", "http://[2606:4700::1111]/"),
        ("https://a_b.example.org/", "https://a_b.example.org/"),
    ],
)
def test_a_plain_address_is_read_into_one_form(text, url):
    assert read_url(text).url == url


@pytest.mark.parametrize(
    "text",
    re.findall(
        r"\S+",
        """
    http://127.1/ http://127.0.1/ http://2130706433/ http://0x7f000001/ http://0x7f.0.0.1/
    http://0177.0.0.1/ http://127.0.0.01/ http://127.0.0.1.2/ http://1/ http://0x/ http://a.0x7f/
    http://a.1/ http://１２７.１/ http://256.1.1.1/
    http://user@example.org/ http://user:pass@example.org/ http://@example.org/
    http://example.org@127.0.0.1/ http://[::1%25eth0]/ http://[::1%eth0]/ http://[example]/
    http://[::1/ http://::1/ http://example.org:99999/ http://example.org:x/
    ftp://example.org/ file:///etc/passwd gopher://example.org/ //example.org/ example.org
    javascript:alert(1) http:// http:///path http://./ http://a..b/ http://-a.example/
    http://a-.example/ http://exa*mple.org/ http://example.org\\@127.0.0.1/
    http://straße.example/ http://a\u200db.example/ http://example.org／x/ http://ex%61mple.org/
    """,
    ),
)
def test_an_address_with_anything_unusual_is_refused(text):
    with pytest.raises(UrlRefused) as refused:
        read_url(text)
    assert text not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "http://example.org/\r\nHost: evil",
        "http://exa\tmple.org/",
        " http://example.org/",
        "http://example.org/a b",
        "http://example.org/\x85",
        "https://example.org/" + "a" * 2000,
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 127 + "example/",
    ],
)
def test_an_address_with_control_characters_or_without_end_is_refused(text):
    with pytest.raises(UrlRefused):
        read_url(text)


@given(st.text(max_size=60))
def test_whatever_is_written_is_read_or_refused(text):
    try:
        target = read_url("http://" + text)
    except UrlRefused:
        return
    assert target.url.isascii()
    assert read_url(target.url) == target
