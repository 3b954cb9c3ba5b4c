"""Upgrades have a way back, and an older hub keeps its hands off a newer one's database."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.once]


def environment(home):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TCERT_")}
    return {
        **kept,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "tcert.site.settings",
        "TCERT_DATA": str(home / "data"),
        "TCERT_KEYS": str(home / "keys"),
    }


class Hub:
    """A data directory with a prepared database, and its command."""

    def __init__(self, home):
        self.home = home
        self.database = home / "data" / "hub.sqlite3"

    def __call__(self, *words):
        done = subprocess.run(
            [sys.executable, "-m", "tcert", *words],
            cwd=ROOT,
            env=environment(self.home),
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Prepare one hub; each test works on a copy of it."""
    hub = Hub(tmp_path_factory.mktemp("prepared"))
    assert hub("migrate")[0] == 0
    assert copies(hub) == [], "a new hub has nothing to lose"
    return hub


@pytest.fixture
def hub(prepared, tmp_path):
    shutil.copytree(prepared.home, tmp_path / "hub")
    return Hub(tmp_path / "hub")


def copies(hub):
    return sorted(hub.database.parent.glob("hub.sqlite3.before-*"))


def change(hub, sql):
    with closing(sqlite3.connect(hub.database)) as database:
        database.execute(sql)
        database.commit()


def latest_app(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute(
            "SELECT name FROM django_migrations WHERE app = 'mfa' ORDER BY name DESC"
        ).fetchone()[0]


@pytest.mark.long
def test_a_database_with_data_is_copied_before_it_is_migrated(hub):
    newest, older = latest_app(hub.database), hub.home / "older"
    assert hub("manage", "migrate", "mfa", "0002")[0] == 0
    shutil.copy(hub.database, older)
    for _turn in range(3):
        shutil.copy(older, hub.database)
        assert hub("migrate")[0] == 0

    assert latest_app(hub.database) == newest
    assert len(copies(hub)) == 2, "the last two"
    for path in copies(hub):
        assert latest_app(path).startswith("0002")
        assert path.stat().st_mode & 0o777 == 0o600
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize(
    "words",
    [
        ("serve", "--port", "18765"),
        ("worker",),
        ("worker", "--once"),
        ("migrate",),
        ("keys", "rotate"),
        ("backup", "--to", "x", "--key", "y"),
    ],
)
def test_a_database_of_a_later_version_is_left_alone(hub, words):
    change(hub, "INSERT INTO django_migrations (app, name, applied) VALUES ('kernel', '0099', '')")
    before = hub.database.read_bytes()
    code, said = hub(*words)

    assert code == 1
    assert "belongs to a later version of the hub. Nothing was touched." in said
    assert "Traceback" not in said
    assert hub.database.read_bytes() == before


def test_check_says_that_a_later_version_was_here(hub):
    assert hub("check", "database")[0] == 0
    change(hub, "INSERT INTO django_migrations (app, name, applied) VALUES ('later', '0001', '')")
    code, said = hub("check", "database")

    assert code == 1
    assert "The database belongs to a later version of the hub." in said


@pytest.mark.django_db
def test_old_copies_go_because_they_hold_what_was_deleted(settings, tmp_path, monkeypatch):
    from django.db import connection

    from tcert.foundation.kernel import clock
    from tcert.site import upgrading

    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "h"))
    now = clock.now()
    for days in (1, 13, 15):
        (tmp_path / f"h.before-{now - timedelta(days=days):%Y%m%dT%H%M%S%f}").touch()
    ours = connection.vendor == "sqlite"  # of PostgreSQL the hub makes no copy by itself
    upgrading.prune_copies()
    assert len(list(tmp_path.iterdir())) == (2 if ours else 3)
    with clock.frozen(now + timedelta(days=5)):
        upgrading.prune_copies()
    assert len(list(tmp_path.iterdir())) == (1 if ours else 3)
