"""An upgrade while reports come in: no request fails, and no report is lost.

The path is the one of docs/operations.md. The newer version is a copy of this one with a column
more; its migration states that the version before may run beside it.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from uuid import uuid4

import pytest
from django.db import connection
from tests.crew.running import ROOT, children
from tests.factories.intake import answers, hidden
from tests.running_hub import (
    HOST,
    Processes,
    free_port,
    listens,
    needs_nginx,
    nginx,
    only_in_ci,
    processes,
    wait_until,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True),
    needs_nginx,
    only_in_ci,
]
SETTLE = 1.5
"""Seconds that nginx gets to let go of a server that was marked as down."""

TCERT = ("-m", "tcert")

DESK = """
import django; django.setup()
from tests.factories.intake import ready_desk
ready_desk()
"""
SEEN = """
import django; django.setup()
from tcert.response.intake.models import Report
print(*[getattr(report, "brought", "") for report in Report.objects.all()])
"""
MIGRATION = """
from django.db import migrations, models
from tcert.foundation.kernel.beside import StillUsable

class Migration(migrations.Migration):
    dependencies = [("intake", "{before}"), ("kernel", "0004_tolerated")]
    operations = [
        migrations.AddField("report", "brought", models.CharField(max_length=9, null=True)),
        StillUsable("9999_brought", by=1),
    ]
"""


@pytest.fixture
def newer(tmp_path):
    """A later version of the code."""
    source = tmp_path / "newer"
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
    intake = source / "tcert" / "response" / "intake"
    model = (intake / "models.py").read_text()
    field = "    received_on = models.DateField()\n"
    assert field in model
    seen = '"received_on": "the day it came; no hour",'
    added = field + '    brought = models.CharField(max_length=9, null=True, default="newer")\n'
    (intake / "models.py").write_text(
        model.replace(field, added).replace(seen, f'{seen} "brought": "x",')
    )
    before = max(path.stem for path in (intake / "migrations").glob("0*.py"))
    (intake / "migrations" / "9999_brought.py").write_text(MIGRATION.format(before=before))
    return {"PYTHONPATH": f"{source}:{ROOT}"}


@pytest.fixture
def database(tmp_path):
    """An empty database of the kind under test, apart from the tests' own: it gets a column."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/hub.sqlite3"
        return
    name, about = f"upgrade_{uuid4().hex[:8]}", connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield f"postgresql://{about['USER']}@/{name}?host={about['HOST']}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Load:
    """People who report without scripts, one report after the other."""

    def __init__(self, proxy, people=3):
        self.proxy, self.sent, self.failed = proxy, 0, []
        self._lock, self._over = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._go_on) for _ in range(people)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_about):
        self._over.set()
        for thread in self._threads:
            thread.join(60)

    def _go_on(self):
        while not self._over.is_set():
            try:
                self._report()
            except Exception as error:  # noqa: BLE001 - whatever it is, a visitor had it
                self.failed.append(repr(error))

    def _report(self):
        visitor = self.proxy.visitor()
        token = re.search(r'name="token" value="([^"]+)"', visitor.get("/report/").text)
        preview = visitor.post("/report/", {**answers(), "token": token[1]})
        fields = hidden(preview.text)
        last = fields["receipt"][0].split()[-1]
        told = visitor.post("/report/", {**fields, "step": "send", "confirm": last})
        with self._lock:
            if "Your report is on its way" in told.text:
                self.sent += 1
            else:
                self.failed.append(f"{told.status} {told.text[:300]}")

    def goes_on(self, reports=4):
        """Wait until some more arrived."""
        wanted = self.sent + reports
        wait_until(lambda: self.sent >= wanted or self.failed, 60, "the load")
        assert self.failed == []


def python(hub: Processes, *words: str, **more: str) -> str:
    """Run something of the hub to its end, and return what it said."""
    environ = {**hub.environ(), **more}
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def test_reports_come_in_while_the_hub_is_upgraded(tmp_path, database, newer):
    https, ports = free_port(), [free_port(), free_port()]
    with processes(
        tmp_path / "hub.log",
        TCERT_BASE_URL=f"https://{HOST}:{https}",
        TCERT_BEHIND_PROXY="1",
        TCERT_DATABASE=database,
        TCERT_TEST_HOME=str(tmp_path / "data"),
        TCERT_MAIL_BACKEND="file",
    ) as hub:
        (tmp_path / "data").mkdir()
        python(hub, *TCERT, "migrate")
        python(hub, "-c", DESK)
        web = {port: hub.web(port) for port in ports}
        worker = hub.start("worker")
        for port in ports:
            wait_until(lambda port=port: listens(port), 60, "the hub")
        with nginx(tmp_path / "nginx", ports, https=https) as proxy, Load(proxy) as load:
            load.goes_on()
            python(hub, *TCERT, "migrate", "--i-have-a-backup", **newer)
            load.goes_on()
            # Both are the old code still, on the new schema; one that dies comes back.
            (old,) = children(web[ports[0]])[-1:]
            os.kill(old, signal.SIGKILL)
            wait_until(lambda: listens(ports[0]), 60, "the process that was killed")
            python(hub, *TCERT, "worker", "--once")
            assert "may go on beside it" in python(hub, *TCERT, "check", "database")
            load.failed.clear()  # who was with the killed process was cut off
            load.goes_on()
            for port in ports:
                proxy.serve(ports, down=port)
                proxy.reload()
                threading.Event().wait(SETTLE)
                web[port].terminate()
                assert web[port].wait(60) is not None
                web[port] = hub.web(port, **newer)
                wait_until(lambda port=port: listens(port), 60, "the newer hub")
                proxy.serve(ports)
                proxy.reload()
                load.goes_on()
            worker.terminate()
            worker.wait(60)
            hub.start("worker", **newer)
            load.goes_on()
        assert load.failed == []
        brought = python(hub, "-c", SEEN, **newer).split()
        assert len(brought) >= load.sent
        assert {"None", "newer"} == set(brought), "the old code wrote beside the new schema"
