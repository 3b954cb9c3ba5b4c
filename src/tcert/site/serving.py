"""`tcert serve`: prepare the data directory, then keep web server and worker running together."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings

from tcert.community.accounts.domain.links import create_setup_link
from tcert.community.directory.queries import desk_team
from tcert.foundation.kernel import guarded, schema
from tcert.foundation.kernel.errors import DomainError
from tcert.site import upgrading
from tcert.site.backup import copies

READY_SECONDS = 60
STOP_SECONDS = 15


def prepare(*, have_backup: bool = False) -> None:
    """Make the data directory, the keys that the hub keeps, and the tables.

    Raises:
        DomainError: the database belongs to a later version, or cannot be copied before it is
            migrated (see `upgrading.migrate`).

    """
    for folder in (settings.DATA_DIR, settings.KEYS_DIR, settings.MEDIA_ROOT, settings.STATIC_ROOT):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    copies.sweep()
    schema.refuse_newer()
    guarded.first_start()
    if schema.is_pending():
        print("Preparing the database …", file=sys.stderr, flush=True)
        upgrading.migrate(have_backup=have_backup)


def port_is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _web(host: str, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-access-log"),
        *("--host", host, "--port", str(port), "--workers", "2", "--blocking-threads", "4"),
        *("--log-level", "warning", "--respawn-failed-workers"),
        "tcert.site.wsgi:application",
    ]


def serve(host: str, port: int, *, have_backup: bool = False) -> int:
    """Run web server and worker until one of them ends or a signal comes; return the exit code."""
    if not port_is_free(host, port):
        print(
            f"Port {port} is taken: stop what uses it, or name another: --port {port + 1}",
            file=sys.stderr,
        )
        return 1
    prepare(have_backup=have_backup)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tcert.site.settings"}
    commands = [_web(host, port), [sys.executable, "-m", "tcert", "worker"]]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave)
    running: list[subprocess.Popen[bytes]] = []
    try:
        running += (subprocess.Popen(command, env=environment) for command in commands)  # noqa: S603
        if not _until_ready(host, port, running):
            print("The web server did not start; what it said stands above.", file=sys.stderr)
            return 1
        _greet()
        while all(process.poll() is None for process in running):
            with contextlib.suppress(subprocess.TimeoutExpired):
                running[0].wait(timeout=1)
        ended = "worker" if running[0].poll() is None else "web server"
        print(
            f"The {ended} has ended, so the hub stops; what it said stands above.", file=sys.stderr
        )
        return 1
    finally:
        _end(running)


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End in order on a signal: asked to stop is not a failure."""
    raise SystemExit(0)


def _end(running: list[subprocess.Popen[bytes]]) -> None:
    """Stop what still runs, by force if it does not listen; nothing is left behind."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _until_ready(host: str, port: int, running: list[subprocess.Popen[bytes]]) -> bool:
    """Wait until the web server answers; any answer will do, `tcert check` says more."""
    for _ in range(READY_SECONDS * 5):
        if running[0].poll() is not None:
            return False
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            break
        with contextlib.suppress(subprocess.TimeoutExpired):
            running[0].wait(timeout=0.2)
    try:
        urlopen(f"http://{host}:{port}/healthz", timeout=10).close()
    except URLError as error:
        return hasattr(error, "code")
    return True


def _greet() -> None:
    print(f"\nThe hub is at {settings.BASE_URL}   (Ctrl-C stops it)")
    if settings.DEMO:
        print("It holds an invented community; sign-ins: tcert demo --json")
    elif desk_team() is None:
        try:
            link = create_setup_link()
        except DomainError:
            return
        print("Nobody has set it up yet. Open this link once to become its first coordinator:")
        print(f"  {link}")
    print(f"Its data is in {settings.DATA_DIR}. For use by others, read docs/operations.md.\n")
    sys.stdout.flush()
