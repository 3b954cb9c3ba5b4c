"""When the last backup was made: a small file in the data directory, for `tcert check`."""

import json
from datetime import datetime
from pathlib import Path

from django.conf import settings

from tcert.foundation.kernel import clock, lasting


def _path() -> Path:
    return Path(settings.DATA_DIR) / "last-backup.json"


def _read() -> dict[str, str]:
    try:
        told = json.loads(_path().read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def note(kind: str) -> None:
    """Write down that a backup of a kind, `data` or `keys`, was made now."""
    lasting.replace(_path(), json.dumps({**_read(), kind: clock.now().isoformat()}))


def last(kind: str) -> datetime | None:
    """Return when the last backup of a kind was made; None if never, or if the file is damaged."""
    try:
        return datetime.fromisoformat(_read().get(kind, ""))
    except (ValueError, TypeError):
        return None
