"""The project's nginx files, in a real nginx, before a real hub of two web processes.

What a proxy could spoil: keep an address, write a body to disk, believe a forged header, double or
drop a policy, say more than the hub would.
"""

import os
import re
import socket
import stat
import subprocess
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories.intake import answers, ready_desk
from tests.running_hub import (
    FILES,
    HOST,
    ONION,
    TOR,
    ask_directly,
    exchange,
    files_appearing,
    free_port,
    needs_nginx,
    nginx,
    only_in_ci,
)
from tests.web_server import answer, web_server

from tcert.foundation.openpgp.sealing import seal_with_password
from tcert.response.intake import proof, tokens
from tcert.response.intake.models import KeptFile

pytestmark = [
    pytest.mark.slow,
    pytest.mark.once,
    needs_nginx,
    pytest.mark.django_db(transaction=True),
]

HEAD = f"Host: {HOST}\r\nConnection: close\r\n"


@pytest.fixture
def recorded(tmp_path):
    """The same nginx before a server that notes what it was told."""
    with web_server(answer(body=b"hub")) as hub, nginx(tmp_path / "n", [hub.port]) as proxy:
        proxy.asked = hub.asked
        yield proxy


def test_the_hubs_headers_come_through_unchanged_and_once(served):
    told = served.ask("GET", "/")
    straight = ask_directly(served.ports[0], "GET", "/", **{"X-Forwarded-Proto": "https"})
    own = {"connection", "date", "server", "set-cookie", "content-length", "transfer-encoding"}

    def policies(found):
        return sorted((k.lower(), v) for k, v in found.getheaders() if k.lower() not in own)

    assert told.status == 200
    assert policies(told) == policies(straight)
    assert len(told.headers.get_all("Content-Security-Policy")) == 1
    (promise,) = told.headers.get_all("Strict-Transport-Security")
    assert promise.startswith("max-age=31536000")
    assert told.headers.get_all("Onion-Location") == [f"http://{ONION}/"]
    assert told.headers["Server"] == "nginx", "no version"
    assert all("secure" in cookie.lower() for cookie in told.headers.get_all("Set-Cookie") or ())


def test_without_tls_there_is_only_the_way_to_tls(served):
    here = HTTPConnection(HOST, served.http, timeout=10)
    here.request("GET", "/receipt/?x=1")
    told = here.getresponse()
    assert told.status == 301
    assert told.headers["Location"] == f"https://{HOST}:{served.https}/receipt/?x=1"
    assert told.headers["Strict-Transport-Security"] is None, "means nothing without TLS"
    here.close()
    for port in (served.http, served.https):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as elsewhere:
            assert exchange(elsewhere, b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n") == b"" or (
                port == served.https
            )
    other = served.raw(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert other == b"", "another name gets no answer"


FORGED = {
    "X-Forwarded-For": "203.0.113.5",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Real-IP": "203.0.113.5",
    "X-Tor2web": "1",
    "Forwarded": "for=203.0.113.5;proto=http;host=evil.example",
    "X_Forwarded_Proto": "http",
    "X_Forwarded_For": "203.0.113.5",
}


def test_what_a_client_says_about_itself_does_not_reach_the_hub(recorded):
    for path in ("/report/", "/", "/account/sign-in/", "/receipt/"):
        recorded.ask("GET", path, headers={**FORGED, "X-Other": "stays"})
        headers = recorded.asked[-1].headers
        address = "127.0.0.1" if path.startswith("/account/") else None
        assert headers.pop("x-forwarded-for", None) == address, path
        assert headers.pop("x-forwarded-proto") == "https"
        assert headers.pop("host") == HOST
        assert headers.pop("x-other") == "stays"
        assert not {name for name in headers if re.search(r"forward|real|tor2web|_", name)}
        assert "203.0.113.5" not in str(headers)


def test_forged_headers_gain_nothing_at_the_hub(served):
    plain, forged = served.ask("GET", "/"), served.ask("GET", "/", headers=FORGED)
    assert forged.status == 200
    assert forged.headers["Strict-Transport-Security"] == plain.headers["Strict-Transport-Security"]
    assert "evil.example" not in forged.text + str(forged.headers)
    for port in served.ports:  # nor without a proxy, by names with an underscore
        told = ask_directly(port, "GET", "/", X_Forwarded_Proto="https")
        assert told.headers["Strict-Transport-Security"] is None


def test_the_proxys_own_pages_are_the_hubs_plain_words(served, tmp_path):
    with (
        web_server(lambda talk: talk.closing.wait(30)) as silent,
        nginx(tmp_path / "a", [free_port()]) as dead,
        nginx(
            tmp_path / "b",
            [silent.port],
            changed={"proxy_read_timeout 120s": "proxy_read_timeout 1s"},
        ) as hanging,
    ):
        found = {
            413: served.ask("POST", "/", headers={"Content-Length": "99999999"}),
            414: served.ask("GET", f"/{'a' * 20_000}"),
            400: served.ask("GET", "/", headers={"X": "a" * 20_000}),
            502: dead.ask("GET", "/report/"),
            504: hanging.ask("GET", "/report/"),
        }
    for status, told in found.items():
        assert told.status == status
        assert told.text == (FILES / "pages" / f"{status}.html").read_text()
        assert told.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert told.headers["Cache-Control"] == "no-store"
        assert "nginx/" not in told.text + str(told.headers)
        assert not re.search(r"https?://|<script|<img|<link|style=", told.text)


SMUGGLED = {
    "two lengths": "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "length and chunks": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET",
    "chunks misspelt": "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two hosts": "Host: other.example\r\n\r\n",
    "a bad chunk": "Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n0\r\n\r\n",
    "a negative length": "Content-Length: -5\r\n\r\n",
    "a line that ends the head early": "X: a\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("what", SMUGGLED)
def test_one_request_is_never_two(served, what):
    """Where proxy and hub disagree on where a request ends, one visitor writes in another's."""
    request = f"POST /report/ HTTP/1.1\r\n{HEAD}{SMUGGLED[what]}".encode()
    answers = [served.raw(request)]
    with socket.create_connection(("127.0.0.1", served.ports[0]), timeout=10) as here:
        answers.append(exchange(here, request))
    for told in answers:
        lines = re.findall(rb"^HTTP/1\.1 (\d+)", told, re.MULTILINE)
        assert len(lines) == 1, told
        assert int(lines[0]) in {400, 403, 404, 501}, told
        assert b"Traceback" not in told
    assert served.ask("GET", "/").status == 200


@pytest.mark.parametrize(
    "line", ["X: " + "a" * 200_000, "X: a\r\n" * 3_000, "Cookie: " + "a=b; " * 30_000]
)
def test_a_head_without_end_is_refused_in_words(served, line):
    request = f"GET / HTTP/1.1\r\n{HEAD}{line}\r\n\r\n".encode()
    assert b" 400 " in served.raw(request).partition(b"\r\n")[0] + b" "
    assert served.ask("GET", "/").status == 200


def open_files(pid: int) -> set[str]:
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        target = link.readlink()
        if target.is_file() and stat.S_ISREG(target.stat().st_mode):
            found.add(str(target))
    return found


def test_no_log_is_even_open(served):
    served.ask("GET", "/report/?address=secret", headers={"User-Agent": "Tell-Tale/7.0"})
    served.raw(b"nonsense\r\n\r\n")
    parent = served.process.pid
    workers = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    assert workers
    for pid in (parent, *map(int, workers)):
        # A page for an error may be open while it is sent; it is a file of the project.
        logs = {path for path in open_files(pid) if "/docs/proxy/pages/" not in path}
        assert {path for path in logs if not path.endswith("nginx.pid")} == set()
    written = {path.name for path in served.folder.rglob("*") if path.is_file()}
    config = {"nginx.conf", "errors.conf", "onion.conf", "upstream.conf", "server.pem", "nginx.pid"}
    assert written == config


def test_large_bodies_pass_through_memory_alone(served):
    """25 MB of a reporter without scripts, and 100 MB of sealed files in four posts."""
    ready_desk()
    one = served.visitor()
    large = os.urandom(24 * 1024 * 1024)
    token = tokens.issue()
    nonce = proof.find(token, 4)
    with files_appearing(*served.temporary, served.hub_temporary) as appeared:
        file = SimpleUploadedFile("trace.bin", large)
        preview = one.post("/report/", {**answers(), "files": file})
        assert preview.status == 200
        assert "trace.bin" in preview.text
        for number in range(4):
            sealed = seal_with_password(large + bytes([number]), "not kept")
            told = one.post(
                "/report/file",
                {"token": token, "nonce": nonce, "file": SimpleUploadedFile("f", sealed)},
            )
            assert told.status == 200, told.text
    assert appeared == []
    assert sum(kept.size for kept in KeptFile.objects.all()) > 5 * len(large)


def test_the_onion_side_is_a_hub_without_the_open_network(served):
    told = served.ask_onion("GET", "/account/sign-in/", **{"X-Forwarded-Proto": "https"})
    assert told.status == 200
    assert told.headers["Strict-Transport-Security"] is None
    assert told.headers["Onion-Location"] is None
    assert len(told.headers.get_all("Content-Security-Policy")) == 1
    cookies = told.headers.get_all("Set-Cookie") or []
    assert cookies
    assert not any("secure" in cookie.lower() for cookie in cookies)
    assert HOST not in told.text
    moved = served.ask_onion("GET", "/report")
    assert moved.status in {301, 302}
    assert moved.headers["Location"].startswith(("/", f"http://{ONION}/"))


def test_who_comes_to_the_onion_socket_by_a_gateway_is_warned(served):
    for headers in ({"Host": f"{ONION}.ws"}, {"Host": ONION, "X-Tor2web": "1"}):
        told = served.ask_onion("GET", "/report/", **headers)
        assert told.status == 403
        assert "somebody stands between you and the hub" in told.text
        assert "<form" not in told.text
    assert served.ask_onion("GET", "/report/", Host="evil.example").status == 400


def test_the_watcher_sees_a_proxy_that_buffers(tmp_path):
    """Else an empty folder would prove nothing."""
    changed = {
        "proxy_request_buffering off": "proxy_request_buffering on",
        "proxy_buffering off": "proxy_buffering on",
        "proxy_max_temp_file_size 0": "proxy_max_temp_file_size 100m",
    }
    large = answer(body=b"x" * 8_000_000)
    with (
        web_server(large) as hub,
        nginx(tmp_path / "n", [hub.port], changed=changed) as proxy,
        files_appearing(*proxy.temporary) as appeared,
    ):
        sent = proxy.ask("POST", "/report/", b"x" * 3_000_000)
        assert len(sent.text) == 8_000_000
    assert appeared


MANY = 40
SLOW = {
    "heads": f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX: ",
    "bodies": f"POST /account/sign-in/ HTTP/1.1\r\n{HEAD}Cookie: csrftoken={'a' * 32}\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9999\r\n\r\na",
    "readers": f"GET /static/vendor/openpgp.min.mjs HTTP/1.1\r\nHost: {HOST}\r\n\r\n" * 20,
    "idle": "",
}


@pytest.mark.parametrize(
    "way", [pytest.param("through the proxy", marks=only_in_ci), "past the proxy"]
)
def test_slow_clients_hold_up_nobody(served, way):
    """Regression: eight unfinished posts held all threads of the hub, and nobody got an answer."""

    def connect():
        port = served.https if way == "through the proxy" else served.ports[0]
        here = socket.socket()
        here.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        here.settimeout(10)
        here.connect(("127.0.0.1", port))
        if way == "through the proxy":
            here = served.authority.trust().wrap_socket(here, server_hostname=HOST)
        return here

    with ExitStack() as clients:
        slow = {what: [clients.enter_context(connect()) for _ in range(MANY)] for what in SLOW}
        for what, begin in SLOW.items():
            for client in slow[what]:
                client.sendall(begin.encode())
        waits = []
        for _second in range(3):
            for client in slow["heads"] + slow["bodies"]:
                with suppress(OSError):  # who was too slow was hung up on
                    client.sendall(b"a")
            began = monotonic()
            assert served.ask("GET", "/account/sign-in/").status == 200
            waits.append(monotonic() - began)
            Event().wait(1)
        assert sorted(waits)[1] < 1, waits
        for what in ("heads", "idle", "bodies"):  # none waits for ever: in time each is ended
            told = exchange(slow[what][0], b"")
            assert told.partition(b" ")[2][:3] in {b"", b"408"}, what
            assert (b"came too slowly" in told) is (what == "bodies" and told != b"")


@pytest.mark.skipif(
    TOR is None and not os.environ.get("CI"), reason="install tor to try the onion service's file"
)
def test_tor_takes_the_onion_services_file(tmp_path):
    """What needs the Tor network is tried by nobody here; the guide says so."""
    assert TOR, "tor is missing: apt-get install tor"
    (tmp_path / "tor").mkdir(mode=0o700)
    text = (FILES / "onion" / "torrc").read_text()
    text = text.replace("/var/lib/tor", f"{tmp_path}/tor").replace("/run/hub", str(tmp_path))
    (tmp_path / "torrc").write_text(text)
    command = [
        TOR,
        "--verify-config",
        "-f",
        str(tmp_path / "torrc"),
        "--defaults-torrc",
        os.devnull,
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "Configuration was valid" in told.stdout, told.stdout
    assert not re.search(r"\[(warn|err)\](?!.*(as root|can't help you))", told.stdout), told.stdout
    (tmp_path / "torrc").write_text(text.replace("HiddenServicePoW", "HiddenServicePoWW"))
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode != 0
