"""Long lists put away in compressed portions, to be shown and worked off one at a time. Pure."""

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

Kind = TypeVar("Kind")
PER_PORTION = 250


def portioned(
    judged: Iterable[tuple[Kind, list[Any]]],
) -> Iterator[tuple[Kind, int, list[list[Any]]]]:
    """Gather rows of one kind into portions, numbered from 1 for each kind."""
    waiting: dict[Kind, list[list[Any]]] = {}
    numbers: dict[Kind, int] = {}
    for kind, row in judged:
        some = waiting.setdefault(kind, [])
        some.append(row)
        if len(some) == PER_PORTION:
            numbers[kind] = numbers.get(kind, 0) + 1
            yield kind, numbers[kind], waiting.pop(kind)
    for kind, some in waiting.items():
        yield kind, numbers.get(kind, 0) + 1, some


def closed(data: bytes) -> bytes:
    """Return what is kept of a file."""
    return zlib.compress(data, 3)


def opened(content: bytes) -> bytes:
    """Return the file again."""
    return zlib.decompress(content)


def written(rows: list[list[Any]]) -> bytes:
    """Return what is kept of a portion; rows hold what JSON can."""
    return closed(json.dumps(rows, separators=(",", ":")).encode())


def read(content: bytes) -> list[list[Any]]:
    """Return the rows of a portion again."""
    rows: list[list[Any]] = json.loads(opened(content))
    return rows
