"""How many reports a second the hub takes from reporters whose browsers run no scripts.

One submission is what such a reporter does: read the form page, post what was typed (the hub shows
it with a receipt), and send with the receipt confirmed (the hub makes the report's key, seals facts
and wishes, checks and stores them, and says under which name). Four clients do so at once, against
the server as `tcert serve` runs it (two web workers, the hub's worker beside them), on SQLite and
on PostgreSQL; in turn with them a bare Django page behind the same gate is read in the same way.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench import cpu
from bench.client import Visitor, hidden
from bench.hub import DATABASES, ROOT, Hub, ending, free_port, hub_on, wait_for_page

CLIENTS = 4
TYPED = [
    ("kind", "vulnerability"),
    ("subject", "Open5GS AMF 2.7.6"),
    ("read_line", "no"),
    ("version", "2.7.6-1"),
    ("reach", "NGAP"),
    ("title", "AMF stops on a malformed registration"),
    ("description", "It stops when a registration request of odd length arrives. " * 15),
    ("reproduce", "Send it twice, the second time without its security header.\n" * 8),
    ("impact", "A whole region loses its core."),
    ("addressee", "desk"),
    ("anonymity", "nobody"),
    ("contact", "a box on another system"),
    ("remarks", "Please do not tell the operator before the vendor."),
]
MEGABYTE = 1_000_000


def submit(visitor: Visitor, attachment: bytes) -> str:
    """Send one report as a browser without scripts does; returns its receipt, raises Refused."""
    files = [("files", "capture.bin", attachment)] if attachment else []
    visitor.cookies.clear()
    form = hidden(visitor.get("/report/"))
    preview = hidden(visitor.post("/report/", form + TYPED, files))
    receipt = dict(preview)["receipt"]
    sent = visitor.post("/report/", [*preview, ("step", "send"), ("confirm", receipt.split()[-1])])
    if receipt.encode() not in sent or b"It is stored sealed" not in sent:
        raise ValueError("the report was not taken")
    return receipt


def read_bare(visitor: Visitor, _attachment: bytes) -> None:
    """Read the bare page."""
    visitor.get("/")


Act = Callable[[Visitor, bytes], object]


@dataclass
class Window:
    """What the clients did in one stretch of time."""

    per_second: float
    milliseconds: list[float] = field(repr=False)
    processor: dict[str, float]
    """Processor milliseconds for one act, by who used them."""


def _client(
    act: Act, port: int, attachment: bytes, times: tuple[float, float], barrier: object, out: object
) -> None:
    """Act again and again; what began in the measured time counts."""
    warm, measured = times
    visitor = Visitor(port)
    act(visitor, attachment)
    barrier.wait()  # type: ignore[attr-defined]
    begin = time.perf_counter() + warm
    took = []
    while (now := time.perf_counter()) < begin + measured:
        act(visitor, attachment)
        if now >= begin:
            took.append(time.perf_counter() - now)
    out.put((took, time.process_time()))  # type: ignore[attr-defined]


def measure(
    act: Act,
    port: int,
    *,
    attachment: bytes,
    seconds: float,
    groups: dict[str, Callable[[], list[int]]],
) -> Window:
    """Let the clients act for a while, after a warm-up of a quarter of it."""
    context = multiprocessing.get_context("fork")
    barrier, out = context.Barrier(CLIENTS + 1), context.Queue()
    warm = seconds / 4
    clients = [
        context.Process(target=_client, args=(act, port, attachment, (warm, seconds), barrier, out))
        for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    barrier.wait(timeout=120)
    time.sleep(warm)
    before = {name: cpu.seconds(pids()) for name, pids in groups.items()}
    busy, began = cpu.busy_seconds(), time.perf_counter()
    clients_before = cpu.seconds([c.pid for c in clients if c.pid])
    time.sleep(seconds)
    used = {name: cpu.seconds(pids()) - before[name] for name, pids in groups.items()}
    used["clients"] = cpu.seconds([c.pid for c in clients if c.pid]) - clients_before
    used["others"] = cpu.busy_seconds() - busy - sum(used.values())
    span = time.perf_counter() - began
    took = [one for _ in clients for one in out.get(timeout=120)[0]]
    for client in clients:
        client.join()
    per_second = len(took) / span
    return Window(
        per_second,
        [1000 * one for one in took],
        {name: 1000 * spent / span / per_second for name, spent in used.items()},
    )


@dataclass(frozen=True)
class Scenario:
    """One thing that the clients do, and where."""

    name: str
    act: Act
    port: int
    attachment: bytes = field(default=b"", repr=False)


@contextmanager
def beside(hub: Hub, application: str) -> Iterator[tuple[int, int]]:
    """Another application through the same door as the hub: its process and port."""
    port = free_port()
    command = [sys.executable, "-m", "bench.beside", application, str(port)]
    with (
        (hub.folder / "beside.log").open("ab") as log,
        ending(
            subprocess.Popen(command, env=hub.environment, cwd=ROOT, stdout=log, stderr=log)
        ) as process,
    ):
        wait_for_page(process, port, "/")
        yield process.pid, port


def run(database: str, *, rounds: int, seconds: float) -> dict[str, list[Window]]:
    """Measure on one database: each round does everything once, so that a slow minute hits all."""
    found: dict[str, list[Window]] = {}
    with hub_on(database) as hub, ExitStack() as stack:
        hub.run("bench.desk")
        serve = stack.enter_context(hub.serving())
        announcing, announcing_port = stack.enter_context(
            beside(hub, "bench.announcing:application")
        )
        bare, bare_port = stack.enter_context(beside(hub, "bench.bare:application"))

        def worker() -> list[int]:
            return [pid for pid in cpu.tree(serve.pid) if " worker" in cpu.command(pid)]

        def web() -> list[int]:
            served = {*cpu.tree(serve.pid), *cpu.tree(announcing), *cpu.tree(bare)}
            return sorted(served - set(worker()))

        groups = {"web": web, "worker": worker}
        if hub.server_pid:
            groups["database"] = lambda: cpu.tree(hub.server_pid)
        scenarios = [
            Scenario("bare page", read_bare, bare_port),
            Scenario("report", submit, hub.port),
            Scenario("report, announced", submit, announcing_port),
            Scenario("report with 1 MB", submit, hub.port, os.urandom(MEGABYTE)),
        ]
        for _ in range(rounds):
            for one in scenarios:
                window = measure(
                    one.act, one.port, attachment=one.attachment, seconds=seconds, groups=groups
                )
                found.setdefault(one.name, []).append(window)
    return found


def summary(windows: list[Window]) -> dict[str, float]:
    """Return the median round with its spread, and what one act cost."""
    rates = sorted(window.per_second for window in windows)
    took = sorted(one for window in windows for one in window.milliseconds)
    costs = {
        f"{name}_cpu_ms": statistics.median(window.processor[name] for window in windows)
        for name in windows[0].processor
    }
    return {
        "per_s": statistics.median(rates),
        "lowest_per_s": rates[0],
        "highest_per_s": rates[-1],
        "median_ms": statistics.median(took),
        "p95_ms": took[int(0.95 * (len(took) - 1))],
        "count": len(took),
        **costs,
    }


COLUMNS = (
    ("per_s", "per s"), ("lowest_per_s", "lowest"), ("highest_per_s", "highest"),
    ("median_ms", "median ms"), ("p95_ms", "95 % ms"), ("count", "count"),
    ("web_cpu_ms", "web cpu"), ("worker_cpu_ms", "worker"), ("database_cpu_ms", "database"),
    ("clients_cpu_ms", "clients"), ("others_cpu_ms", "others"),
)  # fmt: skip


def main() -> int:
    """Measure, print a table, and with --json the figures as the last line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6, help="of each measured stretch")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    load = cpu.load()
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for database in options.database or DATABASES:
        windows = run(database, rounds=options.rounds, seconds=options.seconds)
        figures[database] = {name: summary(found) for name, found in windows.items()}
    print(f"{os.cpu_count()} cores, {CLIENTS} clients, load before {load:.2f}")
    print(f"{options.rounds} rounds of {options.seconds:g} s; the last five columns are processor")
    print("milliseconds for one act, those of the clients and of other programs among them\n")
    print(f"{'':30}" + "".join(f"{title:>11}" for _name, title in COLUMNS))
    for database, scenarios in figures.items():
        for name, values in scenarios.items():
            cells = "".join(f"{values.get(key, 0):11.1f}" for key, _title in COLUMNS)
            print(f"{database + ', ' + name:30}{cells}")
    if options.json:
        print(json.dumps(_told(figures, load)))
    return 0


def _told(figures: dict[str, dict[str, dict[str, float]]], load: float) -> dict[str, object]:
    """Return the figures under the names that stay: first what is asked for, then everything."""
    first = next(iter(reversed(figures.values())))
    return {
        "submissions_per_s": round(first["report, announced"]["per_s"], 1),
        "median_ms": round(first["report, announced"]["median_ms"], 1),
        "bare_page_per_s": round(first["bare page"]["per_s"], 1),
        "load_before": load,
        "runs": {
            database: {
                name: {key: round(value, 2) for key, value in values.items()}
                for name, values in scenarios.items()
            }
            for database, scenarios in figures.items()
        },
    }


if __name__ == "__main__":
    sys.exit(main())
