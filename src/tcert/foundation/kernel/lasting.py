"""Small files that must outlive a power cut: keys, salts, secrets. Pure of Django."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex


def write_new(path: Path, text: str) -> None:
    """Write a file of our own that is there whole or not at all, and see it to the disk.

    Two processes may start at once: the second never reads a file that the first only began.

    Raises:
        FileExistsError: there is a file already; it is left as it is.

    """
    with _draft(path, text, 0o600) as draft:
        os.link(draft, path)  # unlike a rename, refuses to replace what came first


def replace(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a file anew: whoever reads it meanwhile gets the old text or the new one, whole."""
    with _draft(path, text, mode) as draft:
        draft.replace(path)


@contextmanager
def _draft(path: Path, text: str, mode: int) -> Iterator[Path]:
    """Write beside the path; the draft's rights hold before its content is there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            os.fchmod(handle, mode)  # whatever the process masks: others must read a public half
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make what was added to a directory, renamed or taken out of it last."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
