"""The door between web server and Django: requests come in whole, and answers leave at once.

Django's views are plain functions, each in one of a few threads. A thread that read from the
network would wait for its client: eight that send a byte a second would stop the hub for
everybody. So bodies arrive here, in an event loop that no client can hold up; a thread is taken
for a request that is there, and given back when its answer is made, whoever reads it how slowly.
A body stays in memory: it may be plaintext (see `kernel/uploads.py`).

What waits for its reader is bounded as well: one receipt opens answers of 26 MB, as often as a
stranger asks. It goes out in pieces, since the web server would take a whole answer into its own
memory; who takes no piece for a while is ended, and when all together hold too much, who has
taken none for the longest time.
"""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from urllib.parse import unquote_to_bytes

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Answer = tuple[int, list[tuple[bytes, bytes]]]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Result = TypeVar("Result")

MEGABYTE = 1024 * 1024
HELD = 32 * MEGABYTE
"""An answer up to this size waits in memory for its reader; a longer one (a coordinator's export
of records, an archive of a mailbox) goes out piece by piece from its thread."""
SMALL = 64 * 1024
"""A body up to this size, such as the text of a report, is never ended to make room for others; an
answer up to this size goes out at once."""

_PLAIN = (b"content-type", b"text/plain; charset=utf-8")
_REFUSALS = {
    400: "This request cannot be understood. Nothing was stored.",
    408: "What you sent came too slowly, so that the connection was ended. Nothing was stored. "
    "Go back: what you typed may still be in the page. Send it again, with fewer or smaller files.",
    413: "This is too much at once. Nothing was stored. Go back: what you typed may still be in "
    "the page. Send fewer or smaller files.",
    500: "Something went wrong in the hub. Try again in a minute.",
}


class Refused(Exception):
    """A request that does not come in, with the status that its sender gets."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Limits:
    """How much may arrive, and how slowly: octets, seconds, octets a second.

    `held` is what answers may hold together; `streams` go out from their threads at once.
    """

    body: int = 64 * MEGABYTE
    together: int = 512 * MEGABYTE
    small: int = SMALL
    grace: float = 30
    rate: float = 8_000
    held: int = 256 * MEGABYTE
    streams: int = 4


@dataclass(eq=False)
class _Arrival:
    """A body on its way."""

    began: float
    timeout: asyncio.Timeout
    buffer: io.BytesIO = field(default_factory=io.BytesIO)
    size: int = 0

    def rate(self, now: float) -> float:
        return self.size / max(now - self.began, 1)


class Ended(Exception):
    """An answer whose reader took too long, or whose room others needed."""


@dataclass(eq=False)
class _Departure:
    """An answer that its reader takes in pieces; `moved` is when the last one was taken."""

    moved: float
    size: int = 0
    waiting: asyncio.Timeout | None = None


class Gate:
    """An ASGI application that runs a WSGI one in threads, with whole requests only."""

    def __init__(
        self, application: Application, *, threads: int = 4, limits: Limits | None = None
    ) -> None:
        self.application, self.limits = application, limits or Limits()
        # Long answers keep their threads, so there are some for them beyond those of the views.
        self._pool = ThreadPoolExecutor(threads + self.limits.streams, thread_name_prefix="view")
        self._views = asyncio.Semaphore(threads)
        self._arrivals: set[_Arrival] = set()
        self._departures: set[_Departure] = set()
        self._together = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a request in, have it answered in a thread, hand the answer out."""
        if scope["type"] != "http":
            return
        try:
            headers = _headers(scope)
            body = await self._body(headers, receive)
        except Refused as refusal:
            await _refuse(send, refusal.status)
            return
        turn = _Turn(self, asyncio.get_running_loop(), send)
        answer = self._answer(turn, {**_environ(scope, headers), "wsgi.input": body})
        del body  # or it would stay in memory until the answer was read
        with suppress(Ended):
            content = await answer
            if content is not None:
                await self._hand_out(turn, content)

    async def _answer(self, turn: "_Turn", environ: dict[str, Any]) -> bytes | None:
        """Have a thread answer; a body counts for as long as it waits for one and is read."""
        size = len(environ["wsgi.input"].getbuffer())
        environ["CONTENT_LENGTH"] = str(size)
        self._together += size
        try:
            async with _Place(self._views) as turn.place:
                return await turn.loop.run_in_executor(self._pool, turn.run, environ)
        finally:
            self._together -= size

    async def _hand_out(self, turn: "_Turn", content: bytes) -> None:
        """Send what was answered, a large one in pieces; raises `Ended`."""
        if len(content) <= SMALL:
            await turn.send(_start(*turn.begun))
            await turn.send({"type": "http.response.body", "body": content})
            return
        departure = self.departs(size=len(content))
        try:
            await self.piece(departure, turn.send, _start(*turn.begun))
            for part in _parts(content):
                await self.piece(departure, turn.send, part)
            await self.piece(departure, turn.send, _END)
        finally:
            self._departures.discard(departure)

    def departs(self, size: int = 0) -> _Departure:
        """Begin an answer that is taken in pieces; of too many the one that stands still ends.

        Those with a size wait in memory; those without come from their threads.
        """
        now = asyncio.get_running_loop().time()
        others = [one for one in self._departures if bool(one.size) == bool(size)]
        full = (
            sum(one.size for one in others) + size > self.limits.held
            if size
            else len(others) >= self.limits.streams
        )
        if full and others:
            slowest = min(others, key=lambda one: one.moved)
            self._departures.discard(slowest)
            if slowest.waiting is not None:
                slowest.waiting.reschedule(now)
        departure = _Departure(moved=now, size=size)
        self._departures.add(departure)
        return departure

    async def piece(self, departure: _Departure, send: Send, event: dict[str, Any]) -> None:
        """Send one piece once its reader takes it; raises `Ended`."""
        try:
            async with asyncio.timeout(self.limits.grace) as departure.waiting:
                await send(event)
        except TimeoutError:
            self._departures.discard(departure)
        finally:
            departure.waiting = None
        departure.moved = asyncio.get_running_loop().time()
        if departure not in self._departures:
            raise Ended

    def arrived(self, departure: _Departure) -> None:
        """End an answer that has gone out, or will not."""
        self._departures.discard(departure)

    async def _body(self, headers: dict[str, str], receive: Receive) -> io.BytesIO:
        """Return the body once it is there.

        Raises:
            Refused: it is too large, comes too slowly, or ends before its end.

        """
        length = headers.get("CONTENT_LENGTH", "")
        if length in {"", "0"} and "HTTP_TRANSFER_ENCODING" not in headers:
            return io.BytesIO()
        if length.isdigit() and int(length) > self.limits.body:
            raise Refused(413)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self.limits.grace) as timeout:
                arrival = _Arrival(began=loop.time(), timeout=timeout)
                self._arrivals.add(arrival)
                try:
                    return await self._arrive(arrival, receive)
                finally:
                    self._leaves(arrival)
        except TimeoutError:
            raise Refused(408) from None

    async def _arrive(self, arrival: _Arrival, receive: Receive) -> io.BytesIO:
        more = True
        while more:
            event = await receive()
            if event["type"] != "http.request":
                raise Refused(400)
            if arrival not in self._arrivals:  # others needed its room
                raise Refused(408)
            piece, more = event.get("body", b""), event.get("more_body", False)
            arrival.size += len(piece)
            self._together += len(piece)
            if arrival.size > self.limits.body:
                raise Refused(413)
            arrival.buffer.write(piece)
            arrival.timeout.reschedule(
                arrival.began + self.limits.grace + arrival.size / self.limits.rate
            )
            self._make_room()
            if arrival not in self._arrivals:  # others needed its room
                raise Refused(408)
        arrival.buffer.seek(0)
        return arrival.buffer

    def _make_room(self) -> None:
        """End the slowest large arrival when all bodies together hold too much.

        A flood must feed itself. What has arrived and waits for a thread counts as well: quick
        senders of large bodies would fill the memory otherwise, faster than they are answered.
        """
        large = [arrival for arrival in self._arrivals if arrival.size > self.limits.small]
        if large and self._together > self.limits.together:
            now = asyncio.get_running_loop().time()
            slowest = min(large, key=lambda arrival: arrival.rate(now))
            self._leaves(slowest)
            slowest.timeout.reschedule(now)

    def _leaves(self, arrival: _Arrival) -> None:
        """Count a body no more, once: it has arrived, or was ended.

        At once, not when its task hears of it: until then others would be ended for the same room.
        """
        if arrival in self._arrivals:
            self._arrivals.discard(arrival)
            self._together -= arrival.size


class _Place:
    """A view's place among the threads, given back once: by its answer, or when that is long."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self.places, self.is_held = places, False

    async def __aenter__(self) -> Self:
        await self.places.acquire()
        self.is_held = True
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.leave()

    def leave(self) -> None:
        if self.is_held:
            self.is_held = False
            self.places.release()


class _Turn:
    """One call of the WSGI application, in a thread."""

    place: _Place

    def __init__(self, gate: Gate, loop: asyncio.AbstractEventLoop, send: Send) -> None:
        self.gate, self.loop, self.send = gate, loop, send
        self.begun: Answer = (500, [_PLAIN])

    def run(self, environ: dict[str, Any]) -> bytes | None:
        """Return what the answer holds; None when it was long and has gone out from here."""
        with ExitStack() as ending:
            pieces = self.gate.application(environ, self._start_response)
            if hasattr(pieces, "close"):
                ending.callback(pieces.close)
            held, size, rest = [], 0, iter(pieces)
            for piece in rest:
                held.append(piece)
                size += len(piece)
                if size > HELD:
                    self._stream(held, rest)
                    return None
            return b"".join(held)

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], _error: object = None
    ) -> Callable[[bytes], object]:
        self.begun = (
            int(status.partition(" ")[0]),
            [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        )
        return lambda _piece: None

    def _stream(self, held: list[bytes], rest: Iterable[bytes]) -> None:
        """Send a long answer from here; the place among the views is for others meanwhile."""
        departure = self._on_loop(self._depart())
        try:
            self._on_loop(self.gate.piece(departure, self.send, _start(*self.begun)))
            while held:
                self._push(departure, held.pop(0))
            for piece in rest:
                self._push(departure, piece)
            self._on_loop(self.gate.piece(departure, self.send, _END))
        finally:
            self.loop.call_soon_threadsafe(self.gate.arrived, departure)

    async def _depart(self) -> _Departure:
        self.place.leave()
        return self.gate.departs()

    def _push(self, departure: _Departure, piece: bytes) -> None:
        for part in _parts(piece):
            self._on_loop(self.gate.piece(departure, self.send, part))

    def _on_loop(self, doing: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(doing, self.loop).result()


_END = {"type": "http.response.body", "body": b""}


def _parts(content: bytes) -> Iterator[dict[str, Any]]:
    for at in range(0, len(content), SMALL):
        piece = content[at : at + SMALL]
        yield {"type": "http.response.body", "body": piece, "more_body": True}


def _start(status: int, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _refuse(send: Send, status: int) -> None:
    words = _REFUSALS[status].encode()
    headers = [_PLAIN, (b"connection", b"close"), (b"cache-control", b"no-store")]
    await send(_start(status, headers))
    await send({"type": "http.response.body", "body": words})


def _headers(scope: Scope) -> dict[str, str]:
    """Return the headers as WSGI names them.

    One with an underscore is dropped: it would pass for the one with a hyphen that only the proxy
    may set. Raises `Refused` for two that must be one.
    """
    found: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1").upper(), value.decode("latin-1")
        if "_" in name:
            continue
        key = name.replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        if key in found:
            if key in {"HTTP_HOST", "CONTENT_LENGTH", "CONTENT_TYPE"}:
                raise Refused(400)
            text = f"{found[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}"
        found[key] = text
    return found


def _environ(scope: Scope, headers: dict[str, str]) -> dict[str, Any]:
    host, port = scope.get("server") or ("localhost", 0)
    raw = scope.get("raw_path") or scope["path"].encode()
    client = scope.get("client") or ("", 0)
    return {
        **headers,
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(raw).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
