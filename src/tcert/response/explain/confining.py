"""Asking the limited process: what goes in, how long it takes, what is believed of its answer."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

from tcert.response.explain.enums import Protocol
from tcert.response.explain.tree import Element, NoTree, plain, read

SECONDS = 60.0
"""By the clock, from start to answer; a busy machine loads the decoder for some seconds."""
LARGEST_ANSWER = 1 << 21
"""Octets; of a longer one nothing is believed."""
_MOST_PROBLEMS = 20
_PROCESS = ("-m", "tcert.response.explain.child")


class Unexplained(Exception):
    """The message was not explained; the sentence says why and what helps."""


class NotInstalled(Unexplained):
    """The optional decoder is not there."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What was read of a message, and what could not be."""

    element: Element
    problems: list[str]


def explain(
    octets: bytes,
    *,
    protocol: Protocol | None,
    link: int = 0,
    whole: bool = False,
    seconds: float = SECONDS,
) -> Explained:
    """Explain a message of a protocol, or without one a packet of a link type.

    Raises Unexplained: the decoder is missing, died, took too long, or answered nonsense.
    """
    told = {"whole": whole} | ({"as": protocol} if protocol else {"link": link})
    question = json.dumps(told).encode() + b"\n" + octets
    answer = _asked(question, seconds)
    try:
        found = json.loads(answer)
        if found.get("missing"):
            raise NotInstalled(
                "explaining messages needs the decoder pycrate, which is not installed. Install "
                "it: make extras, or pip install 'tcert-hub[explain]'."
            )
        problems = [plain(str(one)) for one in found["problems"][:_MOST_PROBLEMS]]
        if found["element"] is None:
            raise Unexplained(f"the message was not explained: {'; '.join(problems)}.")
        return Explained(read(found["element"]), problems)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, NoTree):
        raise Unexplained(
            "the decoder ended without an answer: it broke on this message, which may be made for "
            "that. Nothing of it was shown."
        ) from None


def _asked(question: bytes, seconds: float) -> bytes:
    """Start the process, ask, and return its answer; whatever happens, it is gone afterwards."""
    ends = time.monotonic() + seconds
    with subprocess.Popen(  # noqa: S603 - our own module, by its name
        [sys.executable, "-I", *_PROCESS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    ) as process:
        try:
            return _talk(process, question, ends)
        except TimeoutError:
            raise Unexplained(
                f"the decoder was stopped after {seconds:.0f} seconds. The message may be made for "
                "that, or the machine is busy: try once more."
            ) from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _talk(process: "subprocess.Popen[bytes]", question: bytes, ends: float) -> bytes:
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    answer = bytearray()
    with selectors.DefaultSelector() as waiting:
        os.set_blocking(process.stdin.fileno(), False)
        waiting.register(process.stdin, selectors.EVENT_WRITE)
        waiting.register(process.stdout, selectors.EVENT_READ)
        while True:
            left = ends - time.monotonic()
            ready = waiting.select(left) if left > 0 else []
            if not ready:
                raise TimeoutError
            for key, _events in ready:
                if key.fileobj is process.stdout:
                    piece = os.read(process.stdout.fileno(), 1 << 16)
                    answer += piece
                    if not piece or len(answer) > LARGEST_ANSWER:
                        return bytes(answer) if not piece else b""
                else:
                    question = question[_sent(process, question) :]
                    if not question:
                        waiting.unregister(process.stdin)
                        process.stdin.close()


def _sent(process: "subprocess.Popen[bytes]", question: bytes) -> int:
    """Write as much as the pipe takes; all of it counts as written to one who has ended."""
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    try:
        return os.write(process.stdin.fileno(), question)
    except BrokenPipeError:
        return len(question)
