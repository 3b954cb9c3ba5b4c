"""Making deletion true on disk: what a row held must not linger in free pages or the log.

SQLite zeroes deleted pages (`secure_delete`), but its write-ahead log keeps older copies until
it is truncated; PostgreSQL keeps dead rows until a vacuum. Backups expire on their own.
"""

from django.apps import apps
from django.db import connection


def erase_traces() -> None:
    """Rewrite the database, or this room's tables, without what was deleted.

    Must stand outside any transaction.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        quote = connection.ops.quote_name
        for table in apps.get_app_config("sealed").get_models():
            cursor.execute(f"VACUUM {quote(table._meta.db_table)}")
