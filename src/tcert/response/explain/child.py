"""The limited process in which hostile octets are decoded: ``python -m`` this module.

It reads one question from standard input, a line of JSON and octets behind it, and answers one
JSON object. Our own reader of layers says which decoders are needed, and they are loaded. Then the
limits close, and only then do the decoders see the octets: from there on nothing can be opened,
neither a file nor a connection, since no number for it is left; nothing can be written but the
answer. Memory and time of the processor are counted from the beginning.
"""

import json
import logging
import os
import resource
import sys
from contextlib import suppress
from typing import Any

from tcert.response.explain.decoding import Explainer, load
from tcert.response.explain.enums import Protocol
from tcert.response.explain.layers import Damaged, carried
from tcert.response.explain.tree import Element

MOST_MEMORY = 1 << 29
"""Octets of address space; the largest decoder takes 200 MiB of it."""
MOST_SECONDS = 20
"""Of the processor, loading included."""
LARGEST_QUESTION = (1 << 18) + (1 << 10)
"""Octets: those of the largest packet that a capture may hold, and a line before them."""
_STREAMS = 3
"""Standard input, output and error: nothing else is open, and nothing else can be."""


def main() -> int:
    """Answer one question; the exit code is 0 whenever an answer was written."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CPU, MOST_SECONDS)
    _limit(resource.RLIMIT_AS, MOST_MEMORY)
    _limit(resource.RLIMIT_NOFILE, 64)
    logging.disable(logging.CRITICAL)
    answer = os.dup(1)
    silent = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):  # the library prints; what it says of a message is not for anybody
        os.dup2(silent, number)
    os.close(silent)
    head, _end, octets = _read().partition(b"\n")
    asked = json.loads(head)
    try:
        load(_needed(asked, octets))
    except ImportError:
        os.write(answer, b'{"missing": true}')
        return 0
    _limit(resource.RLIMIT_NOFILE, _STREAMS)
    _limit(resource.RLIMIT_NPROC, 0)
    explainer = Explainer(whole=bool(asked["whole"]))
    try:
        if "link" in asked:
            found = explainer.packet(int(asked["link"]), octets)
        else:
            found = explainer.message(Protocol(asked["as"]), octets)
        told: dict[str, Any] = {"element": found.told(), "problems": explainer.problems}
    except (MemoryError, RecursionError):
        told = {"element": None, "problems": ["it takes more memory than a message is given"]}
    _write(answer, json.dumps(told).encode())
    return 0


def _needed(asked: dict[str, Any], octets: bytes) -> set[Protocol]:
    """Return the protocols of a message, or of those that a packet carries."""
    if "link" not in asked:
        return {Protocol(asked["as"])}
    needed: set[Protocol] = set()
    with suppress(Damaged):
        for one in carried(int(asked["link"]), octets, Element("")):
            needed.add(one.protocol)
    return needed


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def _read() -> bytes:
    pieces, left = [], LARGEST_QUESTION
    while left and (piece := os.read(0, min(left, 1 << 16))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _write(number: int, data: bytes) -> None:
    while data:
        data = data[os.write(number, data) :]


if __name__ == "__main__":
    sys.exit(main())
