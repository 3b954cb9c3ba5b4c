"""Bringing a backup back: into an empty folder, whole or not at all.

Everything is received into a draft folder beside the target and proven there; the draft takes the
target's place in one step. What fails leaves the target as empty as it was.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from tcert.community.accounts.models import BrowserSession
from tcert.foundation.kernel import guarded, lasting, schema
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.keyring import Key, KeyringError
from tcert.foundation.kernel.storage import CiphertextStorage
from tcert.foundation.openpgp.packets import PacketError, binary
from tcert.foundation.openpgp.streaming import opened_from
from tcert.site.backup.archive import Damaged, Head, Reader, salt_mark
from tcert.site.backup.copies import postgres_environment, postgres_program
from tcert.site.backup.making import key_place

DATABASE_FILE = "hub.sqlite3"
_DUMP = "database.dump"
_SECRET = "PRIVATE KEY BLOCK"  # noqa: S105 - the name of an armour, no secret
_CHUNK = 1024 * 1024


class RestoreRefused(DomainError):
    """Nothing was restored; the message says why."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and from when."""

    made_at: str
    version: str
    database: str
    files: int = 0
    rows: int = 0
    absent: int = 0


@contextmanager
def source(path: Path | None, *, secret_key: bytes = b"", password: str = "") -> Iterator[BinaryIO]:
    """Give the plaintext of a backup: opened with a secret key, or standard input for None."""
    if path is None:
        yield sys.stdin.buffer
        return
    try:
        key = binary(secret_key, _SECRET)
    except PacketError:
        raise RestoreRefused(_("The file of the secret key holds no OpenPGP secret key.")) from None
    with opened_from(path.open("rb"), secret_key=key, password=password) as plaintext:
        yield plaintext


def newest(place: Path, kind: str) -> Path:
    """Return a backup file, or the newest of a kind in a folder; raises `RestoreRefused`."""
    if not place.is_dir():
        return place
    found = sorted(place.glob(f"hub-{kind}-*.pgp"))
    if not found:
        raise RestoreRefused(_("There is no backup of this kind in %s.") % place)
    return found[-1]


def require_empty(folder: Path) -> None:
    """Raise `RestoreRefused` unless a folder is empty or missing."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RestoreRefused(
            _(
                "%s is not empty, and a restore replaces nothing. Name an empty folder, and keep "
                "the keys outside of it (TCERT_KEYS)."
            )
            % folder
        )


class Restore:
    """One restore of the data: `receive` the stream, then `settle` what was received."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        require_empty(self.folder)
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self.folder.parent.glob(f".{self.folder.name}.draft-*"):
            shutil.rmtree(left)  # of a restore that was killed: it holds the database in clear
        self.draft = self.folder.with_name(f".{self.folder.name}.draft-{token_hex(8)}")
        self.draft.mkdir(mode=0o700)

    def receive(self, plaintext: BinaryIO) -> Restored:
        """Read, write and prove a whole archive; raises `RestoreRefused`."""
        try:
            archive = Reader(plaintext)
            key = _require_ours(archive.head)
            files = self._parts(archive)
            archive.prove(key)
        except Damaged as error:
            raise RestoreRefused(
                _("This backup cannot be used: %(why)s. Nothing was restored.") % {"why": error}
            ) from error
        return Restored(
            made_at=archive.head.made_at,
            version=archive.head.version,
            database=archive.head.database,
            files=files,
            rows=int(archive.told.get("rows", 0)),
            absent=len(archive.told.get("absent", ())),
        )

    def settle(self, database: str) -> None:
        """Put what was received in its place; nobody stays signed in."""
        dump = self.draft / _DUMP
        if database == "postgresql":
            _restore_postgres(dump)
        else:
            _prepare_sqlite(dump)
            dump.rename(self.draft / DATABASE_FILE)
        lasting.sync_directory(self.draft)
        self.draft.rename(self.folder)  # takes the place of an empty folder in one step
        lasting.sync_directory(self.folder.parent)

    def discard(self) -> None:
        """Delete what was received, if it was not settled."""
        if self.draft.exists():
            shutil.rmtree(self.draft)

    def _parts(self, archive: Reader) -> int:
        files = 0
        shelves = CiphertextStorage(self.draft / "sealed")
        handle = os.open(self.draft / _DUMP, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as dump:
            for name, content in archive.parts():
                folder, _slash, rest = name.partition("/")
                if folder == "database":
                    shutil.copyfileobj(content, dump, _CHUNK)
                elif folder == "files":
                    shelves.bring_back(rest, content)
                    files += 1
                else:
                    raise Damaged("it holds what no backup holds")
            dump.flush()
            os.fsync(dump.fileno())
        return files


def restore(plaintext_of: AbstractContextManager[BinaryIO], folder: Path) -> Restored:
    """Restore the data into an empty folder; raises `RestoreRefused`, `OpeningRefused`."""
    work = Restore(folder)
    try:
        with plaintext_of as plaintext:
            restored = work.receive(plaintext)
        work.settle(restored.database)
    finally:
        work.discard()
    return restored


def restore_keys(plaintext_of: AbstractContextManager[BinaryIO]) -> Restored:
    """Put the keys of a backup into the places that the settings name.

    A file that is there already stays, and must be the same; only the key that signs sessions and
    forms is replaced, because each command makes one where there is none.

    Raises:
        RestoreRefused, OpeningRefused: nothing was written.

    """
    found: dict[str, str] = {}
    with plaintext_of as plaintext:
        try:
            archive = Reader(plaintext)
            if archive.head.kind != "keys":
                raise RestoreRefused(_("This is a backup of the data: use “tcert restore”."))
            for name, content in archive.parts():
                found[name.removeprefix("keys/")] = content.read().decode("ascii")
        except (Damaged, UnicodeDecodeError) as error:
            raise RestoreRefused(
                _("This backup cannot be used: %(why)s. Nothing was restored.") % {"why": error}
            ) from error
    for name, text in found.items():
        path = key_place(name)
        if name != "secret-key" and path.exists() and path.read_text(encoding="ascii") != text:
            raise RestoreRefused(_("There is another key at %s: move it away first.") % path)
    for name, text in found.items():
        is_public = name.endswith((".pub", ".txt"))
        key_place(name).parent.mkdir(
            mode=0o755 if is_public else 0o700, exist_ok=True, parents=True
        )
        lasting.replace(key_place(name), text, mode=0o644 if is_public else 0o600)
    return Restored(
        made_at=archive.head.made_at,
        version=archive.head.version,
        database="",
        files=len(found),
    )


def _restore_postgres(dump: Path) -> None:
    """Fill an empty database in one transaction: all of it, or nothing."""
    with connection.cursor() as cursor:
        if connection.introspection.table_names(cursor):
            raise RestoreRefused(
                _("The database is not empty. Make a new one and name it in TCERT_DATABASE.")
            )
    connection.close()
    command = [
        *(postgres_program("pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error"),
        *("--single-transaction", f"--dbname={connection.settings_dict['NAME']}", str(dump)),
    ]
    done = subprocess.run(  # noqa: S603 - a fixed program; the password is in no argument
        command, env=postgres_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RestoreRefused(
            _("pg_restore failed, the database is unchanged: %s") % done.stderr.strip()[-300:]
        )
    with connection.cursor() as cursor:
        cursor.execute(_end_sessions())
    dump.unlink()


def _prepare_sqlite(dump: Path) -> None:
    try:
        with closing(sqlite3.connect(dump)) as database:
            database.execute("PRAGMA secure_delete=ON")
            if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise RestoreRefused(_("The database in this backup is damaged."))
            database.execute(_end_sessions())
            database.commit()
    except sqlite3.Error as error:
        raise RestoreRefused(_("The database in this backup is damaged.")) from error


def _end_sessions() -> str:
    """Sign everybody out: a session that was ended since would come back to life."""
    return f'DELETE FROM "{BrowserSession._meta.db_table}"'  # noqa: S608 - our own name


def _require_ours(head: Head) -> Key:
    """Refuse an archive that this code or these keys cannot use; returns the key that proves it."""
    if head.kind != "data":
        raise RestoreRefused(_("This is a backup of keys: use “tcert restore-keys”."))
    if schema.unknown(head.schema.items()):
        raise RestoreRefused(
            _("This backup was made by a later version (%s). Install that version first.")
            % head.version
        )
    if head.database != connection.vendor:
        raise RestoreRefused(
            _("This backup is of %(kind)s: set TCERT_DATABASE accordingly.")
            % {"kind": "PostgreSQL" if head.database == "postgresql" else "SQLite"}
        )
    try:
        ring = {key.id.hex(): key for key in guarded.keyring().keys}
    except KeyringError as error:
        raise RestoreRefused(
            _("Restore the keys first (“tcert restore-keys”): %s") % error
        ) from error
    if set(head.field_keys) - ring.keys() or head.sealed_under not in ring:
        raise RestoreRefused(
            _(
                "This backup is of another hub, or older than the keys that are here: the field "
                "keys that it needs are missing. Restore the keys of its own time first."
            )
        )
    salt = settings.RECEIPT_SALT_FILE
    if head.salt_mark and (not salt.exists() or salt_mark(salt.read_text()) != head.salt_mark):
        raise RestoreRefused(
            _("The salt of the receipts is missing or another: every receipt would be lost.")
        )
    return ring[head.sealed_under]
