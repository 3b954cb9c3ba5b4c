"""The process that reads a Parquet file: ``python -m`` this module with its path.

Writes a JSON line for each row to standard output, with the columns alone that `tcert route` reads.
A row that cannot be told is a line that is no record, so that it is refused by its number. Ends
with one of the codes of `parquet`.
"""

import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tcert.response.bulk.fields import FIELDS, NESTED
from tcert.response.bulk.parquet import DAMAGED, MISSING, NO_COLUMN, SWELLS, TOO_LARGE

MOST_MEMORY = 3 << 29
"""Octets of address space, 1.5 GiB: the library maps much that it does not use."""
ROWS = 1_000
"""Rows that are held at once."""
MOST_SECONDS = 60
"""Of the processor between one write and the next: more is a file that is made to take it."""
FREE_ROWS, ROWS_OF_AN_OCTET = 1_000_000, 64
"""A file has no more rows than this: what differs from row to row takes room in it, and a million
of one row is written in some octets."""
_PAGES = 1 << 18
"""Octets of a column that are read ahead; a row group is never held as a whole."""
_UNREADABLE = b'"a cell that cannot be told"'


def main() -> int:
    """Write the rows of the file that the command line names."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)  # ends the process; waiting is not counted
    try:
        import pyarrow as pa
        import pyarrow.parquet  # loaded before fewer files can be opened
    except ImportError:
        return MISSING
    pa.set_cpu_count(1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    try:
        return _told(Path(sys.argv[1]))
    except (MemoryError, pa.ArrowMemoryError):
        return TOO_LARGE
    except BrokenPipeError:
        return 0  # who reads has read enough
    except (OSError, ValueError, TypeError, KeyError, NotImplementedError, pa.ArrowException):
        return DAMAGED


def _told(path: Path) -> int:
    """Write the rows of a file; return how it ended."""
    from pyarrow import parquet

    file = parquet.ParquetFile(path, buffer_size=_PAGES, pre_buffer=False)
    names = dict.fromkeys(file.schema_arrow.names)
    wanted = [name for name in names if name in FIELDS or name in NESTED]
    if not wanted:
        return NO_COLUMN
    left = FREE_ROWS + ROWS_OF_AN_OCTET * path.stat().st_size
    if file.metadata.num_rows > left:
        return SWELLS
    for batch in file.iter_batches(batch_size=ROWS, columns=wanted, use_threads=False):
        left -= batch.num_rows
        if left < 0:  # its table of contents said fewer
            return SWELLS
        _write(b"".join(_lines(batch)))
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    return 0


def _lines(batch: Any) -> Iterator[bytes]:
    """Yield the rows of a batch; columns are read apart, so that one bad cell is one bad row."""
    import orjson

    columns = [(name, _values(batch.column(n))) for n, name in enumerate(batch.schema.names)]
    for row in range(batch.num_rows):
        try:
            record = {
                name: _plain(values[row]) for name, values in columns if values[row] is not None
            }
            line = orjson.dumps(record, option=orjson.OPT_NAIVE_UTC)
        except (TypeError, ValueError):
            line = _UNREADABLE
        yield line + b"\n"


class _Unreadable:
    """Stands for a cell that the library cannot tell as a value of Python."""


def _values(column: Any) -> list[Any]:
    """Return the cells of a column; times to the microsecond, which is as fine as they are kept.

    A time that names a zone is kept in UTC, so that its zone need not be one that is known here.
    """
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        zone = column.type.tz and "UTC"
        column = column.cast(pa.timestamp(column.type.unit, zone))
        if column.type.unit == "ns":
            column = column.cast(pa.timestamp("us", zone), safe=False)
    try:
        return list(column.to_pylist())
    except (ValueError, TypeError, OverflowError, NotImplementedError, pa.ArrowException):
        return [_cell(one) for one in column]


def _cell(one: Any) -> Any:
    import pyarrow as pa

    try:
        return one.as_py()
    except (ValueError, TypeError, OverflowError, NotImplementedError, pa.ArrowException):
        return _Unreadable()


def _plain(value: Any) -> Any:
    """Return a cell as JSON has it; octets are text, a whole number in another type is a number."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


if __name__ == "__main__":
    sys.exit(main())
