"""A random key for one day, in a file that no backup takes: it keys hashes of network addresses.

There are so few addresses that whoever has the key can try them all. So it lies neither in the
database nor in a backup of it or of the keys, and is gone when the day is: from then on nobody can
tell whose a hash was, in however old a copy.
"""

import secrets
from contextlib import suppress
from datetime import date
from pathlib import Path

from django.conf import settings

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.lasting import write_new

_read: dict[Path, bytes] = {}


def of_today() -> bytes:
    """Return the key of the present day (UTC), the same in every process; made on first use."""
    path = _path(clock.today())
    if path not in _read:
        if not path.exists():
            with suppress(FileExistsError):
                write_new(path, secrets.token_hex(32))
            prune()
        _read.clear()
        _read[path] = bytes.fromhex(path.read_text())
    return _read[path]


def prune() -> None:
    """Delete the keys of days that are over."""
    today = _path(clock.today())
    if today.parent.is_dir():
        for path in today.parent.iterdir():
            if path.name < today.name and not path.name.startswith("."):
                path.unlink(missing_ok=True)


def _path(day: date) -> Path:
    folder: Path = settings.DATA_DIR / "address-keys"
    return folder / day.isoformat()
