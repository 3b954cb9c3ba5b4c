"""Empty the database after a test that committed: only the tables in which something stands.

Django's own way truncates every table and makes types of content and permissions anew; with some
250 tables this took longer than most tests.
"""

from functools import cache

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.test import TransactionTestCase

KEPT = {"django_content_type", "auth_permission"}  # made by migrations, and no test changes them


@cache
def tables() -> tuple[str, ...]:
    """Return the names of all tables of models, those between many and many among them."""
    models = apps.get_models(include_auto_created=True)
    names = {model._meta.db_table for model in models if model._meta.managed}
    return tuple(sorted(names - KEPT))


def empty(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Delete every row of every table but those that are kept."""
    connection = connections[alias]
    quote = connection.ops.quote_name
    # A union of hundreds is more than SQLite takes; columns of one row it takes by the thousand.
    asked = ", ".join(f"EXISTS (SELECT 1 FROM {quote(name)})" for name in tables())  # noqa: S608
    with (
        connection.constraint_checks_disabled(),
        transaction.atomic(using=alias),
        connection.cursor() as cursor,
    ):
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")  # no foreign keys
        cursor.execute(f"SELECT {asked}")
        for name, stands in zip(tables(), cursor.fetchone(), strict=True):
            if stands:
                cursor.execute(f"DELETE FROM {quote(name)}")  # noqa: S608 - a table of ours


def _fixture_teardown(self: TransactionTestCase) -> None:
    for alias in self._databases_names(include_mirrors=False):
        empty(alias)


def install() -> None:
    """Let every test that commits end this way."""
    TransactionTestCase._fixture_teardown = _fixture_teardown  # type: ignore[method-assign]
