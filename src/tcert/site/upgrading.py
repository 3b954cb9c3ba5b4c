"""Bringing the database to this version's schema, with a way back."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils.translation import gettext as _

from tcert.foundation.kernel import clock, schema
from tcert.foundation.kernel.errors import DomainError
from tcert.site.backup import copies

KEEP_COPIES = 2
KEEP_DAYS = timedelta(days=14)
_MARK = "before-"


class CopyFirst(DomainError):
    """The hub cannot copy this database by itself; the operator says that a backup stands."""


def migrate(*, have_backup: bool, verbosity: int = 0) -> None:
    """Apply what is pending; a database with data is copied first.

    Raises:
        NewerSchema: a later version has been here.
        CopyFirst: the database is PostgreSQL and nobody said that there is a backup.
        CopyFailed: the copy could not be made; nothing was migrated.

    """
    schema.refuse_newer()
    if not schema.is_pending():
        return
    if not schema.is_new():
        if connection.vendor == "sqlite":
            with copies.only_one():
                copies.snapshot(_place() / f"{_stem()}{clock.now():%Y%m%dT%H%M%S%f}")
            prune_copies()
        elif not (have_backup or settings.HAVE_BACKUP):
            raise CopyFirst(
                _(
                    "The database must be brought to this version. Make a backup first (tcert "
                    "backup, with the old version), then say so: --i-have-a-backup, or "
                    "TCERT_HAVE_BACKUP=1."
                )
            )
    call_command("migrate", interactive=False, verbosity=verbosity)


def prune_copies() -> None:
    """Keep the latest two copies, and none for long: they hold what was deleted since."""
    if connection.vendor != "sqlite":
        return
    found = sorted(_place().glob(f"{_stem()}*"))
    oldest = f"{_stem()}{clock.now() - KEEP_DAYS:%Y%m%dT%H%M%S}"
    for number, path in enumerate(reversed(found)):
        if number >= KEEP_COPIES or path.name < oldest:
            path.unlink(missing_ok=True)


def _place() -> Path:
    return Path(str(connection.settings_dict["NAME"])).parent


def _stem() -> str:
    return f"{Path(str(connection.settings_dict['NAME'])).name}.{_MARK}"
