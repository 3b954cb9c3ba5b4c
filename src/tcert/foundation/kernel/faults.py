"""What breaks under the hub: a full disk, a disk or database that takes no writing, none at all.

Such a fault is nobody's mistake and passes. It is told from mistakes by codes, never by an error's
text, which may quote what a person wrote.
"""

import errno
import sqlite3
from collections.abc import Iterator
from enum import StrEnum

from django.db import Error, InterfaceError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Fault(StrEnum):
    """The kinds that a person or an operator hears of."""

    AWAY = "the database does not answer"
    BUSY = "the database is busy"
    CLOSED = "the database cannot be opened"
    FAILING = "the disk fails"
    FULL = "the disk is full"
    READ_ONLY = "the disk or the database takes no writing"


_CURES: dict[Fault, Promise] = {
    Fault.AWAY: _("The database does not answer. Start it, or look at TCERT_DATABASE."),
    Fault.BUSY: _("The database is busy: something held it for too long. Try again."),
    Fault.CLOSED: _(
        "The database cannot be opened. Look at the rights and the owner of its folder, how the "
        "disk is mounted, and TCERT_DATABASE."
    ),
    Fault.FAILING: _("The disk failed, or it is full. Look at the system's log; keep the backups."),
    Fault.FULL: _("The disk is full. Make room; nothing of this act was kept."),
    Fault.READ_ONLY: _(
        "The data directory or the database takes no writing. Look at its rights, its owner and "
        "how the disk is mounted."
    ),
}

_OF_SYSTEM = {
    errno.ENOSPC: Fault.FULL,
    errno.EDQUOT: Fault.FULL,
    errno.EFBIG: Fault.FULL,
    errno.EIO: Fault.FAILING,
    errno.EROFS: Fault.READ_ONLY,
}
_OF_SQLITE = {
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_CANTOPEN: Fault.CLOSED,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_IOERR: Fault.FAILING,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
}
_PRIMARY = 0xFF  # SQLite's extended codes carry the plain one in their lowest octet
_OF_POSTGRES = {
    "25006": Fault.READ_ONLY,  # read-only SQL transaction
    "53100": Fault.FULL,
    "53300": Fault.BUSY,  # too many connections
    "55P03": Fault.BUSY,  # lock not available
}
_AWAY_CLASSES = ("08", "57P")  # connection exceptions; shut down, cannot connect now


def fault_of(error: BaseException | None) -> Fault | None:
    """Return the fault behind an error; None when it is a mistake, or anything else."""
    for one in _chain(error):
        found = _of_one(one)
        if found is not None:
            return found
    return None


def cure(fault: Fault) -> Promise:
    """Say what the operator does about a fault."""
    return _CURES[fault]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _of_one(error: BaseException) -> Fault | None:
    if isinstance(error, OSError):
        return _OF_SYSTEM.get(error.errno or 0)
    if isinstance(error, sqlite3.Error):
        return _OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY)
    if not isinstance(error, Error):
        return None
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state:
        return Fault.AWAY if state.startswith(_AWAY_CLASSES) else _OF_POSTGRES.get(state)
    if isinstance(cause, sqlite3.Error):
        return None  # the next one in the chain, which has a code
    # PostgreSQL's library gives no code to a connection that is gone.
    return Fault.AWAY if isinstance(error, OperationalError | InterfaceError) else None
