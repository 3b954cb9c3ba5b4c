"""A hub at small load for a long while: does memory grow, or the table of jobs, or anything else?

Reporters send reports and write in their mailboxes, a coordinator reads the pages, the worker does
what follows: all in real time, against the server and the worker as `tcert serve` runs them. What
each process and each table holds is looked at once a minute. At the end the scheduled jobs run as
three days later, and the tables that keep things for a day or two must be empty again.
"""

import argparse
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import cpu
from bench.client import Visitor, hidden
from bench.hub import DATABASES, Hub, hub_on
from bench.report_submission import submit

KEPT = (
    "kernel_job", "kernel_event", "kernel_delivery", "kernel_mail", "kernel_spending",
    "kernel_workerbeat", "accounts_browsersession", "intake_spenttoken", "intake_keptfile",
    "sealed_bufferedpost",
)  # fmt: skip
"""Tables that hold nothing for good: what comes in goes out again."""

WORK = (
    "/my-day/", "/cases/triage/", "/cases/", "/records/", "/directory/", "/health/",
    "/search/?q=am",
)  # fmt: skip
MEGABYTE = 1024 * 1024
NOISE = 3
"""Growth counts when it is more than so many times the scatter around it."""
SMALLEST_GROWTH = 4.0
"""Megabytes in the later half that a process may take before it is called growth; a short run,
in which each process still meets things for the first time, is given more."""


@dataclass
class Looks:
    """What was seen, by name, one figure a look."""

    seconds: list[float] = field(default_factory=list)
    figures: dict[str, list[float]] = field(default_factory=dict)

    def add(self, at: float, figures: dict[str, float]) -> None:
        """Keep one look."""
        self.seconds.append(at)
        for name, value in figures.items():
            past = self.figures.setdefault(name, [0.0] * (len(self.seconds) - 1))
            past.append(value)
        for past in self.figures.values():
            past.extend([0.0] * (len(self.seconds) - len(past)))

    def growth(self, name: str) -> tuple[float, float]:
        """Return by how much a straight line through the later half rises, and the scatter."""
        half = len(self.seconds) // 2
        times, values = self.seconds[half:], self.figures[name][half:]
        if len(times) < 3:  # noqa: PLR2004 - two points lie on any line
            return 0.0, 0.0
        line = statistics.linear_regression(times, values)
        rests = [v - line.intercept - line.slope * t for t, v in zip(times, values, strict=True)]
        return line.slope * (times[-1] - times[0]), statistics.pstdev(rests)


class Load:
    """People at work, at a pace; each act is tried again in its next turn if it fails."""

    def __init__(self, hub: Hub, cookies: dict[str, str], pace: float) -> None:
        self.hub, self.pace = hub, pace
        self.member = Visitor(hub.port)
        self.member.cookies = cookies
        self.done: dict[str, int] = {}
        self.failed: list[str] = []
        self.receipts: list[str] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        """Act until told to stop: pages at every turn, a reply at every 5th, a report each 10th."""
        turn = 0
        while not self.stopping.wait(self.pace):
            self._act("page", lambda turn=turn: self.member.get(WORK[turn % len(WORK)]))
            if turn % 10 == 0:
                self._act("report", self._report)
            elif turn % 5 == 0:
                self._act("mailbox", self._reply)
            turn += 1

    def _act(self, name: str, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever fails is told, and the load goes on
            self.failed.append(f"{name}: {error!r}"[:300])
            self.member.connection.close()  # it opens again by itself
        else:
            self.done[name] = self.done.get(name, 0) + 1

    def _report(self) -> None:
        self.receipts.append(submit(Visitor(self.hub.port), b""))

    def _reply(self) -> None:
        visitor = Visitor(self.hub.port)
        receipt = self.receipts[len(self.receipts) * 7 % 11 % len(self.receipts)]
        form = dict(hidden(visitor.get("/receipt/")))
        opened = dict(hidden(visitor.post("/receipt/", [*form.items(), ("receipt", receipt)])))
        text = f"One more thing, at {time.time()}."
        visitor.post("/receipt/", [*opened.items(), ("step", "reply"), ("text", text)])


def processes(pid: int) -> dict[str, int]:
    """Return the hub's processes by a name that stays the same."""
    found: dict[str, int] = {}
    for one in cpu.tree(pid):
        words = cpu.command(one)
        kind = "worker" if " worker" in words else "web" if "granian" in words else "serve"
        if " worker --child" in words:
            kind = "worker child"
        if words and "opening_child" not in words:
            count = sum(name.startswith(f"{kind} ") for name in found)
            found[f"{kind} {count + 1}"] = one
    return found


@contextmanager
def database(hub: Hub) -> Iterator[Callable[[str], Any]]:
    """Ask the hub's database past the hub, for counts alone."""
    connection: Any
    if hub.database == "sqlite":
        import sqlite3

        path = hub.environment["TCERT_DATABASE"].removeprefix("sqlite:///")
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)
    else:
        import psycopg

        connection = psycopg.connect(hub.environment["TCERT_DATABASE"], autocommit=True)
    with closing(connection):
        yield lambda sql: connection.execute(sql).fetchone()[0]


def look(hub: Hub, pid: int) -> dict[str, float]:
    """Return what every process and every passing table holds now."""
    figures: dict[str, float] = {}
    for name, one in processes(pid).items():
        figures[f"MB, {name}"] = cpu.memory(one) / MEGABYTE
        figures[f"open files, {name}"] = cpu.open_files(one)
    with database(hub) as ask:
        for table in KEPT:
            figures[f"rows, {table}"] = ask(f"SELECT COUNT(*) FROM {table}")  # noqa: S608 - ours
        waiting = "SELECT COUNT(*) FROM kernel_job WHERE state = "
        for state in ("waiting", "dead"):
            figures[f"jobs {state}"] = ask(f"{waiting}'{state}'")
    if hub.database == "sqlite":
        journal = Path(hub.environment["TCERT_DATABASE"].removeprefix("sqlite:///") + "-wal")
        figures["MB, journal"] = journal.stat().st_size / MEGABYTE if journal.exists() else 0
    return figures


def judge(
    looks: Looks, swept: dict[str, int], failed: list[str], smallest: float = SMALLEST_GROWTH
) -> list[str]:
    """Return what is wrong, in words."""
    wrong = [f"an act failed: {one}" for one in failed[:3]]
    for name, values in looks.figures.items():
        rise, scatter = looks.growth(name)
        if name.startswith("MB") and rise > max(NOISE * scatter, smallest):
            wrong.append(f"{name} grows: {rise:.1f} in the later half, scatter {scatter:.1f}")
        if name.startswith("open files") and rise > max(NOISE * scatter, 3):
            wrong.append(f"{name} grow: {rise:.0f} in the later half")
        if name == "jobs dead" and values[-1]:
            wrong.append(f"{values[-1]:.0f} jobs are dead")
        if name == "jobs waiting" and rise > max(NOISE * scatter, 3):
            wrong.append(f"jobs pile up: {rise:.0f} more in the later half")
    return wrong + [f"{table} keeps {rows} rows for good" for table, rows in swept.items() if rows]


def soak(name: str, *, hours: float, pace: float, every: float) -> tuple[Looks, dict[str, Any]]:
    """Run the load for so long; return what was seen and what became of it."""
    looks = Looks()
    with hub_on(name) as hub:
        hub.environment["TCERT_STAFF_SESSION_MINUTES"] = "10000"  # the coordinator stays
        hub.run("bench.desk")
        cookies = json.loads(hub.run("bench.member").splitlines()[-1])
        with hub.serving() as serve:
            load = Load(hub, cookies, pace)
            people = threading.Thread(target=load.run, daemon=True)
            people.start()
            began = time.monotonic()
            while (at := time.monotonic() - began) < 3600 * hours:
                if serve.poll() is not None:
                    said = (hub.folder / "serve.log").read_text()[-2000:]
                    raise ChildProcessError(f"the hub ended with {serve.returncode}: {said}")
                looks.add(at, look(hub, serve.pid))
                print(f"{at:6.0f} s {load.done} failed {len(load.failed)}", flush=True)
                time.sleep(max(0, every - (time.monotonic() - began - at)))
            load.stopping.set()
            people.join()
            looks.add(time.monotonic() - began, look(hub, serve.pid))
        hub.run("bench.sweep")
        with database(hub) as ask:
            swept = {t: ask(f"SELECT COUNT(*) FROM {t}") for t in KEPT}  # noqa: S608 - ours
    # The sweep itself leaves its own keyed jobs for two days more.
    swept.pop("kernel_job")
    return looks, {"acts": load.done, "failed": load.failed, "swept": swept}


def main() -> int:
    """Soak, print a table, and judge it; exit 1 when something grows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--pace", type=float, default=2.0, help="seconds between acts")
    parser.add_argument("--every", type=float, default=60.0, help="seconds between looks")
    parser.add_argument("--growth", type=float, default=SMALLEST_GROWTH, help="MB allowed")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    looks, told = soak(
        options.database, hours=options.hours, pace=options.pace, every=options.every
    )
    wrong = judge(looks, told["swept"], told["failed"], options.growth)
    print(f"\n{'':36}{'first':>9}{'middle':>9}{'last':>9}{'highest':>9}{'rise':>8}{'scatter':>9}")
    for name, values in looks.figures.items():
        rise, scatter = looks.growth(name)
        print(
            f"{name:36}{values[0]:9.1f}{values[len(values) // 2]:9.1f}{values[-1]:9.1f}"
            f"{max(values):9.1f}{rise:8.1f}{scatter:9.1f}"
        )
    print(f"\nacts: {told['acts']}; left three days later: {told['swept']}")
    print("\n".join(wrong) if wrong else "nothing grows")
    if options.json:
        last = {name: values[-1] for name, values in looks.figures.items()}
        print(json.dumps({"hours": options.hours, "wrong": wrong, "last": last, **told}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
