"""A hub in processes of its own, and the project's nginx files in front of it, as in production.

The hub works on the tests' database, so that factories fill it; the nginx is started with exactly
the files of docs/proxy, in which only names, ports and paths are put in.
"""

import ctypes
import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from itertools import cycle, repeat
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from tests.crew.running import ROOT, environment
from tests.web_server import Authority

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
TOR = shutil.which("tor") or shutil.which("tor", path="/usr/sbin:/usr/local/sbin")
FILES = ROOT / "docs" / "proxy"
HOST = "localhost"
ONION = "a" * 56 + ".onion"

only_in_ci = pytest.mark.skipif(
    not os.environ.get("CI"), reason="takes half a minute: CI=1 has it run"
)

needs_nginx = pytest.mark.skipif(
    NGINX is None and not os.environ.get("CI"), reason="install nginx to try the proxy's files"
)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(condition, seconds: float, what: str = "") -> None:
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, f"{what or 'it'} is still not so after {seconds} s"
        Event().wait(0.05)


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@dataclass
class Processes:
    """Processes of a hub on the tests' database."""

    settings: Mapping[str, str]
    log: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environ(self) -> dict[str, str]:
        return {**environment(), "DJANGO_SETTINGS_MODULE": "tests.settings", **self.settings}

    def start(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        environ = {**self.environ(), **more}
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tcert", *words],
                cwd=ROOT,
                env=environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def web(self, port: int, **more: str) -> subprocess.Popen[bytes]:
        return self.start("web", "--port", str(port), **more)

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(30)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()


@contextmanager
def processes(log: Path, **settings: str) -> Iterator[Processes]:
    """Processes that end with the block."""
    ours = Processes(settings, log)
    try:
        yield ours
    finally:
        ours.stop()


@dataclass
class Visitor:
    """A browser without scripts: cookies, the proof of origin, forms with files."""

    ways: Iterator[HTTPConnection]
    cookies: dict[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str) -> HTTPResponse:
        return self._ask("GET", path, None, {})

    def post(self, path: str, fields: Mapping[str, object]) -> HTTPResponse:
        if not self._proof():
            self.get(path)
        form = {"csrfmiddlewaretoken": self._proof(), **fields}
        body = encode_multipart(BOUNDARY, form)
        return self._ask("POST", path, body, {"Content-Type": MULTIPART_CONTENT})

    def _proof(self) -> str:
        return next((v for k, v in self.cookies.items() if k.endswith("csrftoken")), "")

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> HTTPResponse:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        asked = {**self.headers, **headers, **({"Cookie": cookies} if cookies else {})}
        here = next(self.ways)
        here.request(method, path, body, asked)
        told = _read(here)
        for line in told.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return told


@dataclass
class Proxy:
    """A running nginx on the project's files."""

    folder: Path
    https: int
    http: int
    authority: Authority
    process: subprocess.Popen[bytes] | None = None
    ports: list[int] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"https://{HOST}:{self.https}"

    @property
    def hub_temporary(self) -> Path:
        """Where the hub's processes would put a temporary file."""
        return self.folder.parent / "tmp"

    @property
    def temporary(self) -> list[Path]:
        return [self.folder / "body", self.folder / "proxy"]

    @property
    def onion(self) -> Path:
        return self.folder / "onion.sock"

    def write(self, ports: list[int], changed: Mapping[str, str]) -> None:
        """Put names, ports and paths into the files; `changed` is for what a test breaks."""
        folder = str(self.folder)
        put_in = {
            "user www-data;": "user root;",
            "pid /run/nginx.pid": f"pid {folder}/nginx.pid",
            "/var/lib/nginx": folder,
            "/etc/nginx": folder,
            "/etc/ssl/hub/fullchain.pem": f"{folder}/server.pem",
            "/etc/ssl/hub/key.pem": f"{folder}/server.pem",
            "/usr/share/tcert": str(FILES),
            "/run/hub": folder,
            "listen 443 ssl": f"listen 127.0.0.1:{self.https} ssl",
            "listen 80": f"listen 127.0.0.1:{self.http}",
            "https://hub.example.org$": f"https://{HOST}:{self.https}$",
            "hub.example.org": HOST,
            "# include": "include",
            **changed,
        }
        for source, name in (
            ("nginx.conf", "nginx.conf"),
            ("errors.conf", "errors.conf"),
            ("onion/nginx.conf", "onion.conf"),
        ):
            text = (FILES / source).read_text()
            for old, new in put_in.items():
                text = text.replace(old, new)
            (self.folder / name).write_text(text)
        self.serve(ports)

    def serve(self, ports: list[int], *, down: int = 0) -> None:
        """Write where the hub listens; one may be marked as down."""
        text = (FILES / "upstream.conf").read_text()
        lines = re.findall(r"^    server .*;$", text, re.MULTILINE)
        for line, port in zip(lines, ports, strict=False):
            ours = re.sub(r":\d+", f":{port}", line)
            text = text.replace(line, ours.replace(";", " down;") if port == down else ours)
        for line in lines[len(ports) :]:
            text = text.replace(line, "")
        (self.folder / "upstream.conf").write_text(text)

    def command(self, *words: str) -> list[str]:
        assert NGINX, "nginx is missing: apt-get install nginx"
        where = ["-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        return [NGINX, *where, *words]

    def reload(self) -> None:
        subprocess.run(self.command("-s", "reload"), check=True, capture_output=True)

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        """Ask through TLS, whose certificate is checked; the answer is read whole."""
        here = HTTPSConnection(HOST, self.https, context=self.authority.trust(), timeout=60)
        here.request(method, path, body, dict(headers or {}))
        return _read(here)

    def visitor(self, **headers: str) -> Visitor:
        """Somebody who comes through the proxy."""
        trust = self.authority.trust()
        ways = (HTTPSConnection(HOST, self.https, context=trust, timeout=60) for _ in repeat(None))
        return Visitor(ways, headers={"Origin": self.address, **headers})

    def raw(self, data: bytes, seconds: float = 10) -> bytes:
        """Send exactly these bytes over TLS; return what comes until the end."""
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=seconds)
        with self.authority.trust().wrap_socket(plain, server_hostname=HOST) as here:
            return exchange(here, data)

    def ask_onion(self, method: str, path: str, **headers: str) -> HTTPResponse:
        """Ask as tor would: over the socket, with the onion address as host."""
        here = HTTPConnection(ONION)
        here.sock = socket.socket(socket.AF_UNIX)
        here.sock.settimeout(60)
        here.sock.connect(str(self.onion))
        here.request(method, path, None, headers)
        return _read(here)


def exchange(here: socket.socket, data: bytes) -> bytes:
    """Send bytes, return what comes until the other side ends; raises TimeoutError if it does not.

    Who is refused early is hung up on while it still writes.
    """
    got = b""
    with suppress(ConnectionError, ssl.SSLError):
        here.sendall(data)
    with suppress(ConnectionError, ssl.SSLError):
        while piece := here.recv(65536):
            got += piece
    return got


@contextmanager
def unfinished_post(port: int) -> Iterator[Callable[[], bytes]]:
    """A form whose last octets are still to come; what is handed out sends them."""
    head = f"POST /account/sign-in/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n"
    head += f"Cookie: csrftoken={'a' * 32}\r\nContent-Length: 4\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n\r\nx="
    with socket.create_connection(("127.0.0.1", port), timeout=30) as here:
        here.sendall(head.encode())
        Event().wait(0.5)
        yield lambda: exchange(here, b"ab")


def ask_directly(port: int, method: str, path: str, **headers: str) -> HTTPResponse:
    """Ask a web process past the proxy."""
    here = HTTPConnection("127.0.0.1", port, timeout=60)
    here.request(method, path, None, {"Host": HOST, **headers})
    return _read(here)


def by_turns(ports: list[int]) -> Iterator[HTTPConnection]:
    """Ways to the hub past the proxy: each request goes to the next web process."""
    return (HTTPConnection("127.0.0.1", port, timeout=60) for port in cycle(ports))


def _read(here: HTTPConnection) -> HTTPResponse:
    answer = here.getresponse()
    answer.text = answer.read().decode(errors="replace")  # type: ignore[attr-defined]
    here.close()
    return answer


@contextmanager
def nginx(
    folder: Path, ports: list[int], *, https: int = 0, changed: Mapping[str, str] | None = None
) -> Iterator[Proxy]:
    """Run nginx in front of the hub's ports."""
    proxy = Proxy(folder, https or free_port(), free_port(), Authority.make())
    for place in proxy.temporary:
        place.mkdir(parents=True)
    proxy.authority.server_context(folder, HOST)
    proxy.write(ports, changed or {})
    proxy.process = subprocess.Popen(
        proxy.command("-g", "daemon off;"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        wait_until(lambda: listens(proxy.https) or proxy.process.poll() is not None, 20, "nginx")
        assert proxy.process.poll() is None, proxy.process.stdout.read().decode()
        yield proxy
    finally:
        proxy.process.terminate()
        proxy.process.wait(20)
        proxy.process.stdout.close()


_CREATE, _MOVED_TO = 0x100, 0x80
_HEAD = struct.Struct("iIII")


@contextmanager
def files_appearing(*folders: Path) -> Iterator[list[str]]:
    """Collect the name of whatever appears in folders, told by the system (inotify).

    Looking at a folder would miss what is deleted as soon as it is open, as nginx does.
    """
    system = ctypes.CDLL(None, use_errno=True)
    handle = system.inotify_init1(os.O_NONBLOCK)
    assert handle >= 0
    for folder in folders:
        assert system.inotify_add_watch(handle, str(folder).encode(), _CREATE | _MOVED_TO) >= 0
    names: list[str] = []
    try:
        yield names
        with suppress(BlockingIOError):
            while data := os.read(handle, 65536):
                while data:
                    *_about, length = _HEAD.unpack_from(data)
                    names.append(data[_HEAD.size : _HEAD.size + length].rstrip(b"\0").decode())
                    data = data[_HEAD.size + length :]
    finally:
        os.close(handle)


HURRIED = {
    "client_header_timeout 15s": "client_header_timeout 2s",
    "client_body_timeout 30s": "client_body_timeout 3s",
    "keepalive_timeout 30s": "keepalive_timeout 2s",
}
"""The same limits, in seconds that a test can wait for."""


@pytest.fixture(scope="session")
def served(django_db_setup, tmp_path_factory):
    """A hub of two web processes with nginx before them."""
    folder = tmp_path_factory.mktemp("served")
    https, ports = free_port(), [free_port(), free_port()]
    (folder / "tmp").mkdir()
    with processes(
        folder / "hub.log",
        TCERT_BASE_URL=f"https://{HOST}:{https}",
        TCERT_BEHIND_PROXY="1",
        TCERT_PRODUCTION="1",
        TCERT_ONION_HOST=ONION,
        TCERT_PROOF_OF_WORK_BITS="4",
        TCERT_HEAD_SECONDS="2",
        TCERT_BODY_GRACE="3",
        TMPDIR=str(folder / "tmp"),
    ) as hub:
        for port in ports:
            hub.web(port)
        with nginx(folder / "nginx", ports, https=https, changed=HURRIED) as proxy:
            for port in ports:
                wait_until(lambda port=port: listens(port), 90, (folder / "hub.log").read_text())
            proxy.ports = ports
            yield proxy
