"""Parquet as one more input: rows as the JSON lines that all else is, read in a limited process.

The reader is a large library of C++ that keeps threads and takes the memory that a file names. It
runs in a process of its own: it cannot break this one, which starts others by copying itself, and
what it holds at a time is bounded. This end reads lines from a pipe.
"""

import errno
import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from io import RawIOBase
from pathlib import Path
from typing import IO

MAGIC = (b"PAR1", b"PARE")
"""How a Parquet file begins; the second where even its table of contents is encrypted."""
PROCESS = ("-m", "tcert.response.bulk.parquet_child")
MISSING, NO_COLUMN, DAMAGED, TOO_LARGE, SWELLS = 3, 4, 5, 6, 7
"""Exit codes of the reader."""
_SAID = {
    MISSING: "Parquet needs the library pyarrow, which is not installed. Install it: make extras, "
    "or pip install 'tcert-hub[parquet]'",
    NO_COLUMN: "no column of it has a name that is read",
    DAMAGED: "it is damaged, cut off or encrypted",
    TOO_LARGE: "reading it takes more memory than a file is given: write it with smaller row "
    "groups and pages",
    SWELLS: "it holds far more rows than its size allows for, all of them the same: it may be made "
    "to fill a disk. Write its rows as JSON lines if they are meant",
}
_BROKE = "its reader broke on it, which may be what it was made for"


def lacks_its_library(path: Path) -> str:
    """Return what to say before a run begins that could not read a file, else nothing.

    A run that had begun would end without it, and would have to be made anew in another folder.
    """
    if not path.is_file() or find_spec("pyarrow") is not None:
        return ""
    with path.open("rb") as file:
        return f"{path}: {_SAID[MISSING]}" if file.read(len(MAGIC[0])) in MAGIC else ""


class ParquetLines(RawIOBase, IO[bytes]):
    """A Parquet file, read as JSON lines: the number of a line is that of its row.

    The same file gives the same lines, so that a run that was stopped goes on at an octet of them.
    Raises OSError with a sentence where the file cannot be read on.
    """

    def __init__(self, path: Path) -> None:
        self._reader = subprocess.Popen(  # noqa: S603 - our own module, by its name
            [sys.executable, "-I", *PROCESS, str(path.resolve())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": "/usr/bin:/bin", "ARROW_DEFAULT_MEMORY_POOL": "system"},
            cwd="/",
            start_new_session=True,
        )

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return so many octets of lines, fewer only at the end of the file.

        What comes before the place where it breaks off is returned first.
        """
        assert self._reader.stdout is not None  # noqa: S101 - it is a pipe
        data: bytes = self._reader.stdout.read(size)
        if size < 0 or len(data) < size:
            code = self._reader.wait()
            if code and (size < 0 or not data):
                raise OSError(errno.EIO, _SAID.get(code, _BROKE))
        return data

    def close(self) -> None:
        """End the reader too, wherever it is."""
        if self._reader.poll() is None:
            os.killpg(self._reader.pid, signal.SIGKILL)
        self._reader.wait()
        if self._reader.stdout is not None:
            self._reader.stdout.close()
        super().close()
