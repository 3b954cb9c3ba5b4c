"""`tcert route`."""

import argparse
import gc
import hashlib
import os
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from pathlib import Path

from django.db import connections

from tcert.foundation.kernel import schema
from tcert.response.bulk.claimsfile import read_claims
from tcert.response.bulk.inputs import (
    STANDARD_INPUT,
    Block,
    Format,
    InputRefused,
    named,
    refuse_pipe,
)
from tcert.response.bulk.outputs import USUAL, Folder, FolderRefused, Written
from tcert.response.bulk.parquet import lacks_its_library
from tcert.response.bulk.running import identified, run
from tcert.response.bulk.submitting import Stated, SubmitRefused, messages, read_token, send
from tcert.response.routing import table
from tcert.response.snapshot.compiling import compiled
from tcert.response.snapshot.entries import Entry
from tcert.response.snapshot.snapshot import Snapshot

DONE, PROBLEM, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
_SHOWN_REFUSALS = 10
_REFUSED_CLAIMS = "claims refused"


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `route`."""
    route = commands.add_parser(
        "route",
        help="divide files of observations among those whose identifiers they name",
        description="Read files of observations and write one masked bundle per party. "
        "Started again with the same words, it goes on where it was stopped. "
        "Exit codes: 0 done, 1 done but lines or files were refused, 2 wrong use.",
    )
    route.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="JSON lines, CSV, Parquet, pcap or pcapng; - is standard input",
    )
    route.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    route.add_argument(
        "--claims",
        type=Path,
        metavar="FILE",
        help="who holds what: CSV or JSON lines, needs no database; without it, what this hub "
        "knows by its claims and public lists",
    )
    route.add_argument("--format", choices=[*Format], help="of the files; guessed if not given")
    route.add_argument(
        "--country",
        type=_country,
        metavar="CC",
        help="of the national SS7 network in which captures were taken, as in FI; without it "
        "their national point codes are left out",
    )
    route.add_argument(
        "--jobs", type=_jobs, default=1, metavar="N", help="cores to use; 0 is all (1)"
    )
    route.add_argument(
        "--formats",
        type=_formats,
        default=",".join(USUAL),
        metavar="LIST",
        help="what each bundle is written as besides JSON lines: csv, misp, stix (csv,misp)",
    )
    submit = route.add_argument_group(
        "reporting to a hub", "sums of days and identifiers, one incident for each stated kind"
    )
    submit.add_argument("--submit", metavar="URL", help="the hub, as https://hub.example")
    submit.add_argument(
        "--key-file", type=Path, metavar="FILE", help="a feed key for incidents: NUMBER.SECRET"
    )
    submit.add_argument(
        "--kind",
        type=_stated,
        action="append",
        default=[],
        metavar="[TYPE=]KIND",
        help="of what kind it is, as incident-kind:location-tracking; with TYPE= only records of "
        "that classification.type. May be given several times",
    )
    submit.add_argument(
        "--severity", choices=["low", "medium", "high", "critical"], default="medium"
    )
    submit.add_argument(
        "--tlp", choices=["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"], default="AMBER"
    )
    submit.add_argument("--yes", action="store_true", help="send without asking")
    route.set_defaults(run=_route, any_schema=True)


def _jobs(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError
    return number or os.cpu_count() or 1


def _stated(text: str) -> Stated:
    try:
        return Stated.read(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            "VOCABULARY:CODE, as in incident-kind:location-tracking, or TYPE=VOCABULARY:CODE"
        ) from None


def _formats(text: str) -> list[str]:
    found = {word.strip().lower() for word in text.split(",") if word.strip()}
    if not found <= set(Written):
        raise argparse.ArgumentTypeError(f"of these, with commas between: {', '.join(Written)}")
    return sorted(found)


def _country(text: str) -> str:
    if re.fullmatch("[A-Za-z]{2}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError("two letters of ISO 3166, as in FI")
    return text.upper()


def _route(options: argparse.Namespace) -> int:
    started = datetime.now(UTC)
    if bool(options.submit) != bool(options.key_file and options.kind):
        return _wrong("--submit needs --key-file and at least one --kind, and they need it.")
    try:
        token = read_token(options.key_file) if options.submit else ""
        folder = _folder(options, started)
        if options.submit:
            folder.begin_days()
        if folder.is_done:
            print(f"{named(str(options.out))}: this run is complete already.", file=sys.stderr)
            return _submitted(options, folder, token)
        if options.claims is None:
            snapshot = table.entire()
            # processes that are started by copying this one must not share its connection
            connections.close_all()
        else:
            snapshot, folder.counts[_REFUSED_CLAIMS] = _snapshot(options.claims, started)
        return _run(options, folder, snapshot) or _submitted(options, folder, token)
    except OSError as error:
        return _wrong(f"{error.strerror}: {error.filename}")
    except (FolderRefused, SubmitRefused) as error:
        return _wrong(str(error))
    except InputRefused as error:
        return _wrong(f"{options.claims}: {error}")


def _run(options: argparse.Namespace, folder: Folder, snapshot: Snapshot) -> int:
    """Run from where the folder stands; say what is wrong, and how it ended."""
    # what stands for good is never looked through for garbage, and stays shared between processes
    gc.collect()
    gc.freeze()
    progress = _Progress()
    wanted = Format(options.format) if options.format else None
    try:
        problems = run(
            folder,
            options.files,
            snapshot,
            wanted=wanted,
            country=options.country or "",
            jobs=options.jobs,
            progress=progress,
        )
    except OSError as error:
        return _wrong(f"{options.out}: {error.strerror}. The same command goes on from here.")
    except BrokenProcessPool:
        return _wrong("a process was ended, perhaps for want of memory. Try fewer --jobs.")
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return INTERRUPTED
    progress.end()
    for problem in problems:
        print(f"tcert: {problem}", file=sys.stderr)
    counts = folder.counts
    if counts["packets"]:
        print(f"{counts['packets']} packets, {counts['packets: scanned']} of them name somebody")
    routed, left = _many(counts["records"], "record"), _many(counts["refused"], "line")
    print(f"{routed} routed, {left} refused: {named(str(options.out))}")
    return DONE


def _submitted(options: argparse.Namespace, folder: Folder, token: str) -> int:
    """Report what was found, where that is asked for, and return how all of it ends."""
    if not options.submit:
        return _ending(folder)
    found = list(messages(folder, options.kind, severity=options.severity, tlp=options.tlp))
    waiting = []
    for one in found:
        what = f"{options.submit.rstrip('/')} {one.kind}"
        if number := folder.submitted.get(what):
            print(f"{one.kind}: reported already as {number}.")
        else:
            place = folder.keep(f"submit-{re.sub('[^A-Za-z0-9]+', '-', one.kind)}.json", one.body)
            print(f"To {named(options.submit)}: {one.said}. All of it: {named(str(place))}")
            waiting.append((what, one))
    if not found:
        print("Nothing to report: no record of a stated kind has a time that is past.")
    if not waiting:
        return _ending(folder)
    if not options.yes and not _is_confirmed():
        return _wrong("nothing was sent. Look at the files, then give the same command with --yes.")
    for what, one in waiting:
        try:
            number = send(options.submit, token, one)
        except SubmitRefused as error:
            print(f"tcert: {one.kind}: {named(str(error))}", file=sys.stderr)
            return PROBLEM
        folder.note_submitted(what, number)
        print(f"{one.kind}: {number}")
    return _ending(folder)


def _is_confirmed() -> bool:
    try:
        return sys.stdin.isatty() and input("Send this? Type yes: ").strip().lower() == "yes"
    except EOFError:
        return False


def _ending(folder: Folder) -> int:
    """Return how a run ends that is complete, the same each time it is asked for."""
    counts = folder.counts
    return PROBLEM if folder.problems or counts["refused"] or counts[_REFUSED_CLAIMS] else DONE


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _folder(options: argparse.Namespace, started: datetime) -> Folder:
    """Begin the run or find where it stands; raises FolderRefused, OSError.

    A run goes on with the table with which it began, or not at all.
    """
    if options.claims is None:
        schema.refuse_newer()
    if options.files.count(STANDARD_INPUT) > 1:
        raise FolderRefused("standard input can be read once only")
    for name in options.files:
        if said := lacks_its_library(Path(name)):
            raise FolderRefused(said)
    told = {
        "files": identified(options.files),
        "claims": _digest(options.claims) if options.claims else table.stamp(),
        "format": options.format,
        "country": options.country,
        "formats": options.formats,
        "now": started.isoformat(),
    }
    folder = Folder(options.out, told)
    if STANDARD_INPUT in options.files and not folder.is_new and not folder.is_done:
        raise FolderRefused("standard input cannot be read again: begin in a new folder")
    return folder


def _wrong(said: str) -> int:
    print(f"tcert: {named(said)}", file=sys.stderr)
    return WRONG_USE


def _digest(path: Path) -> str:
    refuse_pipe(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _snapshot(path: Path, now: datetime) -> tuple[Snapshot, int]:
    """Compile the claims of a file; tell of those that are refused, the first few in words."""
    refused = 0

    def accepted() -> Iterator[Entry]:
        nonlocal refused
        for found in read_claims(path, now.date()):
            if isinstance(found, tuple):
                refused += 1
                if refused <= _SHOWN_REFUSALS:
                    print(
                        f"tcert: {named(f'{path}, line {found[0]}: {found[1]}')}", file=sys.stderr
                    )
            else:
                yield found

    snapshot = compiled(accepted())
    if refused > _SHOWN_REFUSALS:
        print(f"tcert: {path}: {refused} claims refused in all", file=sys.stderr)
    if not snapshot.entries:
        raise InputRefused("no claim in it can be taken. Is it UTF-8, with names of columns?")
    return snapshot, refused


class _Progress:
    """Tells on a terminal how far a run is, once a second at most."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()
        self.lines = 0
        self.began = self.told = time.monotonic()

    def __call__(self, name: str, block: Block) -> None:
        self.lines += len(block.lines)
        now = time.monotonic()
        if self.shown and now - self.told >= 1:
            self.told = now
            speed = self.lines / (now - self.began)
            said = f"{named(Path(name).name)}: {block.offset / 1e6:,.0f} MB, {self.lines:,} lines"
            print(f"\r{said}, {speed:,.0f} a second ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """End the line that was written over."""
        if self.shown and self.told != self.began:
            print(file=sys.stderr)
