"""The running hub: what of it another program on the machine, or another machine, can reach."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests import ready_database
from tests.running_hub import wait_until

from tcert.site import serving

PORT = 18767
LISTENING = "0A"
READY = "The hub is at"


def children(pid: int) -> set[int]:
    """A process and all that it started."""
    found = {pid}
    for tasks in Path("/proc").glob(f"{pid}/task/*/children"):
        for child in tasks.read_text().split():
            found |= children(int(child))
    return found


def sockets(pids: set[int]) -> set[str]:
    """The numbers of the sockets that these processes hold."""
    found = set()
    for pid in pids:
        for handle in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                target = str(handle.readlink())
            except FileNotFoundError:
                continue
            if target.startswith("socket:["):
                found.add(target[8:-1])
    return found


def doors_of(pids: set[int]) -> set[tuple[str, int]]:
    """Address (as the system writes it) and port of all on which these processes listen."""
    ours, found = sockets(pids), set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _number, local, _remote, state, *rest = line.split()
            if state == LISTENING and rest[5] in ours:
                address, _, port = local.partition(":")
                found.add((address, int(port, 16)))
    return found


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="asks the system's own tables")
def test_a_running_hub_has_one_door_and_it_is_this_machines_own(tmp_path):
    """Unauthenticated local services were a finding elsewhere: the worker opens nothing at all."""
    assert serving.port_is_free("127.0.0.1", PORT)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TCERT_")}
    kept |= {"TCERT_DATA": str(tmp_path / "hub"), "TCERT_BASE_URL": f"http://localhost:{PORT}"}
    ready_database.put_at(tmp_path / "hub" / "hub.sqlite3")
    kept["PYTHONPATH"] = str(Path(serving.__file__).parents[2])
    command = [sys.executable, "-m", "tcert", "serve", "--port", str(PORT)]
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    with (tmp_path / "said").open("wb") as said:
        hub = subprocess.Popen(command, env=kept, stdout=said, stderr=said, start_new_session=True)
    try:
        log = tmp_path / "said"
        wait_until(lambda: READY in log.read_text() or hub.poll() is not None, 90, "the hub up")
        assert READY in log.read_text(), log.read_text()
        pids = children(hub.pid)
        assert len(pids) >= 4, "the command, web server, its processes, the worker"
        assert doors_of(pids) == {("0100007F", PORT)}
    finally:
        os.killpg(hub.pid, signal.SIGTERM)
        hub.wait(timeout=30)
