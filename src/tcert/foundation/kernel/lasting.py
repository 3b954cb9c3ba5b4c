"""Small files that must outlive a power cut: keys, salts, secrets. Pure of Django."""

import os
from pathlib import Path


def write_new(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a file and see it to the disk; its rights hold before its content is there.

    Raises:
        FileExistsError: there is a file already; a lasting file is never written over.

    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make what was added to a directory, renamed or taken out of it last."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
