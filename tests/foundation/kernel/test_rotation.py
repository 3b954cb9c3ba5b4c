"""The field keys are changed under a hub at work, killed in the middle, and taken up again."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from tcert.foundation.kernel import clock, guarded
from tcert.foundation.kernel.keyring import KeyringError
from tcert.foundation.kernel.mail import Mail

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.slow,
]
ROOT = Path(__file__).parents[3]
ROWS = 120

WRITE = """
import django; django.setup()
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.mail import Mail
number = 0
while True:
    row = Mail.objects.create(hour=clock.now(), recipient="w@example.org", subject=f"new {number}")
    old = Mail.objects.filter(key__startswith="old").order_by("?").first()
    old.subject = f"{old.key} again"
    old.save(update_fields=["subject"])
    number += 1
    print(number, flush=True)
"""

ROTATE_AND_DIE = """
import os, signal
import django; django.setup()
from django.db import models
from tcert.foundation.kernel import guarded
guarded.rotate()
save, done = models.Model.save, 0
def counted(self, *positional, **named):
    global done
    save(self, *positional, **named)
    done += 1
    if done == 40:
        os.kill(os.getpid(), signal.SIGKILL)
models.Model.save = counted
guarded.close_again()
"""


def environment():
    about = connection.settings_dict
    url = f"postgresql://{about['USER']}@/{about['NAME']}?host={about['HOST']}"
    if connection.vendor == "sqlite":
        url = f"sqlite:///{about['NAME']}"
    return {
        **os.environ,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "tcert.site.settings",
        "TCERT_DATABASE": url,
        "TCERT_FIELD_KEYS": str(guarded.settings.FIELD_KEYS_FILE),
    }


@pytest.fixture
def writer():
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE], cwd=ROOT, env=environment(), stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"1\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture(autouse=True)
def rows(settings, tmp_path):
    settings.FIELD_KEYS_FILE = tmp_path / "field-keys"
    guarded.first_start()
    for number in range(ROWS):
        key = f"old-{number}"
        Mail.objects.create(hour=clock.now(), recipient="o@example.org", subject=key, key=key)


def test_rotation_beside_a_writer_survives_a_kill_and_loses_nothing(writer):
    first = guarded.keyring().current.id
    died = subprocess.run(
        [sys.executable, "-c", ROTATE_AND_DIE], cwd=ROOT, env=environment(), check=False
    )
    assert died.returncode == -9
    assert guarded.key_ids_in_use() == {first, guarded.keyring().current.id}
    with pytest.raises(KeyringError):
        guarded.retire_old_keys()

    assert subprocess.run(
        [sys.executable, "-m", "tcert", "keys", "rotate"], cwd=ROOT, env=environment(), check=True
    )
    assert writer.poll() is None, "it wrote all the time"
    with clock.frozen(clock.now() + guarded.SETTLE + timedelta(minutes=1)):
        guarded.close_again()
    with clock.frozen(clock.now() + 3 * guarded.SETTLE):
        guarded.retire_old_keys()
    before = int(writer.stdout.readline())
    while int(writer.stdout.readline()) < before + 3:
        pass
    writer.kill()
    writer.wait()

    assert guarded.key_ids_in_use() == {guarded.keyring().current.id} != {first}
    assert len(guarded.keyring().keys) == 1
    old = Mail.objects.filter(key__startswith="old")
    assert [row.subject for row in old if row.subject not in {row.key, f"{row.key} again"}] == []
    assert old.count() == ROWS
    assert all(row.subject.startswith("new ") for row in Mail.objects.filter(key=None))
