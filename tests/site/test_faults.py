"""What breaks under the hub breaks for real here: nothing is half done, lost, or quoted."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests import ready_database

from tcert.foundation.kernel.faults import Fault

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.once]


def environment(**changed):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TCERT_")}
    return {**kept, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", **changed}


def can_mount():
    words = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    return (
        shutil.which("unshare") is not None
        and not subprocess.run(words, check=False, capture_output=True).returncode
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """The data and keys of a hub that nobody has used; each disk gets a copy of it."""
    home = tmp_path_factory.mktemp("prepared")
    ready_database.put_at(home / "data" / "hub.sqlite3")
    environ = environment(
        DJANGO_SETTINGS_MODULE="tcert.site.settings",
        TCERT_DATA=str(home / "data"),
        TCERT_KEYS=str(home / "keys"),
    )
    words = [sys.executable, "-m", "tcert", "migrate"]
    subprocess.run(words, cwd=ROOT, env=environ, check=True, capture_output=True)
    return home


@pytest.mark.parametrize(
    ("harm", "fault"),
    [("limited", Fault.FAILING), ("full", Fault.FULL), ("closed", Fault.CLOSED)],
)
def test_a_disk_that_takes_nothing_loses_nothing(prepared, tmp_path, harm, fault):
    """A report meets it at its last step; the worker meets it between two jobs."""
    if harm != "limited" and not can_mount():
        pytest.skip("this system lets nobody mount a disk of its own, so none was filled")
    disk = tmp_path / "disk"
    disk.mkdir(mode=0o700)
    words = [sys.executable, "-m", "tests.site.broken_disk", harm, str(disk), str(prepared)]
    done = subprocess.run(
        words if harm == "limited" else ["unshare", "-rm", *words],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])

    assert found == {  # "said": a line in the log would tell the reporter's hour
        "preview": 200,
        "refused": 503,
        "certain": True,
        "kept": True,
        "reading": 200,
        "health": 503,
        "worked": False,
        "broken": fault,
        "reports": 0,
        "waiting": 1,
        "sent": 200,
        "reports_after": 1,
        "waiting_after": 0,
        "whole": "ok",
        "quoted": False,
        "said": [],
    }


@pytest.mark.long
def test_a_database_that_dies_under_a_request_and_the_worker_loses_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.site.lost_database", str(tmp_path)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])

    assert found == {
        "refused": 503,
        "uncertain": True,
        "health": {"database": "silent"},
        "page": 503,
        "command": [1, "tcert: The database does not answer. Start it, or look at TCERT_DATABASE."],
        "reports": 0,
        "sent": 200,
        "reports_after": 1,
        "upgrades": [[0, False], [1, True], [1, True], [0, False]],
        "worker_runs": True,
        "said": ["the worker waits: the database does not answer", "the worker goes on"],
        "restarts": 0,
        "traceback": False,
    }
    assert "Traceback" not in done.stderr
