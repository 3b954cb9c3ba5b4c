"""One entry of the log: the time in UTC, and nothing in it that looks like another entry.

What is logged may hold what a stranger sent, the path of an address for instance. A line break in
it would forge an entry, a control character would speak to the operator's terminal.
"""

import logging
from datetime import UTC, datetime


def one_line(text: str) -> str:
    """Return text with everything that is not printable written as its escape."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


class LineFormatter(logging.Formatter):
    """`2026-11-24T15:00:00Z LEVEL logger message`; a traceback follows, each line behind a bar."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002 - the library's name
        """Return the second in UTC, whatever zone the machine or the viewer has."""
        return f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%SZ}"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the entry's first line."""
        return one_line(super().formatMessage(record))

    def formatException(self, ei: "logging._SysExcInfoType") -> str:  # noqa: N802 - the library's name
        """Return the traceback, so that no line of it begins like an entry."""
        lines = super().formatException(ei).splitlines()
        return "\n".join(f"| {one_line(line)}" for line in lines)
