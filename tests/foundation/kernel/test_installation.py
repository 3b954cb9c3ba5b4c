import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection

import tcert
from tcert.cli import build_parser
from tcert.foundation.kernel import clock, inspections, installation, jobs, keyring, machine, worker
from tcert.foundation.kernel.installation import Finding, Level
from tcert.foundation.kernel.jobs import Job, State
from tcert.foundation.kernel.worker import WorkerBeat

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def safe(settings, tmp_path):
    """An installation in production of which everything but one thing is right."""
    settings.PRODUCTION = True
    settings.DEBUG = False
    settings.BASE_URL = "https://hub.example"
    settings.SESSION_COOKIE_SECURE = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.DISK_ENCRYPTED = True
    settings.MAIL_DOMAIN = "hub.example"
    settings.EMAIL_BACKEND = "tcert.foundation.kernel.mail.FixedNameBackend"
    settings.EMAIL_HOST = "localhost"
    settings.DATA_DIR = tmp_path / "data"
    settings.KEYS_DIR = tmp_path / "keys"
    settings.FIELD_KEYS_FILE = settings.KEYS_DIR / "field-keys"
    settings.HUB_KEY_FILE = settings.KEYS_DIR / "hub-key"
    settings.DATA_DIR.mkdir(mode=0o700)
    keyring.create(settings.FIELD_KEYS_FILE)
    WorkerBeat.objects.create(at=clock.now())
    return settings


def found(name, level=None):
    return [str(f.message) for f in installation.inspect([name]) if level in {None, f.level}]


def problems(name):
    return found(name, Level.PROBLEM)


@pytest.mark.parametrize("name", ["tls", "keys", "database", "worker", "mail"])
def test_a_safe_installation_has_no_problem(name):
    assert problems(name) == []
    assert found(name, Level.FINE)


def unsafe(settings, **changes):
    for name, value in changes.items():
        setattr(settings, name, value)


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("mode", {"DEBUG": True}, "Debug pages"),
        ("mode", {"SECRET_KEY": "short"}, "secret key"),
        ("tls", {"BASE_URL": "http://hub.example"}, "not encrypted"),
        ("tls", {"SESSION_COOKIE_SECURE": False}, "Session cookies"),
        ("mail", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "not sent"),
        ("mail", {"EMAIL_HOST": "relay.example"}, "unencrypted"),
        ("mail", {"MAIL_DOMAIN": "localhost"}, "no domain"),
        ("worker", {"JOB_LEASE_SECONDS": 5, "JOB_BEAT_SECONDS": 6}, "lease"),
    ],
)
def test_each_unsafe_setting_is_named(settings, name, changes, words):
    unsafe(settings, **changes)

    assert any(words in message for message in problems(name))


def test_an_onion_address_needs_no_tls(settings):
    settings.BASE_URL = "http://" + "a" * 56 + ".onion"
    settings.SESSION_COOKIE_SECURE = False

    assert problems("tls") == []


def test_in_a_trial_what_production_demands_is_a_warning(settings):
    settings.PRODUCTION = False
    settings.BASE_URL = "http://localhost:8000"

    assert problems("tls") == []
    assert found("tls", Level.WARNING)


def test_key_files_that_others_can_read_are_named(settings):
    settings.KEYS_DIR.chmod(0o750)
    settings.HUB_KEY_FILE.write_text("x")
    settings.HUB_KEY_FILE.chmod(0o644)

    assert sum("Other users" in message for message in problems("keys")) == 2


def test_a_hub_key_of_the_same_system_user_is_named(settings):
    settings.HUB_KEY_FILE.write_text("x")
    settings.HUB_KEY_FILE.chmod(0o600)

    assert any("one system user" in message for message in problems("keys"))


def test_keys_inside_the_data_directory_are_named(settings):
    settings.DATA_DIR = settings.KEYS_DIR.parent

    assert any("inside the data directory" in message for message in problems("keys"))


def test_values_whose_key_is_missing_are_named(settings):
    from tcert.foundation.kernel.mail import Mail

    Mail.objects.create(hour=clock.now(), recipient="a@example.org")
    keyring.replace(
        settings.FIELD_KEYS_FILE,
        keyring.parse(settings.FIELD_KEYS_FILE.read_text()).with_new_key().without_old_keys(),
    )

    assert any("keys are missing" in message for message in problems("keys"))


def test_a_lost_key_file_is_a_problem_and_no_crash(settings):
    settings.FIELD_KEYS_FILE.unlink()

    assert problems("keys") == ["This could not be inspected (KeyringError)."]


def test_an_unencrypted_disk_or_swap_is_named(settings, monkeypatch):
    settings.DISK_ENCRYPTED = False
    monkeypatch.setattr(machine, "is_encrypted", lambda _path: False)
    monkeypatch.setattr(machine, "open_swap", lambda: True)
    assert len(problems("disk")) == 2

    monkeypatch.setattr(machine, "is_encrypted", lambda _path: True)
    monkeypatch.setattr(machine, "open_swap", lambda: False)
    assert problems("disk") == []


def test_the_machine_answers_without_failing(tmp_path):
    assert machine.is_encrypted(tmp_path) in {True, False, None}
    assert machine.open_swap() in {True, False, None}
    assert machine.clock_is_kept() in {True, False, None}


def test_a_silent_worker_late_jobs_and_dead_jobs_are_named():
    WorkerBeat.objects.update(at=clock.now() - timedelta(minutes=5))
    Job.objects.create(name="x", run_at=clock.now() - timedelta(minutes=6))
    Job.objects.create(name="x", run_at=clock.now(), state=State.DEAD)

    assert len(problems("worker")) == 3


def test_a_clock_years_behind_is_named():
    with clock.frozen(datetime(2001, 1, 1, tzinfo=UTC)):
        assert any("years behind" in message for message in problems("clock"))


@pytest.mark.both_databases
def test_database_and_clock_are_inspected_on_both_databases():
    assert problems("database") == []
    assert not any("differ" in message for message in problems("clock"))


@pytest.mark.parametrize(
    ("host", "mode", "asked"),
    [
        ("", "", False),
        ("/run/postgresql", "", False),
        ("localhost", "", False),
        ("db.example", "verify-full", False),
        ("db.example", "require", True),  # encrypted, to nobody knows whom
        ("db.example", "", True),
    ],
)
def test_a_database_elsewhere_must_show_who_it_is(monkeypatch, host, mode, asked):
    monkeypatch.delenv("PGSSLMODE", raising=False)
    monkeypatch.setitem(connection.settings_dict, "HOST", host)
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"sslmode": mode} if mode else {})
    levels = [finding.level for finding in inspections.way_to_database()]
    assert levels == ([Level.PROBLEM] if asked else [])


def test_a_broken_inspection_never_passes_for_safety(monkeypatch):
    def breaks():
        raise OperationalError
        yield Finding(Level.FINE, "never said")

    monkeypatch.setattr(installation, "_inspections", {"broken": ("Broken", breaks)})

    assert [f.level for f in installation.inspect(["broken"])] == [Level.PROBLEM]


def check(capsys, *arguments):
    options = build_parser().parse_args(["check", *arguments])
    return options.run(options), capsys.readouterr().out


def test_the_command_answers_by_exit_code_and_json(settings, capsys):
    code, text = check(capsys, "mail", "--json")
    assert (code, {row["level"] for row in json.loads(text)}) == (0, {"fine"})

    settings.MAIL_DOMAIN = "localhost"
    code, text = check(capsys, "mail")
    assert code == 1
    assert "-> Set TCERT_MAIL_DOMAIN." in text
    assert check(capsys, "nonsense")[0] == 2


@pytest.mark.slow
def test_who_stops_reading_what_is_printed_gets_no_stack_trace():
    words = [sys.executable, "-m", "tcert", "check", "--json"]
    environment = os.environ | {"PYTHONPATH": str(Path(tcert.__file__).parents[1])}
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asked:
        asked.stdout.close()
        assert b"Traceback" not in asked.stderr.read()


def test_healthz_says_whether_the_hub_works_and_nothing_else(client):
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"database": "ok", "worker": "ok"})

    Job.objects.create(name="x", run_at=clock.now() - timedelta(minutes=6))
    response = client.get("/healthz")
    assert (response.status_code, response.json()["worker"]) == (503, "late")

    WorkerBeat.objects.all().delete()
    response = client.get("/healthz")
    assert (response.status_code, response.json()["worker"]) == (503, "silent")


def test_healthz_says_that_the_database_is_silent(client, monkeypatch):
    def fails():
        raise OperationalError

    monkeypatch.setattr(worker, "alive", fails)
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (503, {"database": "silent"})
    assert jobs.oldest_ready_seconds() == 0
