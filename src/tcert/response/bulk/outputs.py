"""The folder of a run: bundles, what found no one, what was refused, and how far the run is.

Lines are appended at checkpoints, each file opened for as long as it takes to append, so that
thousands of parties need no more open files than one. A checkpoint then writes down how long every
file is; a run that was killed cuts each back to that length and goes on, so that the end is the
same octet for octet. The state is replaced as a whole; after a power failure, unlike a kill, what
the system had not yet put on the disk may be missing, and the run begins anew.
"""

import fcntl
import hashlib
import json
import os
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import orjson

from tcert.response.bulk import bundled
from tcert.response.bulk.days import has_room
from tcert.response.bulk.finishing import Table, summed
from tcert.response.bulk.memory import DECIDED, NOBODY, Bundle

STATE, LOCK = ".tcert-route.json", ".tcert-route.lock"
EVENTS, TABLE, SUMMARY = "events.jsonl", "events.csv", "summary.json"
REFUSED = "refused.jsonl"
MISP, STIX = "misp.json", "stix.json"


class Written(StrEnum):
    """What a bundle is written as, besides its lines and its summary."""

    CSV = "csv"
    MISP = "misp"
    STIX = "stix"


USUAL = (Written.CSV, Written.MISP)
_MADE: Mapping[Written, tuple[str, Callable[..., Mapping[str, Any]]]] = MappingProxyType(
    {Written.MISP: (MISP, bundled.as_misp), Written.STIX: (STIX, bundled.as_stix)}
)
BUFFER = 32 * 1024 * 1024
"""Octets of lines that wait for the next checkpoint."""
MOST_TOLD = 100_000
"""Refused lines that are written down for one file; a bomb of bad lines would fill the disk."""
_STATE = {"run", "position", "sizes", "counts", "parties", "problems", "told"}


class FolderRefused(Exception):
    """The folder belongs to something else; the message says what to do."""


class Folder:
    """The output of one run. `told` is what identifies the run: its inputs and options."""

    def __init__(self, path: Path, told: dict[str, Any]) -> None:
        """Begin a run or go on with it; raises FolderRefused, OSError."""
        self.path = path
        self.buffers: dict[str, list[bytes]] = defaultdict(list)
        self.waiting = 0
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._read_state() is None and self._holds_more():
            raise FolderRefused(
                f"{path} is not empty and holds no run. Name a new folder with --out."
            )
        self._lock = _locked(path / LOCK)
        state = self._read_state()
        if state is None:
            state = {"run": told, "position": None, "problems": [], "told": {}}
            state |= {"sizes": {}, "counts": {}, "parties": {}}
            if path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                path.chmod(0o700)  # else others could lay links for what is written
            self.is_new = True
        else:
            self.is_new = False
            if {k: v for k, v in state["run"].items() if k != "now"} != {
                k: v for k, v in told.items() if k != "now"
            }:
                if state["position"] is not None:
                    raise FolderRefused(
                        f"{path} holds a run over other files or claims. "
                        "Name a new folder with --out."
                    )
                state["run"] = told  # nothing was written yet: its claims were refused, perhaps
        self.state: dict[str, Any] = state
        self.counts = Counter(state["counts"])
        if self.is_new:
            self._write_state()
        elif not self.is_done:
            self._cut_back()

    @property
    def is_done(self) -> bool:
        """Is the run complete?"""
        return bool(self.state.get("done"))

    @property
    def problems(self) -> list[str]:
        """Return what is wrong with whole files, as far as the run is; to be added to."""
        return self.state["problems"]

    @property
    def now(self) -> str:
        """Return when the run began, the time of records that have none."""
        return self.state["run"]["now"]

    @property
    def formats(self) -> frozenset[str]:
        """Return what bundles are written as."""
        return frozenset(self.state["run"].get("formats", USUAL))

    def begin_days(self) -> None:
        """Count days too; raises FolderRefused where the run has gone on without."""
        if "days" in self.state:
            return
        if self.state["position"] is not None:
            raise FolderRefused(
                f"{self.path} holds a run that counted no days, which --submit needs. "
                "Name a new folder with --out."
            )
        self.state["days"] = {}

    @property
    def counts_days(self) -> bool:
        """Are days counted?"""
        return "days" in self.state

    def count_days(self, rows: Iterable[tuple[str, str, int, str, str]]) -> None:
        """Add counts of days and types to those of the run so far."""
        kept = self.state.get("days", {})
        for day, of, count, first, last in rows:
            pair = f"{day} {of}"
            known = kept.get(pair)
            if known is not None:
                known[:] = known[0] + count, min(known[1], first), max(known[2], last)
            elif has_room(kept, pair):
                kept[pair] = [count, first, last]

    def days(self) -> Iterator[tuple[str, str, int, str, str]]:
        """Yield day, type, count, first and last, as far as the run is."""
        for key, (count, first, last) in self.state.get("days", {}).items():
            day, _space, of = key.partition(" ")
            yield day, of, count, first, last

    @property
    def submitted(self) -> dict[str, str]:
        """Return the numbers of the incidents that a hub made of this run, by hub and kind."""
        return dict(self.state.get("submitted", {}))

    def note_submitted(self, what: str, number: str) -> None:
        """Write down at once that a hub has taken an incident."""
        self.state.setdefault("submitted", {})[what] = number
        self._write_state()

    def keep(self, name: str, data: bytes) -> Path:
        """Write a file beside the bundles, for its user alone; return where."""
        _write(self.path / name, data)
        return self.path / name

    def add(self, bundle: Bundle, data: bytes) -> None:
        """Keep lines for the next checkpoint."""
        self.buffers[self._file_of(bundle)].append(data)
        self.waiting += len(data)

    def refuse(self, file: str, line: int, reason: str) -> None:
        """Write down a line that was refused: where it stands and why, never what it says.

        Of one file so many and no more; the others are counted in the summary.
        """
        count = self.state["told"][file] = self.state["told"].get(file, 0) + 1
        if count > MOST_TOLD:
            return
        if count == MOST_TOLD:
            reason += "; what is refused in this file behind it is counted only"
        told = orjson.dumps({"file": file, "line": line, "reason": reason}) + b"\n"
        self.buffers[REFUSED].append(told)
        self.waiting += len(told)

    def checkpoint(self, position: dict[str, int]) -> None:
        """Append what waits and write down how far the run is."""
        sizes = self.state["sizes"]
        for name in sorted(self.buffers):
            with _appending(self.path / name) as file:
                file.write(b"".join(self.buffers[name]))
                sizes[name] = file.tell()
        self.buffers.clear()
        self.waiting = 0
        self.state["position"] = position
        self._write_state()

    def finish(self) -> None:
        """Make table and summary of each bundle, then the summary of the run."""
        for name in sorted(self.state["sizes"]):
            if name.endswith(EVENTS):
                self._finish_bundle(self.path / name)
        counts = dict(sorted(self.counts.items()))
        refused = {k.removeprefix("left out: "): v for k, v in counts.items() if "left out" in k}
        whole = {
            "records": counts.get("records", 0),
            "refused": counts.get("refused", 0),
            "fields left out": refused,
            "captures": {k: v for k, v in counts.items() if k.startswith("packets")},
            "parties": {kind: self._parties(kind) for kind in ("decided", "waiting")},
        }
        _write(self.path / SUMMARY, _told(whole))
        self.state["done"] = True
        self._write_state()

    def _parties(self, kind: str) -> int:
        return sum(1 for name in self.state["parties"] if name.startswith(f"{kind}/"))

    def _finish_bundle(self, events: Path) -> None:
        gathered = bundled.Gathered() if self.formats & _MADE.keys() else None
        with ExitStack() as stack:
            table = None
            if Written.CSV in self.formats:
                sheet = stack.enter_context(_created(events.with_name(TABLE)))
                with events.open("rb") as lines:
                    table = Table(lines, sheet)
            told = summed(stack.enter_context(events.open("rb")), table, gathered)
        party = told["party"]
        if gathered is not None:
            told["observations"] = len(gathered.seen)
            told["left out of misp.json and stix.json"] = gathered.left_out
            self._write_others(events, gathered, party)
        _write(events.with_name(SUMMARY), _told(told))

    def _write_others(self, events: Path, gathered: bundled.Gathered, party: str) -> None:
        now = datetime.fromisoformat(self.now)
        is_decided = events.parent.parent.name == DECIDED
        for which, (name, made) in _MADE.items():
            if which in self.formats:
                found = made(gathered, party=party, is_decided=is_decided, now=now)
                _write(events.with_name(name), _told(dict(found)))

    def _file_of(self, bundle: Bundle) -> str:
        if bundle == NOBODY:
            return f"{NOBODY}.jsonl"
        known = self.state["parties"].get(bundle)
        if known is None:
            kind, _slash, party = bundle.partition("/")
            known = self.state["parties"][bundle] = f"{kind}/{folder_name(party)}"
        return f"{known}/{EVENTS}"

    def _read_state(self) -> dict[str, Any] | None:
        try:
            found = json.loads((self.path / STATE).read_text())
        except FileNotFoundError:
            return None
        except ValueError:
            found = None
        if not isinstance(found, dict) or not found.keys() >= _STATE:
            raise FolderRefused(f"{self.path / STATE} is damaged. Name a new folder.")
        return found

    def _holds_more(self) -> bool:
        """Tell whether anything lies there that is not left of a run killed as it began."""
        return any(one.name not in {LOCK, f"{STATE}.new"} for one in self.path.iterdir())

    def _write_state(self) -> None:
        self.state["counts"] = dict(self.counts)
        beside = self.path / f"{STATE}.new"
        _write(beside, json.dumps(self.state).encode())
        beside.replace(self.path / STATE)

    def _cut_back(self) -> None:
        """Bring every file back to the last checkpoint; what came after it is written again."""
        sizes = self.state["sizes"]
        for name, size in sizes.items():
            path = self.path / name
            if not path.is_file() or path.stat().st_size < size:
                raise FolderRefused(
                    f"{path} is not as this run left it: part of it is lost. Name a new folder."
                )
        for path in sorted(self._files()):
            name = path.relative_to(self.path).as_posix()
            if name in sizes:
                with path.open("r+b") as file:
                    file.truncate(sizes[name])
            else:
                path.unlink()

    def _files(self) -> Iterator[Path]:
        for found in ("*.jsonl", f"*/*/{EVENTS}", *(f"*/*/{n}" for n in _OTHERS), SUMMARY):
            yield from self.path.glob(found)


_OTHERS = (TABLE, SUMMARY, MISP, STIX)


def folder_name(party: str) -> str:
    """Return a name for a party's folder: readable, of safe characters, no two alike."""
    readable = re.sub("[^a-z0-9]+", "-", party.lower()).strip("-")[:40]
    return f"{readable or 'party'}-{hashlib.sha256(party.encode()).hexdigest()[:12]}"


def _locked(path: Path) -> IO[bytes]:
    """Return a file by which this process alone has the folder, until it ends.

    The processes that it starts do not inherit the lock, so none that outlives it holds it.
    """
    file = os.fdopen(_private(str(path), os.O_WRONLY | os.O_CREAT), "wb")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise FolderRefused(
            f"another run is writing to {path.parent}: wait for its end, or stop it first."
        ) from None
    return file


def _appending(path: Path) -> IO[bytes]:
    try:
        return open(path, "ab", opener=_private)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open(path, "ab", opener=_private)


def _created(path: Path) -> IO[bytes]:
    return open(path, "wb", opener=_private)


def _write(path: Path, data: bytes) -> None:
    with _created(path) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _told(found: dict[str, Any]) -> bytes:
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
