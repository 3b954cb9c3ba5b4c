"""A consistent copy of the database while the hub runs, and the names of the files it refers to."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, cast

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from tcert.foundation.kernel import schema, storage
from tcert.foundation.kernel.errors import DomainError

_SNAPSHOT = ".snapshot-"


class CopyFailed(DomainError):
    """The database could not be copied; nothing was written to the backup's place."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the database at one moment."""

    content: BinaryIO
    files: frozenset[str]
    schema: dict[str, str]
    rows: int


@contextmanager
def only_one() -> Iterator[None]:
    """Let one process at a time make copies; raises `CopyFailed` when another does."""
    handle = os.open(settings.DATA_DIR / ".backup-lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CopyFailed(_("Another backup is running. Wait for its end.")) from None
    finally:
        os.close(handle)


def sweep() -> None:
    """Delete snapshots that a killed backup left, unless one is running now."""
    with suppress(CopyFailed, OSError), only_one():
        _sweep()


def _sweep() -> None:
    for path in settings.DATA_DIR.glob(f"{_SNAPSHOT}*"):
        path.unlink(missing_ok=True)


@contextmanager
def copied() -> Iterator[Copy]:
    """Give a consistent copy of the hub's database; call it inside `only_one`.

    Raises:
        CopyFailed: the database is damaged, or a program that copies it is missing or failed.

    """
    with _of_postgres() if connection.vendor == "postgresql" else _of_sqlite() as copy:
        yield copy


def snapshot(target: Path) -> None:
    """Copy the SQLite database into a new file and prove that it is whole; raises `CopyFailed`."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(handle)
    name = Path(str(connection.settings_dict["NAME"]))
    try:
        with (
            closing(sqlite3.connect(f"{name.as_uri()}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy)  # in one step: writers go on beside it, and are not in it
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
            _require_whole(copy)
        with target.open("rb") as file:
            os.fsync(file.fileno())
    except sqlite3.Error as error:
        _remove(target)
        raise CopyFailed(
            _("The database could not be copied (%(error)s): is the disk full or the file damaged?")
            % {"error": type(error).__name__}
        ) from error
    except BaseException:
        _remove(target)
        raise


def _remove(copy: Path) -> None:
    """Delete a copy with the journal that SQLite leaves beside it when a write fails."""
    for path in copy.parent.glob(f"{copy.name}*"):
        path.unlink(missing_ok=True)


def _require_whole(copy: sqlite3.Connection) -> None:
    if copy.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        raise CopyFailed(
            _("The database is damaged: its copy fails its check. Keep the last backup.")
        )


@contextmanager
def _of_sqlite() -> Iterator[Copy]:
    _sweep()
    target = settings.DATA_DIR / f"{_SNAPSHOT}{token_hex(8)}"
    snapshot(target)
    try:
        with closing(sqlite3.connect(target)) as database:
            ask = database.execute
            files = {
                row[0]
                for table, column in storage.columns()
                for row in ask(f'SELECT "{column}" FROM "{table}"')  # noqa: S608 - our own names
            }
            tables = [row[0] for row in ask("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = sum(
                ask(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608 - as above
                for table in tables
            )
            migrations = dict(ask("SELECT app, name FROM django_migrations ORDER BY name"))
        with target.open("rb") as content:
            yield Copy(content, frozenset(files), migrations, rows)
    finally:
        _remove(target)


@contextmanager
def _of_postgres() -> Iterator[Copy]:
    """Let `pg_dump` see the very snapshot in which the names of the files are read."""
    program = postgres_program("pg_dump")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        at = cursor.fetchone()[0]
        files: set[str] = set()
        for table, column in storage.columns():
            cursor.execute(f'SELECT "{column}" FROM "{table}"')  # noqa: S608 - our own names
            files |= {row[0] for row in cursor.fetchall()}
        rows = 0
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - as above
            rows += cursor.fetchone()[0]
        migrations = schema.applied()
        command = [program, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={at}"]
        with subprocess.Popen(  # noqa: S603 - a fixed program; the password is in no argument
            command, env=postgres_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as dump:
            try:
                yield Copy(cast(BinaryIO, dump.stdout), frozenset(files), migrations, rows)
            except BaseException:
                dump.kill()
                raise
            said = cast(BinaryIO, dump.stderr).read().decode(errors="replace").strip()
            if dump.wait() != 0:
                raise CopyFailed(_("pg_dump failed: %(said)s") % {"said": said[-300:]})


def postgres_program(name: str) -> str:
    """Return the path of a program of PostgreSQL's client; raises `CopyFailed`."""
    found = shutil.which(name, path=os.environ.get("TCERT_PG_BIN") or None)
    if found is None:
        raise CopyFailed(
            _(
                "%(name)s is missing. Install the PostgreSQL client of the server's version, or "
                "set TCERT_PG_BIN to the folder that holds it."
            )
            % {"name": name}
        )
    return found


def postgres_environment() -> dict[str, str]:
    """Tell PostgreSQL's programs the database by environment, which other users cannot read."""
    about = connection.settings_dict
    told = {
        "PGDATABASE": about["NAME"],
        "PGUSER": about["USER"],
        "PGPASSWORD": about["PASSWORD"],
        "PGHOST": about["HOST"],
        "PGPORT": about["PORT"],
        "PGSSLMODE": about["OPTIONS"].get("sslmode"),
        "PGSSLROOTCERT": about["OPTIONS"].get("sslrootcert"),
    }
    return {**os.environ, **{name: str(value) for name, value in told.items() if value}}
