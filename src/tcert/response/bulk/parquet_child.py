"""The process that reads a Parquet file: ``python -m`` this module with its path.

Writes a JSON line for each row to standard output, with the columns alone that `tcert route` reads.
A row that cannot be told is a line that is no record, so that it is refused by its number. Ends
with one of the codes of `parquet`.
"""

import os
import resource
import sys
from collections.abc import Iterator
from typing import Any

from tcert.response.bulk.fields import FIELDS, NESTED
from tcert.response.bulk.parquet import DAMAGED, MISSING, NO_COLUMN, TOO_LARGE

MOST_MEMORY = 3 << 29
"""Octets of address space, 1.5 GiB: the library maps much that it does not use."""
ROWS = 1_000
"""Rows that are held at once."""
MOST_COLUMNS = 10_000
_PAGES = 1 << 18
"""Octets of a column that are read ahead; a row group is never held as a whole."""
_UNREADABLE = b'"a cell that cannot be told"'


def main() -> int:
    """Write the rows of the file that the command line names."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        return MISSING
    pa.set_cpu_count(1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    try:
        file = parquet.ParquetFile(sys.argv[1], buffer_size=_PAGES, pre_buffer=False)
        wanted = [
            name
            for name in file.schema_arrow.names[:MOST_COLUMNS]
            if name in FIELDS or name in NESTED
        ]
        if not wanted:
            return NO_COLUMN
        for batch in file.iter_batches(batch_size=ROWS, columns=wanted, use_threads=False):
            _write(b"".join(_lines(batch)))
    except (MemoryError, pa.ArrowMemoryError):
        return TOO_LARGE
    except BrokenPipeError:
        return 0  # who reads has read enough
    except (OSError, ValueError, TypeError, KeyError, NotImplementedError, pa.ArrowException):
        return DAMAGED
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
    """Return the cells of a column; times to the microsecond, which is as fine as they are kept."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
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
