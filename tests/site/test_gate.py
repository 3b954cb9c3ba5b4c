"""The gate hands whole requests to Django, as a WSGI server would, and no more than fits."""

import asyncio
import gc
import io
import threading
import weakref
from wsgiref.validate import validator

import pytest

from tcert.site.gate import HELD, SMALL, Gate, Limits

PATH = b"/caf%C3%A9/%2e%2e/%ff"


def scope(method="POST", path=PATH, headers=(), query=b"q=%20"):
    return {
        "type": "http",
        "method": method,
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", "8000"),
        "client": ("192.0.2.7", "999"),
        "headers": [(b"host", b"hub"), *headers],
    }


def ask(gate, asked, pieces=(), *, pause=0.0, stall=False):
    """Send a request in pieces; return status, headers and body of the answer."""
    sent = []

    async def talk():
        waiting = [*pieces]

        async def receive():
            await asyncio.sleep(pause)
            if not waiting:
                if stall:
                    await asyncio.sleep(60)
                return {"type": "http.disconnect"}
            piece = waiting.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(waiting) or stall}

        async def send(event):
            sent.append(event)

        await gate(asked, receive, send)

    asyncio.run(talk())
    assert sent[0]["type"] == "http.response.start"
    body = b"".join(event.get("body", b"") for event in sent[1:])
    assert not sent[-1].get("more_body")
    return sent[0]["status"], dict(sent[0]["headers"]), body


class Pages:
    """A WSGI application that notes what it was asked."""

    def __init__(self, answer=b"fine"):
        self.answer, self.asked, self.closed = answer, {}, 0

    def __call__(self, environ, start_response):
        self.asked = {**environ, "read": environ["wsgi.input"].read()}
        start_response("200 OK", [("Content-Type", "text/plain"), ("X-One", "1")])
        return self

    def __iter__(self):
        yield from (self.answer if isinstance(self.answer, list) else [self.answer])

    def close(self):
        self.closed += 1


def length(body):
    return (b"content-length", str(len(body)).encode())


def test_a_request_arrives_as_a_wsgi_server_would_hand_it_over():
    pages = Pages()
    headers = [
        length(b"abcdef"),
        (b"content-type", b"text/plain"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"accept", b"x"),
        (b"accept", b"y"),
        (b"x_forwarded_proto", b"https"),
    ]
    status, told, body = ask(Gate(pages), scope(headers=headers), [b"abc", b"def"])

    assert (status, told[b"x-one"], body, pages.closed) == (200, b"1", b"fine", 1)
    asked = pages.asked
    assert asked["PATH_INFO"] == "/café/../\xff".encode().decode("latin-1").replace("Ã¿", "\xff")
    assert (asked["QUERY_STRING"], asked["REQUEST_METHOD"]) == ("q=%20", "POST")
    assert (asked["CONTENT_LENGTH"], asked["CONTENT_TYPE"], asked["read"]) == (
        "6",
        "text/plain",
        b"abcdef",
    )
    assert (asked["HTTP_COOKIE"], asked["HTTP_ACCEPT"]) == ("a=1; b=2", "x,y")
    assert asked["REMOTE_ADDR"] == "192.0.2.7"
    assert "HTTP_X_FORWARDED_PROTO" not in asked, "only the proxy may say so"


def test_it_keeps_to_the_protocol():
    def pages(environ, start_response):
        environ["wsgi.input"].read(3)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"fine"]

    assert ask(Gate(validator(pages)), scope(headers=[length(b"abc")]), [b"abc"])[0] == 200


@pytest.mark.parametrize("name", [b"host", b"content-length", b"content-type"])
def test_what_must_be_said_once_is_not_said_twice(name):
    pages = Pages()
    assert ask(Gate(pages), scope(headers=[(name, b"1"), (name, b"1")]))[0] == 400
    assert not pages.asked


def test_a_body_that_is_too_large_or_too_slow_or_cut_does_not_come_in():
    limits = Limits(body=10, grace=0.2, rate=1_000_000)
    for headers, pieces, more, status in (
        ([length(b"x" * 11)], [], {}, 413),
        ([(b"transfer-encoding", b"chunked")], [b"x" * 6, b"x" * 6], {}, 413),
        ([length(b"x" * 9)], [b"x"], {"stall": True}, 408),
        ([length(b"x" * 9)], [b"x"] * 9, {"pause": 0.1}, 408),
        ([length(b"x" * 9)], [], {}, 400),
    ):
        pages = Pages()
        told = ask(Gate(pages, limits=limits), scope(headers=headers), pieces, **more)
        assert told[0] == status
        assert told[1][b"connection"] == b"close"
        assert b"Nothing was stored" in told[2]
        assert not pages.asked


def test_of_many_bodies_that_are_too_much_together_the_slowest_ends():
    gate = Gate(Pages(), limits=Limits(body=100, together=150, small=0, grace=30, rate=1))

    async def all_of_them():
        begun, half, answered = asyncio.Event(), asyncio.Event(), asyncio.Event()
        slow = asyncio.create_task(
            sends(gate, 10, 10, before={9: asyncio.Event()}, reached={9: begun})
        )
        await begun.wait()
        other = asyncio.create_task(sends(gate, 10, 10, before={5: answered}, reached={5: half}))
        await half.wait()
        quick = await sends(gate, 10, 10)
        answered.set()
        return await slow, quick, await other

    assert asyncio.run(asyncio.wait_for(all_of_them(), 20)) == (408, 200, 200)


def test_room_that_one_has_made_is_not_asked_of_a_second():
    """An ended body counts no more, even before its task hears that it is ended."""
    gate = Gate(Pages(), limits=Limits(body=100, together=120, small=45))

    async def all_of_them():
        there, goes_on = [asyncio.Event(), asyncio.Event()], asyncio.Event()
        large = [
            asyncio.create_task(sends(gate, 25, 3, before={1: goes_on}, reached={1: one}))
            for one in there
        ]
        for one in there:
            await one.wait()
        small = await sends(gate, 10, 4, pause=None)
        goes_on.set()
        return small, sorted(await asyncio.gather(*large))

    assert asyncio.run(asyncio.wait_for(all_of_them(), 20)) == (200, [200, 408])
    assert gate._together == 0, "what is counted once more or once less stays for good"


class Held:
    """A WSGI application that answers when it is let; `bodies` are those that are in memory."""

    def __init__(self):
        self.asked, self.let = threading.Event(), threading.Event()
        self.bodies = weakref.WeakSet()

    def __call__(self, environ, start_response):
        self.bodies.add(environ["wsgi.input"])
        self.asked.set()
        assert self.let.wait(timeout=20)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"fine"]


async def sends(gate, size, pieces, *, before=None, reached=None, reading=None, pause=0.01):
    """Send a body in pieces and return the status.

    With so many pieces left, `reached` is told and `before` waited for; `reading` is two events of
    a slow reader. Without a pause all pieces come before anything else happens.
    """
    waiting, told = [b"x" * size] * pieces, []

    async def receive():
        if pause is not None:
            await asyncio.sleep(pause)
        if reached and len(waiting) in reached:
            reached[len(waiting)].set()
        if before and len(waiting) in before:
            await before[len(waiting)].wait()
        return {"type": "http.request", "body": waiting.pop(), "more_body": bool(waiting)}

    async def send(event):
        told.append(event.get("status"))
        if reading is not None and event["type"] == "http.response.body":
            reading[0].set()
            await reading[1].wait()

    await gate(scope(headers=[(b"transfer-encoding", b"chunked")]), receive, send)
    return told[0]


def test_what_has_arrived_and_waits_for_an_answer_counts_and_small_bodies_still_come_in():
    """Else quick senders of large bodies fill the memory, faster than they are answered."""
    pages = Held()
    gate = Gate(pages, threads=1, limits=Limits(body=100, together=150, small=20))

    async def all_of_them():
        first = asyncio.create_task(sends(gate, 50, 2))
        assert await asyncio.to_thread(pages.asked.wait, 20)
        text = asyncio.create_task(sends(gate, 10, 2))
        assert await sends(gate, 50, 2) == 408, "no room while the first one waits"
        pages.let.set()
        assert (await first, await text, await sends(gate, 50, 2)) == (200, 200, 200)

    asyncio.run(all_of_them())


def test_a_body_is_forgotten_once_it_is_answered_however_slowly_the_answer_is_read():
    pages = Held()
    pages.let.set()

    async def slow_reader():
        begun, goes_on = asyncio.Event(), asyncio.Event()
        talk = asyncio.create_task(sends(Gate(pages), 10, 1, reading=(begun, goes_on)))
        await asyncio.wait_for(begun.wait(), timeout=20)
        gc.collect()
        held = len(pages.bodies)
        goes_on.set()
        return await talk, held

    assert asyncio.run(slow_reader()) == (200, 0)


class Reader:
    """Somebody who reads an answer: all of it, or a few pieces and then none until `goes_on`."""

    def __init__(self, pieces=None):
        self.pieces, self.read, self.body = pieces, 0, b""
        self.stands, self.goes_on = asyncio.Event(), asyncio.Event()

    async def asks(self, gate):
        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(event):
            if self.pieces is not None and self.read >= self.pieces:
                self.stands.set()
                await self.goes_on.wait()
            self.read += 1
            self.body += event.get("body", b"")

        await gate(scope("GET"), receive, send)
        return len(self.body)


def test_who_takes_no_piece_of_a_large_answer_for_a_while_is_ended():
    """One receipt opens answers of 26 MB, as often as a stranger asks."""
    size = 10 * SMALL + 1
    gate = Gate(Pages(b"x" * size), limits=Limits(grace=0.2))

    async def both():
        return await asyncio.gather(Reader(pieces=3).asks(gate), Reader().asks(gate))

    assert asyncio.run(both()) == [2 * SMALL, size], "the start of the answer is a piece as well"


def test_of_answers_that_hold_too_much_together_the_one_that_stands_still_ends():
    size = 3 * SMALL
    gate = Gate(Pages(b"x" * size), limits=Limits(grace=30, held=2 * size))

    async def all_of_them():
        still, slow = Reader(pieces=1), Reader(pieces=2)
        first = asyncio.create_task(still.asks(gate))
        await asyncio.wait_for(still.stands.wait(), timeout=20)
        second = asyncio.create_task(slow.asks(gate))
        await asyncio.wait_for(slow.stands.wait(), timeout=20)
        assert await Reader().asks(gate) == size, "a third one finds room"
        assert await asyncio.wait_for(first, timeout=20) == 0
        slow.goes_on.set()
        return await second

    assert asyncio.run(all_of_them()) == size


def test_who_does_not_read_a_long_answer_holds_no_view_and_gives_way_to_the_next(monkeypatch):
    """Each held one of eight threads for as long as its reader liked: the hub stood still."""
    monkeypatch.setattr("tcert.site.gate.HELD", 10)
    long = Pages([b"x" * 6] * 9)
    gate = Gate(long, threads=1, limits=Limits(grace=30, streams=1))

    async def all_of_them():
        still = Reader(pieces=2)
        first = asyncio.create_task(still.asks(gate))
        await asyncio.wait_for(still.stands.wait(), timeout=20)
        long.answer = b"short"
        assert await asyncio.wait_for(Reader().asks(gate), timeout=20) == 5
        long.answer = [b"x" * 6] * 9
        assert await asyncio.wait_for(Reader().asks(gate), timeout=20) == 54
        return await asyncio.wait_for(first, timeout=20)

    assert asyncio.run(all_of_them()) == 6
    assert long.closed == 3


def test_a_long_answer_goes_out_in_pieces_and_is_closed():
    piece = b"x" * (HELD // 4)
    pages = Pages([piece] * 6)
    status, _headers, body = ask(Gate(pages), scope("GET"))
    assert (status, len(body), pages.closed) == (200, 6 * len(piece), 1)


def test_an_answer_is_closed_when_it_breaks():
    class Breaking(Pages):
        def __iter__(self):
            yield b"begun"
            raise io.UnsupportedOperation

    pages = Breaking()
    with pytest.raises(io.UnsupportedOperation):
        ask(Gate(pages), scope("GET"))
    assert pages.closed == 1
