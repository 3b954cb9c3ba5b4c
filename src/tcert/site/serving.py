"""`tcert serve`: prepare the data directory, then keep web server and worker running together.

`tcert web` is the web server alone: two of them behind a proxy, restarted one after the other, are
how a hub is upgraded without a break (docs/operations.md).
"""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
from typing import NoReturn

from django.conf import settings
from django.utils.translation import gettext as _

from tcert.community.accounts.domain.links import create_setup_link
from tcert.community.directory.queries import desk_team
from tcert.foundation.kernel import allocator, guarded, schema
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.stopping import Stop
from tcert.response.reference.domain import taking
from tcert.site import upgrading
from tcert.site.backup import copies

READY_SECONDS = 60
PROCESSES = 2
CONNECTIONS = 4096
LEEWAY_SECONDS = 5


def prepare(*, have_backup: bool = False) -> None:
    """Make the data directory, the keys that the hub keeps, the tables, and what they begin with.

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
    if not settings.DEMO:  # the demonstration begins with a list that a newer one waits for
        taking.first_load()


def port_is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def command_of_web(
    host: str, port: int, processes: int, application: str = "tcert.site.asgi:application"
) -> list[str]:
    """Return the command of the web server, for the hub or for what is measured beside it."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "asginl", "--http", "1"),
        *("--host", host, "--port", str(port)),
        *("--workers", str(processes), "--respawn-failed-workers", "--respawn-interval", "0.5"),
        # A connection that waits costs little; what may wait how long, the gate and nginx say.
        *("--backlog", str(CONNECTIONS), "--backpressure", str(CONNECTIONS)),
        *("--http1-header-read-timeout", str(int(settings.HEAD_SECONDS * 1000))),
        *("--workers-kill-timeout", str(max(1, int(settings.STOP_SECONDS)))),
        *("--no-access-log", "--log-level", "warning"),
        application,
    ]


class NotPrepared(DomainError):
    """The database is older than the code, and this command does not change it."""


def web(host: str, port: int, *, processes: int = 1) -> NoReturn:
    """Become a web server.

    It brings no database to its version: while an upgrade goes on, that is one command's task.

    Raises:
        NotPrepared: the database lacks migrations of this code.

    """
    if schema.is_pending():
        raise NotPrepared(_("The database is not prepared: run `tcert migrate` first."))
    guarded.first_start()
    allow_connections()
    command = command_of_web(host, port, processes)
    os.execve(command[0], command, allocator.environment())  # noqa: S606 - ours, without a shell


def allow_connections() -> None:
    """Raise the number of open files that a process may have: each waiting visitor is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        top = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (top, hard))


def serve(host: str, port: int, *, have_backup: bool = False) -> int:
    """Run web server and worker until one of them ends or a signal comes; return the exit code."""
    if not port_is_free(host, port):
        print(
            f"Port {port} is taken: stop what uses it, or name another: --port {port + 1}",
            file=sys.stderr,
        )
        return 1
    prepare(have_backup=have_backup)
    allow_connections()
    commands = [
        command_of_web(host, port, PROCESSES),
        [sys.executable, "-m", "tcert", "worker", "--processes", str(PROCESSES)],
    ]
    stopping = Stop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stopping.set)
    running: list[subprocess.Popen[bytes]] = []
    try:
        running += (
            subprocess.Popen(command, start_new_session=True, env=allocator.environment())  # noqa: S603
            for command in commands
        )
        if not _until_ready(host, port, running, stopping):
            if stopping.is_set:
                return 0
            print("The web server did not start; what it said stands above.", file=sys.stderr)
            return 1
        _greet()
        while all(process.poll() is None for process in running):
            if stopping.wait(0.5):
                return 0  # asked to stop is not a failure
        ended = "worker" if running[0].poll() is None else "web server"
        print(
            f"The {ended} has ended, so the hub stops; what it said stands above.", file=sys.stderr
        )
        return 1
    finally:
        _end(running)


def _end(running: list[subprocess.Popen[bytes]]) -> None:
    """Let requests and jobs end, for a while; then by force. Nothing is left behind."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for process in running:
        process.terminate()
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=settings.STOP_SECONDS + LEEWAY_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # also what a killed parent left
        process.wait()


def _until_ready(
    host: str, port: int, running: list[subprocess.Popen[bytes]], stopping: Stop
) -> bool:
    """Wait until the web server listens and has built its first page; False if that will not be.

    That page may be slow, refused, or lost with a web process that is being replaced: it listens,
    and `tcert check` says more.
    """
    for _turn in range(READY_SECONDS * 5):
        if running[0].poll() is not None or stopping.is_set:
            return False
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            break
        stopping.wait(0.2)
    else:
        return False
    asked = f"GET /healthz HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=10) as page:
        page.sendall(asked.encode())
        while page.recv(65536):
            pass
    return running[0].poll() is None


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
