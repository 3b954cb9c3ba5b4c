"""Making deletion true on disk: what a row held must not linger in free pages or the log.

SQLite zeroes what is deleted (`secure_delete`). Its write-ahead log keeps older copies until it is
truncated, and a page may keep remains of rows that were moved in it until the file is rewritten.
The log is truncated soon after a deletion. The file is rewritten in the night that follows: readers
go on, writers wait. 1 GB took 16 seconds on two busy cores, of the 20 that a writer waits.

PostgreSQL marks the space of dead rows as free (VACUUM) and overwrites it when it needs it. Its
own log, archives, replicas, the file system and the disk keep older copies as long as they do.
Backups expire on their own, on both.
"""

import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.db import connection

NIGHT = timedelta(hours=3, minutes=30)
SPARE = 64 * 1024 * 1024
"""What must stay free beside the copy, so that a hub never fills its disk by tidying up."""


LARGEST = 1024**3
"""Above that writers would wait in vain: the operator rewrites the file while the hub stands."""


class StillRead(Exception):
    """Somebody reads the database at this moment; the log keeps older pages until they are done."""


class NoRoom(Exception):
    """The disk has no room for a second copy of the database."""


def next_night(now: datetime) -> datetime:
    """Return the next moment at which the database may be rewritten."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    tonight = midnight + NIGHT
    return tonight if tonight > now else tonight + timedelta(days=1)


def erase_traces() -> None:
    """Take what was deleted out of the log (SQLite) or free its space (PostgreSQL).

    Must stand outside any transaction.

    Raises:
        StillRead: another connection kept the log; try again.

    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _pages, _moved = cursor.fetchone()
            if busy:
                raise StillRead
            return
        quote = connection.ops.quote_name
        tables = {model._meta.db_table for model in apps.get_models() if model._meta.managed}
        present = tables.intersection(connection.introspection.table_names(cursor))
        cursor.execute(f"VACUUM {', '.join(quote(table) for table in sorted(present))}")


def rewrite() -> bool:
    """Write SQLite's file anew without its free pages; tells whether it did.

    Must stand outside any transaction.

    Raises:
        NoRoom: the copy would not fit.
        StillRead: another connection kept the log; try again.

    """
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA freelist_count")
        if not cursor.fetchone()[0] or size() > LARGEST:
            return False
        _require_room()
        cursor.execute("VACUUM")
    erase_traces()
    return True


def size() -> int:
    """Return how large SQLite's file is; 0 for PostgreSQL."""
    return _file().stat().st_size if connection.vendor == "sqlite" else 0


def _file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _require_room() -> None:
    """VACUUM makes a copy among the temporary files, and then writes it through the log."""
    needed = size() + SPARE
    places = [_file().parent, Path(os.environ.get("SQLITE_TMPDIR") or tempfile.gettempdir())]
    if any(shutil.disk_usage(place).free < needed for place in places):
        raise NoRoom
