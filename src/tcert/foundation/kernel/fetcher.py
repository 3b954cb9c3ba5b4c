"""The one way out: every request that the hub makes to another host goes through here.

A name is resolved once, all its addresses are judged, and the connection goes to one of these
very addresses with the name kept for Host and TLS: a name service that answers differently the
second time is not asked a second time. The same again at each redirect. No proxy and no key log
from the environment, no cookies. Time, headers, compressed and decompressed bytes are bounded.

What is refused is raised as one exception per reason, and none of them quotes the address: a
hook's path is a secret, and logs are read by others.
"""

import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import urljoin

from django.conf import settings

from tcert.foundation.kernel.addresses import (
    PUBLIC_ONLY,
    Address,
    Policy,
    Target,
    UrlRefused,
    read_url,
)

Resolver = Callable[[str, int], Sequence[Address]]

_READ_AHEAD = 8 * 1024
_CHUNK = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AUTO_DETECT = zlib.MAX_WBITS | 32  # gzip or zlib, as its first bytes say


class FetchError(Exception):
    """A request was refused or failed; the class says why, in a word for records: `code`."""

    code = "failed"


class BadUrl(FetchError):
    """The address is not plain: odd host, user name, control characters, other scheme."""

    code = "bad-url"


class NotEncrypted(FetchError):
    """The request must go over TLS, at first or after a redirect, and would not."""

    code = "not-encrypted"


class PortRefused(FetchError):
    """The port is not one that the policy allows."""

    code = "port"


class AddressRefused(FetchError):
    """The name stands for an address inside some network: loopback, private, reserved."""

    code = "address"


class NameUnknown(FetchError):
    """The name service knows no such name, or does not answer."""

    code = "name-unknown"


class Unreachable(FetchError):
    """Nobody answers at the address, or the connection broke."""

    code = "unreachable"


class BadCertificate(FetchError):
    """The other side does not prove that it is who it should be."""

    code = "certificate"


class TooSlow(FetchError):
    """Connecting, one read, or the whole took too long."""

    code = "too-slow"


class TooLarge(FetchError):
    """Body or headers exceed their bound, as sent or decompressed."""

    code = "too-large"


class RedirectRefused(FetchError):
    """Too many redirects, one without a place to go, or one that answers a POST."""

    code = "redirect"


class Garbled(FetchError):
    """The answer is no HTTP, or its compression is broken or unknown."""

    code = "garbled"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one request: seconds, and bytes."""

    connect: float = 10
    read: float = 15
    whole: float = 60
    headers: int = 32 * 1024
    compressed: int = 10 * 1024 * 1024
    body: int = 20 * 1024 * 1024
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `hops` are the redirects before it, as status and where each led."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    hops: tuple[tuple[int, str], ...] = ()

    @property
    def is_fine(self) -> bool:
        """Did the other side do what it was asked?"""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own numbers


def resolve(host: str, port: int) -> Sequence[Address]:
    """Ask the system's name service once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    texts = dict.fromkeys(str(entry[4][0]) for entry in found)
    return [ip_address(text) for text in texts]


def trusted_roots() -> ssl.SSLContext:
    """Return the system's roots, TLS 1.2 or later, names checked, keys written nowhere."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.keylog_filename = None  # type: ignore[assignment] # SSLKEYLOGFILE would set one
    return context


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Makes requests under one policy. The hub's own is the default in every part."""

    policy: Policy = PUBLIC_ONLY
    resolver: Resolver = resolve
    trust: Callable[[], ssl.SSLContext] = trusted_roots
    limits: Limits = field(default_factory=Limits)

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        only_https: bool = False,
    ) -> Answer:
        """Fetch an address, following a few redirects.

        `headers` (If-None-Match and the like) go to the first host only. A redirect never leads
        from TLS to clear text. Raises a `FetchError`; a status of 400 or more is an answer.
        """
        bounds = limits or self.limits
        until = monotonic() + bounds.whole
        target = _target(url)
        hops: list[tuple[int, str]] = []
        first = target.origin
        while True:
            given = (headers or {}) if target.origin == first else {}
            call = _Call(self, target, bounds, until, only_https)
            answer = call.make("GET", given, None)
            if answer.status not in _REDIRECTS:
                return Answer(answer.status, answer.headers, answer.body, target.url, tuple(hops))
            place = answer.headers.get("location", "")
            if not place or len(hops) >= bounds.redirects:
                raise RedirectRefused("the answer sends on and on, or nowhere")
            only_https = only_https or target.scheme == "https"
            target = _target(place, after=target.url)
            hops.append((answer.status, target.url))

    def post(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
    ) -> Answer:
        """Send a body over TLS; a redirect is refused, as nobody would know who got it."""
        bounds = limits or self.limits
        call = _Call(self, _target(url), bounds, monotonic() + bounds.whole, only_https=True)
        answer = call.make("POST", {**(headers or {}), "Content-Type": content_type}, body)
        if answer.status in _REDIRECTS:
            raise RedirectRefused("the answer to a POST sends on")
        return answer


_HUB = Fetcher()
_replaced: ContextVar[Fetcher | None] = ContextVar("replaced", default=None)


def fetcher() -> Fetcher:
    """Return the hub's fetcher: public addresses, ports 80 and 443, whatever the settings say."""
    return _replaced.get() or _HUB


@contextmanager
def replaced(by: Fetcher) -> Iterator[None]:
    """Let tests reach their own servers, in this thread and context; never in production."""
    if settings.PRODUCTION:
        raise RuntimeError("a production hub has one fetcher")
    token = _replaced.set(by)
    try:
        yield
    finally:
        _replaced.reset(token)


def _target(url: str, after: str = "") -> Target:
    try:
        return read_url(urljoin(after, url) if after else url)
    except UrlRefused as refused:
        raise BadUrl(str(refused)) from None
    except ValueError:
        raise BadUrl("the address cannot be read") from None


@dataclass(frozen=True, slots=True)
class _Call:
    """One request to one host."""

    fetcher: Fetcher
    target: Target
    limits: Limits
    until: float
    only_https: bool

    def make(self, method: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Check, connect, ask and read; every failure leaves as a `FetchError`."""
        if self.only_https and self.target.scheme != "https":
            raise NotEncrypted("this request goes over TLS only")
        ports = self.fetcher.policy.ports
        if ports is not None and self.target.port not in ports:
            raise PortRefused("only the ports of the web are opened")
        try:
            with self._connected(self._addresses()) as wire:
                return self._exchange(wire, method, headers, body)
        except ssl.SSLCertVerificationError:
            raise BadCertificate("the certificate is not the host's") from None
        except TimeoutError:
            raise TooSlow("the other side took too long") from None
        except (HTTPException, zlib.error, UnicodeError, ValueError):
            raise Garbled("the answer cannot be read") from None
        except OSError:
            raise Unreachable("the connection failed") from None

    def _addresses(self) -> Sequence[Address]:
        """Resolve once and judge everything that came back: one bad address spoils all."""
        literal = self.target.literal
        found = [literal] if literal else self._resolved()
        if not found:
            raise NameUnknown("the name has no address")
        if not all(self.fetcher.policy.allows(address) for address in found):
            raise AddressRefused("the address is not one of the open internet")
        return found

    def _resolved(self) -> Sequence[Address]:
        """Ask in a thread: a name service that hangs cannot be interrupted, only left behind."""
        answers: list[Sequence[Address]] = []

        def ask() -> None:
            try:
                answers.append(self.fetcher.resolver(self.target.host, self.target.port))
            except (OSError, ValueError):
                answers.append(())

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(min(self.limits.connect, _left(self.until)))
        if not answers:
            raise NameUnknown("the name service does not answer")
        return answers[0]

    @contextmanager
    def _connected(self, addresses: Sequence[Address]) -> Iterator["_Wire"]:
        """Connect to the first address that answers; TLS proves the name, not the address."""
        failure: OSError = ConnectionError()
        for address in addresses:
            try:
                plain = socket.create_connection(
                    (str(address), self.target.port), min(self.limits.connect, _left(self.until))
                )
            except OSError as error:
                failure = error
                continue
            with plain:
                plain.settimeout(min(self.limits.connect, _left(self.until)))
                if self.target.scheme == "http":
                    yield _Wire(plain, self.limits, self.until)
                    return
                context = self.fetcher.trust()
                with context.wrap_socket(plain, server_hostname=self.target.host) as secure:
                    yield _Wire(secure, self.limits, self.until)
                    return
        raise failure

    def _exchange(
        self, wire: "_Wire", method: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        connection = HTTPConnection(self.target.host, self.target.port)
        connection.sock = wire
        connection.putrequest(method, self.target.path, skip_host=True, skip_accept_encoding=True)
        ours = {
            "Host": self.target.authority,
            "User-Agent": "TCERT-hub",
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        if body is not None:
            ours["Content-Length"] = str(len(body))
        for name, value in {**headers, **ours}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        with connection.getresponse() as response:
            wire.bound = self.limits.headers + self.limits.compressed + _READ_AHEAD
            found = {name.lower(): value for name, value in response.getheaders()}
            content = self._body(response, found.get("content-encoding", "").strip().lower())
        return Answer(response.status, found, content, self.target.url)

    def _body(self, response: HTTPResponse, encoding: str) -> bytes:
        """Read raw bytes and open them piece by piece, so that no bomb is ever inflated."""
        opened = _Opener(encoding, self.limits.body)
        whole = bytearray()
        taken = 0
        while piece := response.read1(_CHUNK):
            taken += len(piece)
            if taken > self.limits.compressed:
                raise TooLarge("the body exceeds its bound")
            whole += opened.feed(piece)
        if response.length:  # announced, and never came
            raise Garbled("the answer ended early")
        opened.close()
        return bytes(whole)


class _Opener:
    """Opens a compressed body up to a bound; several gzip members may follow each other."""

    def __init__(self, encoding: str, limit: int) -> None:
        if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise Garbled("the answer is compressed in an unknown way")
        self.left = limit
        self.zlib: Any = None
        self.is_plain = encoding in {"", "identity"}

    def feed(self, piece: bytes) -> bytes:
        """Return what a piece opens to; raises `TooLarge` before more than the bound is made."""
        if self.is_plain:
            return self._counted(piece)
        made = bytearray()
        while piece:
            if self.zlib is None or self.zlib.eof:
                self.zlib = zlib.decompressobj(_AUTO_DETECT)
            made += self._counted(self.zlib.decompress(piece, self.left + 1))
            piece = self.zlib.unconsumed_tail or self.zlib.unused_data
        return bytes(made)

    def _counted(self, made: bytes) -> bytes:
        self.left -= len(made)
        if self.left < 0:
            raise TooLarge("the body exceeds its bound once opened")
        return made

    def close(self) -> None:
        """Refuse a compressed body that broke off."""
        if self.zlib is not None and not self.zlib.eof:
            raise Garbled("the compressed answer ended early")


def _left(until: float) -> float:
    """Return the seconds that remain; raises TimeoutError when there are none."""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Wire:
    """A socket under the clock: each read and the whole are timed, and every byte is counted.

    It is closed by whoever opened it, not by the library, which would do so while it reads.
    """

    def __init__(self, connected: socket.socket, limits: Limits, until: float) -> None:
        self.connected = connected
        self.limits = limits
        self.until = until
        self.bound = limits.headers + _READ_AHEAD
        self.count = 0

    def read_into(self, buffer: Any) -> int:
        """Take what has come, or wait for it as long as the bounds allow."""
        self.connected.settimeout(min(self.limits.read, _left(self.until)))
        size = self.connected.recv_into(buffer)
        self.count += size
        if self.count > self.bound:
            raise TooLarge("headers or body exceed their bound")
        return size

    def sendall(self, data: bytes) -> None:
        """Send all of it, within the bounds of one read."""
        self.connected.settimeout(min(self.limits.read, _left(self.until)))
        self.connected.sendall(data)

    def makefile(self, _mode: str) -> BufferedReader:
        """Return the stream that the library reads its answer from."""
        return BufferedReader(_Stream(self), _READ_AHEAD)

    def close(self) -> None:
        """Leave it open."""


class _Stream(RawIOBase):
    def __init__(self, wire: _Wire) -> None:
        super().__init__()
        self.wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.wire.read_into(buffer)
