"""Send hostile requests to every door of a real server, and look what became of it.

A hub as `tcert serve` runs it (two web processes, the worker) with one of everything in it, on
the loopback address. Doors come from the addresses (`tests/doors.py`): every public one, and every
page behind the sign-in, to which a member and a coordinator come by turns where both may. Requests
are made from right ones (`tests/hostile.py`), carry a proof of origin as a page of ours would, and
are the same for the same seed; broken HTTP is a door of its own.

    .venv/bin/python bench/hostile_requests.py [--requests 10000] [--members 10000] [--json]

A whole run takes hours. `--doors` takes some of the doors, `--shard 2/4` every fourth; `--done
FILE` notes each door that was gone through, and leaves out those that stand there: a run that was
ended goes on where it was when it is started again with the same words.

The exit code says whether a door answered with a failure (5xx), a process died or grew beyond
bounds, an honest report did not go through afterwards, or something was stored that is not sealed.
"""

import argparse
import http.client
import json
import logging
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
WIRE = "(broken HTTP)"
TOKEN = "bench" * 6 + "xx"
GROWTH = 150  # megabytes that all processes may grow by in the later halves of all doors together
SIGN_IN_EVERY = 100
FAILURE = 500


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


PORT = _free_port()  # several runs may stand beside each other


@dataclass
class Told:
    """What came back through one door."""

    door: str
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    memory: str = ""  # what each process held in the end
    growth: int = 0  # megabytes, all processes, in the later half of the requests

    def and_then(self, later: "Told", growth: int) -> "Told":
        """Return both halves of a door as one, and what memory grew by in the later one."""
        return Told(
            self.door,
            self.statuses + later.statuses,
            self.seconds + later.seconds,
            [*self.failures, *later.failures],
            growth=growth,
        )

    @property
    def failed(self) -> int:
        """How many answers were failures of the hub."""
        return sum(count for status, count in self.statuses.items() if status >= FAILURE)

    def row(self) -> str:
        """One line of the table."""
        by_class = Counter({0: self.statuses[0]})
        for status, count in self.statuses.items():
            by_class[status // 100] += count if status else 0
        counts = " ".join(f"{by_class[n]:>6}" for n in (2, 3, 4, 5, 0))
        times = f"{statistics.median(self.seconds) * 1000:>7.0f} {max(self.seconds) * 1000:>8.0f}"
        memory = f"{self.growth:>+4} {self.memory}"
        return f"{self.door[:58]:58} {len(self.seconds):>6} {counts} {times}  {memory}"

    def total(self) -> dict[str, object]:
        """The same for a program."""
        return {
            "door": self.door,
            "asked": len(self.seconds),
            "statuses": dict(sorted(self.statuses.items())),
            "memory": self.memory,
            "growth": self.growth,
        }


HEAD = f"{'door':58} {'asked':>6} {'2xx':>6} {'3xx':>6} {'4xx':>6} {'5xx':>6} {'closed':>6} {'median':>7} {'slowest':>8}   MB in the later half, then"  # noqa: E501


class Server:
    """A running hub, and this process beside it on the same data."""

    process: subprocess.Popen[bytes] | None = None

    def __init__(self, folder: Path) -> None:
        self.said = folder / "said"
        os.environ.update(
            {
                "TCERT_DATA": str(folder / "hub"),
                "TCERT_BASE_URL": f"http://localhost:{PORT}",
                "TCERT_PROOF_OF_WORK_BITS": "0",
                "PYTHONPATH": f"{ROOT / 'src'}",
                "DJANGO_SETTINGS_MODULE": "tcert.site.settings",
            }
        )
        import django

        django.setup()
        logging.getLogger("django").setLevel("CRITICAL")  # this process learns the forms by asking
        from django.test.utils import setup_test_environment
        from tests import ready_database

        from tcert.site.serving import prepare

        ready_database.put_at(folder / "hub" / "hub.sqlite3")
        setup_test_environment()  # this process asks pages, too, to learn their forms
        prepare()

    def start(self) -> None:
        """Start it on the data that stand, and wait until it says that it runs."""
        command = [sys.executable, "-m", "tcert", "serve", "--port", str(PORT)]
        with self.said.open("wb") as said:
            self.process = subprocess.Popen(
                command, stdout=said, stderr=said, start_new_session=True
            )
        until = time.monotonic() + 180
        while "The hub is at" not in self.said.read_text():
            if not self.is_alive or time.monotonic() > until:
                raise SystemExit(self.said.read_text()[-3000:])
            time.sleep(0.2)

    @property
    def is_alive(self) -> bool:
        """Does it run?"""
        return self.process is not None and self.process.poll() is None

    def pids(self) -> list[int]:
        """Every process of the hub."""
        found = [self.process.pid] if self.process else []
        for pid in found:
            for tasks in Path("/proc").glob(f"{pid}/task/*/children"):
                with suppress(OSError):
                    found += [int(child) for child in tasks.read_text().split()]
        return found

    def megabytes(self) -> dict[str, int]:
        """What each of them holds in memory, its program files left out."""
        held: dict[str, int] = {}
        for pid in self.pids():
            with suppress(OSError, IndexError):  # one that has ended holds nothing
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
                kind = "web" if b"granian" in command else "worker" if b"worker" in command else ""
                told = Path(f"/proc/{pid}/status").read_text()
                held[f"{kind or 'serve'} {pid}"] = int(told.split("RssAnon:")[1].split()[0]) // 1024
        return held

    def held(self) -> int:
        """All of it together."""
        return sum(self.megabytes().values())

    @property
    def memory(self) -> str:
        """The same in one line."""
        return " ".join(f"{kind[:3]}:{held}" for kind, held in self.megabytes().items())

    def stop(self) -> None:
        """End it, and whatever it started."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=60)


@contextmanager
def running() -> Iterator[Server]:
    """Run a hub in a folder of its own for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        server = Server(Path(folder))
        try:
            yield server
        finally:
            server.stop()


class Client:
    """One connection that sends requests as they are, and opens anew where the hub closed it."""

    def __init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)

    def send(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Return status and body; status 0 where the hub closed without an answer."""
        try:
            self.connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                self.connection.putheader(name, value.encode("latin-1", "replace"))
            self.connection.endheaders(body)
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException, ValueError):
            self.connection.close()
            return 0, b""


def ask(door: str, which: range, threads: int, make: Callable[[int], Any]) -> Told:
    """Send requests, each made by its number, over some connections at once."""
    told, lock, numbers = Told(door), threading.Lock(), iter(which)

    def work() -> None:
        client = Client()
        while True:
            with lock:
                number = next(numbers, None)
                request = make(number) if number is not None else None
            if number is None:
                return
            began = time.perf_counter()
            status, _body = client.send(*request)
            took = time.perf_counter() - began
            with lock:
                told.statuses[status] += 1
                told.seconds.append(took)
                if status >= FAILURE and len(told.failures) < 3:  # noqa: PLR2004
                    told.failures.append(f"{status} {request!r:.600}")

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return told


def through(door: Any, seed: int, cookies: Callable[[int], str]) -> Callable[[int], Any]:
    """Make the requests of one door, each from its own number."""
    from tests.hostile import Sender

    def make(number: int) -> Any:
        source = random.Random(f"{seed} {door.route} {number}")
        request = Sender(source, door.fields).request(source.choice(list(door.urls)))
        ours = {"Host": f"localhost:{PORT}", "X-CSRFToken": TOKEN}
        ours["Cookie"] = "; ".join(filter(None, [f"csrftoken={TOKEN}", cookies(number)]))
        headers = {**ours, "Content-Length": str(len(request.body)), **request.headers}
        if headers["Cookie"] != ours["Cookie"] and source.random() < 0.5:  # noqa: PLR2004
            headers["Cookie"] = ours["Cookie"]
        return request.method, request.target, headers, request.body

    return make


GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /report/ HTTP/1.1\r\nHost: localhost\r\n"
BROKEN = (
    GET + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    POST + b"Content-Length: -1\r\n\r\n",
    POST + b"Content-Length: 99999999999999999999\r\n\r\nx",
    POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\nx",
    POST + b"Content-Length: 50\r\n\r\nhalf",
    b"GET /\x00\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
)


def break_the_wire(which: range, seed: int) -> Told:
    """Send what is no HTTP, or half of it, and go away."""
    told, source = Told(WIRE), random.Random(f"{seed} {which.start}")
    for _number in which:
        data = bytearray(source.choice(BROKEN))
        for _change in range(source.choice([0, 0, 1, 5])):
            data[source.randrange(len(data))] = source.randrange(256)
        began, status = time.perf_counter(), 0
        with suppress(OSError), socket.create_connection(("127.0.0.1", PORT), timeout=10) as wire:
            wire.settimeout(0.05)
            wire.sendall(bytes(data))
            with suppress(OSError):
                found = re.match(rb"HTTP/1\.[01] (\d{3})", wire.recv(200))
                status = int(found[1]) if found else 0
        told.statuses[status] += 1
        told.seconds.append(time.perf_counter() - began)
    return told


def honest_report(strangers: Any) -> str:
    """Send a report as the scripts do, open its mailbox, and return what went wrong."""
    from tests.factories.intake import Sealer

    client, base = Client(), {"Host": f"localhost:{PORT}", "Cookie": f"csrftoken={TOKEN}"}

    def post(path: str, fields: dict[str, str]) -> tuple[int, bytes]:
        from urllib.parse import urlencode

        body = urlencode(fields).encode()
        headers = {**base, "X-CSRFToken": TOKEN, "Content-Length": str(len(body))}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return client.send("POST", path, headers, body)

    status, body = post("/report/begin", {"addressee": "desk"})
    if status != 200:  # noqa: PLR2004
        return f"begin: {status}"
    import base64

    sealer = Sealer(token=json.loads(body)["token"])
    letter = sealer.letter(strangers.desk, strangers.party)
    fields = {
        name: base64.b64encode(getattr(letter, name)).decode()
        for name in ("certificate", "locked_secret", "facts", "wishes")
    }
    fields |= {"token": sealer.token, "nonce": "0", "kind": "incident", "addressee": "desk"}
    status, body = post("/report/send", {**fields, "receipt_id": letter.receipt_id})
    if status != 200:  # noqa: PLR2004
        return f"send: {status} {body[:200]!r}"
    status, body = post("/receipt/open", {"receipt_id": letter.receipt_id})
    return "" if status == 200 and json.loads(body)["messages"] else f"mailbox: {status}"  # noqa: PLR2004


def not_sealed() -> list[str]:
    """Everything in the sealed tables that is not the packets that belong there."""
    from tcert.foundation.openpgp.packets import PacketError, Tag, split
    from tcert.foundation.sealed.models import BufferedPost, File, KeyPacket, Message
    from tcert.response.intake.models import KeptFile, Report

    def tags(data: bytes) -> list[int]:
        try:
            return [packet.tag for packet in split(data) if packet.tag != Tag.MARKER]
        except PacketError:
            return []

    file = [Tag.SKESK, Tag.PROTECTED]
    from tcert.foundation.kernel import storage

    def kept(one: KeptFile) -> bytes:
        with storage.ciphertext().open(one.content) as content:
            return content.read()

    found: Iterator[tuple[str, bytes, list[Tag]]] = chain(
        (("message", bytes(one.body), [Tag.PROTECTED]) for one in Message.objects.iterator()),
        (("waiting", bytes(one.body), [Tag.PROTECTED]) for one in BufferedPost.objects.iterator()),
        (("key packet", bytes(one.packet), [Tag.PKESK]) for one in KeyPacket.objects.iterator()),
        (("file", one.read(), file) for one in File.objects.iterator()),
        (("kept file", kept(one), file) for one in KeptFile.objects.iterator()),
        (("locked key", bytes(one.locked_secret), file) for one in Report.objects.iterator()),
    )
    return [f"{what}: {tags(data)}" for what, data, wanted in found if tags(data) != wanted]


def where_it_stands() -> list[str]:
    """Columns that hold hostile text after strangers only were there; one line may be read."""
    from tests import canary, hostile

    return [name for name in canary.in_tables(hostile.MARK) if name != "cases_caseproduct.name"]


def signed_in(person: Any, *, coordinator: bool) -> Callable[[int], str]:
    """Return the cookie of a person, who signs in again now and then: some doors end a session."""
    from django.test import Client as Inside
    from tests.principals import sign_in

    held: dict[str, str] = {}

    def cookie(number: int) -> str:
        if number % SIGN_IN_EVERY == 0 or not held:
            client = sign_in(Inside(), person, coordinator=coordinator)
            held["hub"] = client.cookies["hub"].value
        return f"hub={held['hub']}"

    return cookie


@dataclass(frozen=True)
class Turn:
    """One door of a run: whose it is, and how it is gone through."""

    door: str
    requests: int
    go: Callable[[range], Told]


def turns(asked: argparse.Namespace, whole: Any, strangers: Any) -> tuple[list[Turn], list[Turn]]:
    """Return the doors of strangers, and those that members have beyond them."""
    from django.test import Client as Inside
    from tests import doors
    from tests.principals import principal_of, sign_in

    from tcert.foundation.kernel.principal import ANONYMOUS

    scenes = [scene.values for scene in whole.scenes]

    def turn(name: str, door: Any, count: int, cookies: Callable[[int], str]) -> Turn:
        make = through(door, asked.seed, cookies)
        return Turn(name, count, lambda which: ask(name, which, asked.threads, make))

    public = [
        turn(door.route or "/", door, asked.requests, lambda _number: "")
        for door in doors.doors(ANONYMOUS, Inside(), scenes, strangers.fields)
    ]
    public.append(Turn(WIRE, asked.requests, lambda which: break_the_wire(which, asked.seed)))
    who: dict[str, list[Callable[[int], Any]]] = {}
    for person, coordinator in ((whole.representative, False), (whole.coordinator, True)):
        client = sign_in(Inside(), person, coordinator=coordinator)
        principal = principal_of(person, coordinator=coordinator)
        for door in doors.doors(principal, client, scenes, strangers.fields):
            cookies = signed_in(person, coordinator=coordinator)
            who.setdefault(door.route, []).append(through(door, asked.seed, cookies))

    def behind(route: str, makers: Sequence[Callable[[int], Any]]) -> Turn:
        make, name = by_turns(makers), f"inside: {route}"
        return Turn(name, asked.members, lambda which: ask(name, which, asked.threads, make))

    inside = [behind(route, makers) for route, makers in who.items()]
    # What is done to the own account comes last: it may end the sign-in of all doors after it.
    return public, sorted(inside, key=lambda turn: ": account/" in turn.door)


def by_turns(makers: Sequence[Callable[[int], Any]]) -> Callable[[int], Any]:
    """Let all who may come through a door come through it one after the other."""
    return lambda number: makers[number % len(makers)](number // len(makers))


def chosen(asked: argparse.Namespace, found: Sequence[Turn]) -> list[Turn]:
    """Return what is asked for of these doors, and was not gone through before."""
    part, parts = (int(number) for number in asked.shard.split("/"))
    had = {line["door"] for line in before(asked)}
    matching = [turn for turn in found if re.search(asked.doors, turn.door)]
    return [turn for turn in matching[part - 1 :: parts] if turn.door not in had]


def before(asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what was told of the doors that an earlier run went through."""
    if asked.done is None or not asked.done.exists():
        return []
    return [json.loads(line) for line in asked.done.read_text().splitlines()]


def run(asked: argparse.Namespace, server: Server) -> tuple[list[Told], list[str]]:
    """Go through the doors; return what each told, and what is wrong in the end."""
    from django.test import Client as Inside
    from tests import doors
    from tests.factories import whole_hub

    from tcert.community.directory.queries import desk_team
    from tcert.foundation.kernel.principal import ANONYMOUS

    whole = whole_hub.populate()
    desk = desk_team()
    assert desk is not None
    strangers = doors.Strangers.ready(desk)
    public, inside = turns(asked, whole, strangers)
    server.start()
    warm = next(doors.doors(ANONYMOUS, Inside(), [], strangers.fields))
    ask("warm", range(50), asked.threads, through(warm, asked.seed, lambda _number: ""))
    found, wrong, began = [], [], server.held()
    print(HEAD)

    def go(turn: Turn) -> None:
        half = turn.requests // 2
        told, before = turn.go(range(half)), server.held()
        told = told.and_then(turn.go(range(half, turn.requests)), server.held() - before)
        told.memory = server.memory
        found.append(told)
        print(told.row(), flush=True)
        wrong.extend(told.failures)
        if asked.done is not None:
            with asked.done.open("a") as done:
                done.write(json.dumps(told.total()) + "\n")

    for turn in chosen(asked, public):
        go(turn)
    wrong += [f"hostile text stands in {name}" for name in where_it_stands()]
    for turn in chosen(asked, inside):
        go(turn)
    later = sum(told.growth for told in found)
    print(
        f"memory of all processes: {began} MB before, {server.held()} MB after; it grew by {later} "
        "MB in the later halves of the doors' requests"
    )
    if later > GROWTH:
        wrong.append(f"the processes grew by {later} MB where all had been used before")
    if not server.is_alive:
        wrong.append("the hub has ended")
    if trouble := honest_report(strangers):
        wrong.append(f"an honest report did not go through: {trouble}")
    return found, [*wrong, *not_sealed()]


def main() -> int:
    """Print a row for each door, and what was found in the end."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--requests", type=int, default=10_000, help="for each public door")
    options.add_argument("--members", type=int, default=10_000, help="for each behind the sign-in")
    options.add_argument("--doors", default="", help="only doors whose route matches")
    options.add_argument("--shard", default="1/1", help="which part of the doors, of how many")
    options.add_argument("--done", type=Path, help="doors that stand in this file are left out")
    options.add_argument("--threads", type=int, default=4)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    began = time.monotonic()
    with running() as server:
        found, wrong = run(asked, server)
    sent, failed = sum(len(told.seconds) for told in found), sum(told.failed for told in found)
    took = time.monotonic() - began
    print(f"{sent} requests at {len(found)} doors in {took:.0f} s; {failed} failures")
    print("\n".join(f"WRONG {one}" for one in wrong) or "nothing wrong")
    if asked.json:
        total = {"requests": sent, "failures": failed, "wrong": len(wrong), "seconds": round(took)}
        print(json.dumps({**total, "doors": [told.total() for told in found]}))
    return int(bool(failed or wrong))


if __name__ == "__main__":
    sys.exit(main())
