"""How the database's schema stands to this code: the same, older, or from a later version."""

from collections.abc import Iterable
from pathlib import Path

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.beside import GENERATION, Tolerated
from tcert.foundation.kernel.errors import DomainError


class NewerSchema(DomainError):
    """The database was written by a later version: this code would misread and harm it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This database belongs to a later version of the hub. Nothing was touched. "
                "Put the later version back, or restore the copy that was made before the upgrade."
            ),
            code="newer-schema",
        )


def exists() -> bool:
    """Tell whether there is a database; looking must not make an empty one."""
    return connection.vendor != "sqlite" or Path(str(connection.settings_dict["NAME"])).exists()


def is_pending() -> bool:
    """Tell whether the database lacks migrations of this code."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_new() -> bool:
    """Tell whether no migration was ever applied: there is nothing to lose."""
    return not exists() or not applied()


def applied() -> dict[str, str]:
    """Return the last applied migration of each app that has one."""
    return dict(sorted(MigrationLoader(connection).applied_migrations))


def unknown(migrations: Iterable[tuple[str, str]]) -> list[str]:
    """Return those of some applied migrations, as `app.name`, that this code does not have."""
    known: set[tuple[str, str]] = set()
    for key, migration in MigrationLoader(None).disk_migrations.items():
        known |= {key, *migration.replaces}
    return sorted(f"{app}.{name}" for app, name in migrations if (app, name) not in known)


def is_newer() -> bool:
    """Tell whether a later version migrated the database."""
    return exists() and bool(unknown(MigrationLoader(connection).applied_migrations))


def may_go_on() -> bool:
    """Tell whether every later migration states that this generation of the code may go on."""
    found = set(unknown(MigrationLoader(connection).applied_migrations))
    if Tolerated._meta.db_table not in connection.introspection.table_names():
        return not found
    stated = Tolerated.objects.filter(by__lte=GENERATION).values_list("app", "name")
    return found <= {f"{app}.{name}" for app, name in stated}


def refuse_newer() -> None:
    """Raise `NewerSchema` when the database knows migrations that this code does not.

    Unless each of them says that this code may run beside it, as during an upgrade without a break.
    """
    if is_newer() and not may_go_on():
        raise NewerSchema
