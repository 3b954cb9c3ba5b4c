"""One run: files in, a folder of bundles out; on one core or on several, in the same order."""

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from tcert.response.bulk.batch import route_batch
from tcert.response.bulk.captured import CaptureLines
from tcert.response.bulk.inputs import (
    STANDARD_INPUT,
    Block,
    Format,
    InputRefused,
    blocks,
    named,
    opened,
    reading,
    records,
)
from tcert.response.bulk.memory import Memory
from tcert.response.bulk.outputs import BUFFER, Folder
from tcert.response.bulk.parquet import ParquetLines
from tcert.response.snapshot.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Packed:
    """What became of a block: lines joined per bundle, refused lines, numbers."""

    lines: list[tuple[str, bytes]]
    refused: list[tuple[int, str]]
    counts: dict[str, int]
    days: list[tuple[str, str, int, str, str]]


class Worker:
    """Routes blocks with what it remembers from earlier ones."""

    def __init__(self, snapshot: Snapshot, now: datetime, *, counts_days: bool) -> None:
        self.memory = Memory(snapshot)
        self.now = now
        self.counts_days = counts_days

    def route(self, block: Block) -> Packed:
        """Route the lines of a block."""
        routed = route_batch(
            self.memory.snapshot,
            records(block),
            now=self.now,
            first_line=block.first_line,
            memory=self.memory,
            counts_days=self.counts_days,
        )
        counts = {f"left out: {name}": n for name, n in routed.left_out.items()}
        counts |= {"records": routed.records, "refused": len(routed.refused)}
        lines = [(bundle, b"".join(pieces)) for bundle, pieces in routed.lines.items()]
        return Packed(lines, routed.refused, counts, list(routed.days.rows()))


_worker: Worker | None = None
"""In each process of a run on several cores: set before it is started, so that all share memory."""


def _route(block: Block) -> Packed:
    if _worker is None:
        raise RuntimeError("this process was started without a snapshot")
    return _worker.route(block)


def run(
    folder: Folder,
    names: list[str],
    snapshot: Snapshot,
    *,
    wanted: Format | None,
    country: str = "",
    jobs: int,
    progress: Callable[[str, Block], None],
) -> list[str]:
    """Route files into a folder from where it stands; return what is wrong with whole files.

    `country` is that of the national SS7 network in which captures were taken. Raises OSError where
    the folder cannot be written; it then goes on from the last checkpoint.
    """
    global _worker  # noqa: PLW0603 - inherited by the processes that are started next
    now = datetime.fromisoformat(folder.now)
    worker = _worker = Worker(snapshot, now, counts_days=folder.counts_days)
    position = folder.state["position"] or {"file": 0, "lines": 0, "offset": 0}
    pool = _pool(jobs) if jobs > 1 else None
    try:
        for number in range(position["file"], len(names)):
            name = names[number]
            skip = position if number == position["file"] else None
            try:
                with opened(name, country, wanted) as stream:
                    try:
                        found = _routed(_blocks(stream, wanted, skip), worker, pool, jobs)
                        for block, packed in found:
                            _keep(folder, name, packed)
                            progress(name, block)
                            if folder.waiting >= BUFFER:
                                lines = block.first_line + len(block.lines) - 1
                                place = {"file": number, "lines": lines, "offset": block.offset}
                                folder.checkpoint(place)
                    finally:
                        # of one that breaks off too; it is written down with its end only
                        if isinstance(stream, CaptureLines):
                            folder.counts.update(stream.counted())
            except InputRefused as error:
                folder.problems.append(f"{named(name)}: {error}")
            folder.checkpoint({"file": number + 1, "lines": 0, "offset": 0})
    finally:
        _worker = None
        if pool is not None:
            pool.shutdown(cancel_futures=True)
    folder.finish()
    return folder.problems


def _pool(jobs: int) -> ProcessPoolExecutor:
    # started by copying this process: the snapshot is there without being sent
    return ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("fork"),
        initializer=_end_with_parent,
    )


def _end_with_parent() -> None:
    """Let this process end when its parent was killed: it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None  # noqa: S101 - it is the first thing that a worker of the pool does

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _blocks(
    stream: IO[bytes], wanted: Format | None, skip: dict[str, int] | None
) -> Iterator[Block]:
    done = skip or {"lines": 0, "offset": 0}
    if isinstance(stream, CaptureLines | ParquetLines):
        wanted = Format.JSONL
    with reading():
        yield from blocks(stream, wanted, skip=done["offset"], lines_before=done["lines"])


def _routed(
    found: Iterator[Block], worker: Worker, pool: ProcessPoolExecutor | None, jobs: int
) -> Iterator[tuple[Block, Packed]]:
    """Yield blocks with what became of them, in order; a few are on their way at a time.

    Where the input breaks off, what was read before still counts; then raises InputRefused.
    """
    if pool is None:
        for block in found:
            yield block, worker.route(block)
        return
    under_way: deque[tuple[Block, Future[Packed]]] = deque()
    refused: InputRefused | None = None
    try:
        for block in found:
            under_way.append((block, pool.submit(_route, block)))
            if len(under_way) >= 2 * jobs:
                first, future = under_way.popleft()
                yield first, future.result()
    except InputRefused as error:
        refused = error
    while under_way:
        first, future = under_way.popleft()
        yield first, future.result()
    if refused is not None:
        raise refused


def _keep(folder: Folder, name: str, packed: Packed) -> None:
    for bundle, data in packed.lines:
        folder.add(bundle, data)
    for line, reason in packed.refused:
        folder.refuse(named(Path(name).name), line, reason)
    folder.counts.update(packed.counts)
    folder.count_days(packed.days)


def identified(names: list[str]) -> list[list[str | int]]:
    """Return what tells the input files of a run from others; raises OSError."""
    found: list[list[str | int]] = []
    for name in names:
        if name == STANDARD_INPUT:
            found.append([name])
        else:
            path = Path(name)
            told = path.stat()
            # a pipe has no path that lasts; it is refused when it is its turn
            path = path.resolve() if path.is_file() else path.absolute()
            found.append([str(path), told.st_size, told.st_mtime_ns])
    return found
