"""The one way out, against real servers on loopback that misbehave in every known way."""

import gzip
import logging
import socket
import zlib
from ipaddress import ip_address
from threading import Event
from time import monotonic

import pytest
from tests.web_server import (
    ANY_ADDRESS,
    QUICK,
    Authority,
    Names,
    answer,
    local_fetcher,
    web_server,
)

from tcert.foundation.kernel import fetcher as fetching
from tcert.foundation.kernel.addresses import PUBLIC_ONLY, Policy, is_public
from tcert.foundation.kernel.fetcher import (
    AddressRefused,
    BadCertificate,
    BadUrl,
    Fetcher,
    Garbled,
    Limits,
    NameUnknown,
    NotEncrypted,
    PortRefused,
    RedirectRefused,
    TooLarge,
    TooSlow,
    Unreachable,
)

ONLY_THE_FIRST = Policy(allows=lambda address: str(address) == "127.0.0.1", ports=None)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
SECRET = "s3cr3t-path"


@pytest.fixture(scope="module")
def authority():
    return Authority.make()


def moved(to, status="302 Found"):
    return answer(status, Location=to)


def test_an_answer_is_plain_data():
    with web_server(answer(body=b"hello", ETag='"1"', Set_Cookie="a=b")) as server:
        got = local_fetcher().get(f"http://feeds.example:{server.port}/news?x=1#part")
    assert (got.status, got.body, got.is_fine, got.hops) == (200, b"hello", True, ())
    assert got.headers["etag"] == '"1"'
    assert got.url == f"http://feeds.example:{server.port}/news?x=1"
    (asked,) = server.asked
    assert asked.line == "GET /news?x=1 HTTP/1.1"
    assert asked.headers == {
        "host": f"feeds.example:{server.port}",
        "user-agent": "TCERT-hub",
        "accept-encoding": "gzip",
        "connection": "close",
    }


@pytest.mark.parametrize("status", ["304 Not Modified", "404 Not Found", "410 Gone", "500 Oops"])
def test_a_refusal_of_the_other_side_is_an_answer(status):
    with web_server(answer(status)) as server:
        got = local_fetcher().get(f"http://a.example:{server.port}/")
    assert got.status == int(status[:3])
    assert not got.is_fine


def test_no_cookie_is_kept_and_no_proxy_is_used(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    ours = local_fetcher()
    with web_server(answer(Set_Cookie="a=b")) as server:
        for _time in range(2):
            ours.get(f"http://a.example:{server.port}/")
    assert len(server.asked) == 2
    assert all("cookie" not in asked.headers for asked in server.asked)


# Where it goes


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[64:ff9b::7f00:1]/",
    ],
)
def test_the_hubs_own_fetcher_reaches_nothing_inside(url):
    with pytest.raises(AddressRefused):
        Fetcher().get(url)
    with pytest.raises(AddressRefused):
        Fetcher().post(url.replace("http:", "https:"), b"", content_type="text/plain")


def test_the_systems_own_name_for_loopback_is_refused_too():
    with pytest.raises(AddressRefused):
        Fetcher().get("http://localhost/")


@pytest.mark.parametrize("answers", [["8.8.8.8", "10.0.0.1"], ["::1", "2606:4700::1111"]])
def test_one_address_inside_spoils_the_name(answers):
    names = Names({"two.example": [answers]})
    with pytest.raises(AddressRefused):
        Fetcher(resolver=names).get("http://two.example/")


def test_a_name_that_changes_its_address_is_asked_once():
    """DNS rebinding: first an address that passes, then one inside."""
    names = Names({"rebind.example": [["127.0.0.1"], ["127.0.0.2"]]})
    ours = local_fetcher(names=names, policy=ONLY_THE_FIRST)
    with web_server(answer(body=b"first")) as server:
        assert ours.get(f"http://rebind.example:{server.port}/").body == b"first"
    assert names.asked == ["rebind.example"]


def test_a_name_that_changes_its_address_between_redirects_is_judged_anew():
    names = Names({"rebind.example": [["127.0.0.1"], ["127.0.0.2"]]})
    ours = local_fetcher(names=names, policy=ONLY_THE_FIRST)
    with (
        web_server(moved("/again")) as server,
        pytest.raises(AddressRefused),
    ):
        ours.get(f"http://rebind.example:{server.port}/")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.2:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.2]:{port}/",
        "//127.0.0.2:{port}/",
        "http://inside.example:{port}/",
    ],
)
def test_a_redirect_to_an_address_inside_is_refused(place):
    names = Names({"inside.example": [["10.1.2.3"]]})
    ours = local_fetcher(names=names, policy=ONLY_THE_FIRST)
    with web_server() as server:
        server.says = moved(place.format(port=server.port))
        with pytest.raises(AddressRefused):
            ours.get(f"http://a.example:{server.port}/")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "place",
    [
        "http://127.1:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f000001:{port}/",
        "http://0177.0.0.1:{port}/",
        "http://user:pass@a.example:{port}/",
        "file:///etc/passwd",
        "ftp://a.example/",
        "http://[",
    ],
)
def test_a_redirect_to_an_unusual_address_is_refused(place):
    with web_server() as server:
        server.says = moved(place.format(port=server.port))
        with pytest.raises(BadUrl):
            local_fetcher().get(f"http://a.example:{server.port}/")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "url", ["http://127.1/", "http://2130706433/", "http://0x7f.1/", "https://u:p@a.example/"]
)
def test_an_unusual_address_never_reaches_the_name_service(url):
    names = Names()
    with pytest.raises(BadUrl) as refused:
        Fetcher(resolver=names).get(url)
    assert names.asked == []
    assert url not in str(refused.value)


@pytest.mark.parametrize("port", [22, 25, 8080, 5432])
def test_only_the_ports_of_the_web_are_opened(port):
    names = Names({"a.example": [["8.8.8.8"]]})
    with pytest.raises(PortRefused):
        Fetcher(resolver=names).get(f"http://a.example:{port}/")
    assert names.asked == []


def test_redirects_are_followed_counted_and_told():
    def say(talk):
        number = int(talk.request.line.split("/")[1].split()[0])
        talk.write(moved(f"/{number - 1}", "301 Moved") if number else answer(body=b"there"))

    with web_server(say) as server:
        base = f"http://a.example:{server.port}"
        got = local_fetcher().get(f"{base}/2")
        assert got.hops == ((301, f"{base}/1"), (301, f"{base}/0"))
        assert (got.url, got.body) == (f"{base}/0", b"there")
        with pytest.raises(RedirectRefused):
            local_fetcher().get(f"{base}/6")
        assert local_fetcher().get(f"{base}/5").body == b"there"


def test_a_redirect_to_nowhere_is_refused():
    with web_server(answer("302 Found")) as server, pytest.raises(RedirectRefused):
        local_fetcher().get(f"http://a.example:{server.port}/")


def test_the_callers_headers_do_not_follow_to_another_host():
    with web_server(answer()) as second, web_server() as first:
        first.says = moved(f"http://b.example:{second.port}/")
        local_fetcher().get(
            f"http://a.example:{first.port}/", headers={"If-None-Match": '"1"', "X-Token": "t"}
        )
    assert first.asked[0].headers["if-none-match"] == '"1"'
    assert "if-none-match" not in second.asked[0].headers
    assert "x-token" not in second.asked[0].headers


def test_the_next_address_is_tried_when_one_does_not_answer():
    names = Names({"two.example": [["127.0.0.2", "127.0.0.1"]]})
    with web_server(answer(body=b"second")) as server:
        assert local_fetcher(names=names).get(f"http://two.example:{server.port}/").body
    assert len(server.asked) == 1


def test_an_address_of_version_six_is_reached_by_its_literal():
    with web_server(answer(body=b"six"), address="::1") as server:
        got = local_fetcher().get(f"http://[::1]:{server.port}/")
    assert got.body == b"six"
    assert server.asked[0].headers["host"] == f"[::1]:{server.port}"


def test_a_name_in_other_letters_is_asked_for_in_its_ascii_form():
    names = Names()
    with web_server(answer()) as server:
        local_fetcher(names=names).get(f"http://Bücher.example:{server.port}/")
    assert names.asked == ["xn--bcher-kva.example"]
    assert server.asked[0].headers["host"] == f"xn--bcher-kva.example:{server.port}"


def test_a_name_that_nobody_knows():
    def unknown(_host, _port):
        raise socket.gaierror

    for resolver in (unknown, lambda _host, _port: []):
        with pytest.raises(NameUnknown):
            Fetcher(resolver=resolver).get("http://a.example/")


def test_a_name_service_that_hangs_holds_nobody():
    started = monotonic()
    hanging = Event()
    ours = Fetcher(resolver=lambda _host, _port: hanging.wait(20), limits=Limits(connect=0.2))
    with pytest.raises(NameUnknown):
        ours.get("http://a.example/")
    hanging.set()
    assert monotonic() - started < 10


def test_nobody_at_home():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable):
        local_fetcher().get(f"http://a.example:{port}/")


# Over TLS


def test_the_certificate_is_checked_against_the_name_not_the_address(authority, tmp_path):
    context = authority.server_context(tmp_path, "hooks.example")
    ours = local_fetcher(trust=authority.trust)
    with web_server(answer(body=b"ok"), context) as server:
        assert ours.get(f"https://hooks.example:{server.port}/").body == b"ok"
        with pytest.raises(BadCertificate):
            ours.get(f"https://other.example:{server.port}/")
        with pytest.raises(BadCertificate):
            ours.get(f"https://127.0.0.1:{server.port}/")
    assert len(server.asked) == 1


@pytest.mark.parametrize(("days", "known"), [(-1, True), (30, False)])
def test_an_expired_or_unknown_certificate_is_refused(authority, tmp_path, days, known):
    context = authority.server_context(tmp_path, "hooks.example", days=days)
    ours = local_fetcher(trust=authority.trust) if known else local_fetcher()
    with web_server(answer(), context) as server, pytest.raises(BadCertificate):
        ours.post(f"https://hooks.example:{server.port}/", b"x", content_type="text/plain")
    assert server.asked == []


def test_a_server_without_tls_is_no_answer():
    with web_server(answer()) as server, pytest.raises((Unreachable, TooSlow)):
        local_fetcher().get(f"https://a.example:{server.port}/")


def test_no_key_of_a_connection_is_written_to_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert fetching.trusted_roots().keylog_filename is None


def test_a_redirect_never_leads_from_tls_to_clear_text(authority, tmp_path):
    context = authority.server_context(tmp_path, "a.example")
    with web_server(answer()) as clear, web_server(context=context) as secure:
        secure.says = moved(f"http://a.example:{clear.port}/")
        with pytest.raises(NotEncrypted):
            local_fetcher(trust=authority.trust).get(f"https://a.example:{secure.port}/")
    assert clear.asked == []


def test_a_body_is_sent_over_tls_only_and_not_sent_on(authority, tmp_path):
    context = authority.server_context(tmp_path, "a.example")
    ours = local_fetcher(trust=authority.trust)
    with web_server(answer("204 No Content"), context) as server:
        url = f"https://a.example:{server.port}/{SECRET}"
        sent = ours.post(
            url, b"{}", content_type="application/json", headers={"X-Signature": "abc"}
        )
        assert sent.status == 204
        (asked,) = server.asked
        assert (asked.line.split()[0], asked.body) == ("POST", b"{}")
        assert asked.headers["content-type"] == "application/json"
        assert asked.headers["x-signature"] == "abc"
        for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
            server.says = moved(f"https://a.example:{server.port}/", status)
            with pytest.raises(RedirectRefused):
                ours.post(url, b"{}", content_type="application/json")
        with pytest.raises(NotEncrypted):
            ours.post(url.replace("https", "http"), b"{}", content_type="application/json")
    assert len(server.asked) == 6


# How much and how long


def packed(size):
    return gzip.compress(b"\0" * size, mtime=0)


def test_a_compressed_body_is_opened():
    text = b"news " * 1000
    for encoding, body in (
        ("gzip", gzip.compress(text, mtime=0)),
        ("gzip", gzip.compress(text[:100], mtime=0) + gzip.compress(text[100:], mtime=0)),
        ("deflate", zlib.compress(text)),
    ):
        with web_server(answer(body=body, Content_Encoding=encoding)) as server:
            assert local_fetcher().get(f"http://a.example:{server.port}/").body == text


def test_a_bomb_is_not_inflated():
    bomb = packed(30_000_000)
    assert len(bomb) < QUICK.compressed
    with web_server(answer(body=bomb, Content_Encoding="gzip")) as server, pytest.raises(TooLarge):
        local_fetcher().get(f"http://a.example:{server.port}/")


def test_a_bomb_in_many_small_members_is_not_inflated_either():
    members = packed(3_000) * 40
    assert len(members) < QUICK.compressed
    with (
        web_server(answer(body=members, Content_Encoding="gzip")) as server,
        pytest.raises(TooLarge),
    ):
        local_fetcher().get(f"http://a.example:{server.port}/")


def test_a_bounded_opener_never_makes_more_than_its_bound():
    opener = fetching._Opener("gzip", 1000)
    with pytest.raises(TooLarge):
        opener.feed(packed(30_000_000))
    assert opener.left == -1


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", packed(5000)[:-6]),
        ("gzip", b"not gzip at all"),
        ("gzip", gzip.compress(b"x", mtime=0) + b"trailing rubbish"),
        ("br", b"x"),
        ("gzip, gzip", gzip.compress(packed(10), mtime=0)),
    ],
    ids=["cut short", "no gzip", "with a tail", "unknown", "twice"],
)
def test_broken_or_unknown_compression_is_refused(encoding, body):
    with (
        web_server(answer(body=body, Content_Encoding=encoding)) as server,
        pytest.raises(Garbled),
    ):
        local_fetcher().get(f"http://a.example:{server.port}/")


def without_end(head, piece):
    def say(talk):
        talk.write(head)
        while not talk.closing.is_set():
            talk.write(piece)

    return say


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 4096),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", b"x" * 4096),
        (CHUNKED, b"400\r\n" + b"x" * 1024 + b"\r\n"),
        (CHUNKED + b"0\r\n", b"X-Trailer: y\r\n"),
    ],
    ids=["no length", "announced", "chunks", "trailers"],
)
def test_a_body_without_end_is_cut_off(head, piece):
    with web_server(without_end(head, piece)) as server, pytest.raises(TooLarge):
        local_fetcher().get(f"http://a.example:{server.port}/")


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-More: y\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 1024),
        (b"HTTP/1.1 ", b"2" * 1024),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["many headers", "a long header", "a long first line", "interim answers"],
)
def test_headers_without_end_are_cut_off(head, piece):
    with web_server(without_end(head, piece)) as server, pytest.raises((TooLarge, Garbled)):
        local_fetcher().get(f"http://a.example:{server.port}/")


def dripping(head, piece):
    def say(talk):
        talk.write(head)
        while not talk.closing.wait(0.05):
            talk.write(piece)

    return say


@pytest.mark.slow
@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: ", b""])
def test_a_slow_drip_ends_with_the_whole_time(head):
    limits = Limits(connect=2, read=2, whole=0.5)
    started = monotonic()
    with web_server(dripping(head, b"x")) as server, pytest.raises(TooSlow):
        local_fetcher(limits=limits).get(f"http://a.example:{server.port}/")
    assert monotonic() - started < 5


def test_redirects_share_the_whole_time():
    def say(talk):
        talk.closing.wait(0.3)
        talk.write(moved("/again"))

    limits = Limits(connect=2, read=2, whole=0.8, redirects=50)
    with web_server(say) as server, pytest.raises(TooSlow):
        local_fetcher(limits=limits).get(f"http://a.example:{server.port}/")
    assert len(server.asked) <= 4


def test_a_silent_server_ends_with_the_reading_time():
    limits = Limits(connect=2, read=0.3, whole=30)
    started = monotonic()
    with (
        web_server(lambda talk: talk.closing.wait(20)) as server,
        pytest.raises(TooSlow),
    ):
        local_fetcher(limits=limits).get(f"http://a.example:{server.port}/")
    assert monotonic() - started < 10


def test_a_handshake_that_never_comes_ends_with_the_connecting_time():
    limits = Limits(connect=0.3, read=30, whole=30)
    started = monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TooSlow):
        local_fetcher(limits=limits).get(f"https://a.example:{silent.getsockname()[1]}/")
    assert monotonic() - started < 10


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
def test_what_is_no_http_or_breaks_off_is_refused(said):
    with web_server(said) as server, pytest.raises((Garbled, Unreachable)):
        local_fetcher().get(f"http://a.example:{server.port}/")


def test_nothing_of_an_address_is_told_to_logs_or_in_refusals(caplog, authority, tmp_path):
    caplog.set_level(logging.DEBUG)
    context = authority.server_context(tmp_path, "other.example")
    refusals = []
    with web_server(answer(), context) as server:
        for url in (
            f"https://hooks.example:{server.port}/{SECRET}?key={SECRET}",
            f"https://user:{SECRET}@hooks.example/",
            f"http://{SECRET}.example/",
        ):
            with pytest.raises(fetching.FetchError) as refused:
                local_fetcher(trust=authority.trust).post(url, b"x", content_type="text/plain")
            refusals.append(refused)
    for refused in refusals:
        assert SECRET not in str(refused.value)
        assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert SECRET not in caplog.text


# The policy cannot be opened


def test_no_setting_and_no_environment_opens_the_policy(settings, monkeypatch):
    """decided.md 15: whatever a production hub is told, loopback stays shut."""
    for name in ("TCERT_FETCH_ANY", "TCERT_ALLOW_PRIVATE", "TCERT_DEMO", "TCERT_DEBUG"):
        monkeypatch.setenv(name, "1")
    settings.PRODUCTION, settings.DEBUG, settings.DEMO = True, True, True
    ours = fetching.fetcher()
    assert ours.policy is PUBLIC_ONLY
    assert (ours.policy.allows, ours.policy.ports) == (is_public, {80, 443})
    with web_server(answer()) as server:
        for url in (f"http://127.0.0.1:{server.port}/", "http://127.0.0.1/"):
            with pytest.raises((AddressRefused, PortRefused)):
                ours.get(url)
    assert server.asked == []


def test_production_refuses_another_fetcher(settings):
    settings.PRODUCTION = True
    with pytest.raises(RuntimeError), fetching.replaced(local_fetcher()):
        pass
    assert fetching.fetcher().policy is PUBLIC_ONLY


def test_tests_may_put_another_fetcher_in_its_place_for_a_while():
    with fetching.replaced(local_fetcher()):
        assert fetching.fetcher().policy is ANY_ADDRESS
    assert fetching.fetcher().policy is PUBLIC_ONLY


def test_the_systems_name_service_is_asked_for_plain_addresses():
    found = fetching.resolve("localhost", 80)
    assert found
    assert all(address.is_loopback for address in found)
    assert ip_address("127.0.0.1") in found
