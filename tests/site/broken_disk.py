"""Run by test_faults.py in a mount space of its own: a hub on a tiny disk that fills or closes.

Prints, as JSON, what a reporter without scripts sees before, during and after.
"""

import json
import logging
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from io import StringIO
from pathlib import Path

HARM, DISK, PREPARED = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])


def mount(*options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "none", DISK], check=True)


class Limited:
    """Without the right to mount: no file may grow past a size."""

    def begin(self) -> None:
        _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))

    def end(self) -> None:
        _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


class Full:
    """A disk without a free block."""

    def begin(self) -> None:
        with (DISK / "filler").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    def end(self) -> None:
        (DISK / "filler").unlink()


class Closed:
    """A disk that the system has set to reading only, as it does after an error."""

    def begin(self) -> None:
        self._again("ro")

    def end(self) -> None:
        self._again("rw")

    def _again(self, way: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{way}", DISK], check=True)


def main() -> None:
    """Set up, harm, look, mend, look again."""
    if HARM != "limited":
        mount("size=12m")
    shutil.copytree(PREPARED / "data", DISK, dirs_exist_ok=True)
    shutil.copytree(PREPARED / "keys", DISK.with_name("keys"))
    os.environ["TCERT_DATA"] = str(DISK)
    os.environ["TCERT_KEYS"] = str(DISK.with_name("keys"))
    os.environ["TCERT_BUSY_TIMEOUT"] = "2"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tcert.site.settings"
    import django

    django.setup()
    sys.stdout.write(json.dumps(story()) + "\n")


def story() -> dict[str, object]:
    """Tell what a reporter and the worker met."""
    from django.db import connection
    from django.test import Client
    from tests.factories.intake import MARK, answers, hidden, ready_desk

    from tcert.foundation.kernel import jobs
    from tcert.foundation.kernel.jobs import Job
    from tcert.foundation.kernel.worker import Child
    from tcert.response.intake.models import Report

    ready_desk()
    log = StringIO()
    logging.getLogger().addHandler(logging.StreamHandler(log))
    browser = Client(raise_request_exception=False, SERVER_NAME="localhost")
    here = {"Origin": "http://localhost:8000"}
    preview = browser.post("/report/", answers(), headers=here)
    fields = hidden(preview.content.decode())
    body = {**fields, "step": "send", "confirm": fields["receipt"][0].split()[-1]}
    Job.objects.create(name="kernel:prune", run_at=jobs.clock.now())
    connection.close()
    # The other processes of a hub hold the database open; a disk that is to be closed cannot be.
    other = None if HARM == "closed" else sqlite3.connect(DISK / "hub.sqlite3")
    if other:
        other.execute("SELECT count(*) FROM django_migrations").fetchall()

    harm = {"limited": Limited, "full": Full, "closed": Closed}[HARM]()
    child = Child()
    harm.begin()
    refused = browser.post("/report/", body, headers=here)
    shown = refused.content.decode()
    told: dict[str, object] = {
        "preview": preview.status_code,
        "refused": refused.status_code,
        "certain": "of what you sent was stored." in shown,
        "reading": browser.get("/about/").status_code,
        "health": browser.get("/healthz").status_code,
        "worked": child.work(),
        "broken": str(child.broken),
    }
    connection.close()
    harm.end()
    told["reports"] = Report.objects.count()
    told["waiting"] = Job.objects.filter(name="kernel:prune", attempts=0).count()

    again = hidden(shown)
    typed = {name: value if isinstance(value, list) else [value] for name, value in body.items()}
    for form in (again, typed):
        form.pop("csrfmiddlewaretoken", None)
    told["kept"] = again == typed
    told["sent"] = browser.post("/report/", again, headers=here).status_code
    told["reports_after"] = Report.objects.count()
    while child.work():
        pass
    told["waiting_after"] = Job.objects.filter(name="kernel:prune").count()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        told["whole"] = cursor.fetchone()[0]
    if other:
        other.close()
    lines = log.getvalue()
    told["quoted"] = bool(re.search(f"{MARK}|{body['confirm']}|Traceback", lines))
    told["said"] = [line for line in lines.splitlines() if "could not be served" in line]
    return told


main()
