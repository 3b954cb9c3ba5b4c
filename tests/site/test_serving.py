"""`tcert serve` keeps its processes alive, lets them end in order, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from tests import ready_database
from tests.crew.running import children
from tests.running_hub import (
    HOST,
    ask_directly,
    free_port,
    listens,
    only_in_ci,
    processes,
    unfinished_post,
    wait_until,
)

from tcert.foundation.kernel.stopping import Stop
from tcert.site import serving

pytestmark = [pytest.mark.slow, pytest.mark.once]


@contextmanager
def running_a_while():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def alive(pid):
    path = Path(f"/proc/{pid}/stat")
    return path.exists() and path.read_text().rpartition(")")[2].split()[0] != "Z"


def family(process):
    """The web server, its two processes, the worker, its two."""
    web, worker = children(process)
    return {"web": [web, *children_of(web)], "worker": [worker, *children_of(worker)]}


def children_of(pid):
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listing.read_text().split()] if listing.exists() else []


def listeners(port):
    """How many processes listen on a port: each web process has a socket of its own."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in rows)


def complete(process, port):
    found = children(process)
    return len(found) == 2 and len(children_of(found[1])) == 2 and listeners(port) == 2


@only_in_ci
def test_it_survives_kills_and_ends_in_order(tmp_path):
    port = free_port()
    home = tmp_path / "data"
    home.mkdir()
    with processes(
        tmp_path / "log",
        TCERT_DATABASE=f"sqlite:///{home}/hub.sqlite3",
        TCERT_TEST_HOME=str(home),
        TCERT_BASE_URL=f"http://{HOST}:{port}",
    ) as hub:
        serve = hub.start("serve", "--port", str(port))
        wait_until(lambda: complete(serve, port), 90, "the hub")
        before = family(serve)
        for pid in before["web"] + before["worker"]:  # or a large form's memory is never given back
            assert b"MALLOC_ARENA_MAX=2\0" in Path(f"/proc/{pid}/environ").read_bytes()
        for kind in ("web", "worker"):
            with suppress(ProcessLookupError):  # it may have been replaced since it was listed
                os.kill(before[kind][-1], signal.SIGKILL)
            wait_until(lambda kind=kind: not alive(before[kind][-1]), 20, "the kill")
        # On a busy machine a connection may fall to the listener that is just being closed.
        wait_until(lambda: listens(port), 10, "a web process that answers")
        assert ask_directly(port, "GET", "/about/what-we-see").status in {200, 301}
        wait_until(
            lambda: complete(serve, port) and before["worker"][-1] not in family(serve)["worker"],
            60,
        )
        assert serve.poll() is None

        everything = [pid for pids in family(serve).values() for pid in pids]
        with unfinished_post(port) as finish:
            serve.terminate()
            wait_until(lambda: not listens(port), 20, "the closed door")
            told = finish()
        assert told.startswith(b"HTTP/1.1 403"), "what was under way is answered"
        assert serve.wait(40) == 0
        wait_until(lambda: not any(alive(pid) for pid in everything), 10, "the end of all")
        assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_first_page_lost_with_its_web_process_does_not_end_the_hub():
    """Regression: a web process killed while it answered the hub's own question ended all."""
    with socket.create_server(("127.0.0.1", 0)) as door, running_a_while() as process:
        hang_up = Thread(target=lambda: [door.accept()[0].close() for _turn in range(2)])
        hang_up.start()
        assert serving._until_ready("127.0.0.1", door.getsockname()[1], [process], Stop())
        hang_up.join()


@only_in_ci
def test_without_its_web_server_it_ends_and_frees_the_port(tmp_path):
    port = free_port()
    home = tmp_path / "data"
    home.mkdir()
    ready_database.put_at(home / "hub.sqlite3")
    with processes(
        tmp_path / "log",
        TCERT_DATABASE=f"sqlite:///{home}/hub.sqlite3",
        TCERT_TEST_HOME=str(home),
    ) as hub:
        serve = hub.start("serve", "--port", str(port))
        wait_until(lambda: complete(serve, port), 90, "the hub")
        os.kill(children(serve)[0], signal.SIGKILL)
        assert serve.wait(60) == 1
        assert not listens(port)


def test_a_web_server_alone_prepares_no_database(tmp_path):
    (tmp_path / "data").mkdir()
    with processes(
        tmp_path / "log",
        TCERT_DATABASE=f"sqlite:///{tmp_path}/data/hub.sqlite3",
        TCERT_TEST_HOME=str(tmp_path / "data"),
    ) as hub:
        assert hub.web(free_port()).wait(60) == 1
        assert "run `tcert migrate` first" in (tmp_path / "log").read_text()
