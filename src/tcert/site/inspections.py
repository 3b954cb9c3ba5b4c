"""What the top floor says about the installation."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.installation import Finding, demanded, fine, inspection
from tcert.site.backup import stamp
from tcert.site.backup.making import key_files

OLD = timedelta(days=7)


@inspection("backup", _("Backup"))
def inspect_backup() -> Iterator[Finding]:
    """Data and keys were copied, and the data not long ago."""
    made = stamp.last("data")
    if made is None:
        yield demanded(
            _("No backup of this hub was ever made here."),
            "tcert backup --to FOLDER --key CERTIFICATE.asc",
        )
    elif clock.now() - made > OLD:
        yield demanded(
            _("The last backup is %(days)d days old.") % {"days": (clock.now() - made).days},
            "tcert backup --to FOLDER --key CERTIFICATE.asc",
        )
    else:
        yield fine(_("The last backup was made on %(day)s.") % {"day": f"{made:%Y-%m-%d}"})
    if not settings.BACKUP_RETENTION_DAYS:
        yield demanded(
            _("Nobody is told for how long backups are kept, so when deleted things are gone."),
            _("Set TCERT_BACKUP_RETENTION_DAYS, and delete older backups."),
        )
    copied = stamp.last("keys")
    changed = [name for name, path in key_files().items() if copied and _is_newer(path, copied)]
    if copied is None:
        yield demanded(
            _("The hub's own keys were never backed up: without them no backup can be used."),
            "tcert backup-keys --to FOLDER --key CERTIFICATE.asc",
        )
    elif changed:
        yield demanded(
            _("These keys changed since their last backup: %(names)s.")
            % {"names": ", ".join(changed)},
            "tcert backup-keys --to FOLDER --key CERTIFICATE.asc",
        )


def _is_newer(path: Path, moment: datetime) -> bool:
    return path.exists() and path.stat().st_mtime > moment.timestamp() + 1
