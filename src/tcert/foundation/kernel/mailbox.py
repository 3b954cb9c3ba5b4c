"""Mailboxes that the hub reads over IMAP, and empties: of returned mail, of members' incidents.

The operator names the servers, as that of the outgoing mail; nobody else can. What lies in them
came from anybody: so only the beginning of each message is read, a bounded number at a time, and
each is deleted once it was handled. Nothing of it is kept or logged here.
"""

import imaplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from tcert.foundation.kernel import faults

MOST = 200
"""So many messages are read in one run."""
LONGEST = 64 * 1024
"""So many octets of returned mail are read: a report has its codes near its beginning."""
FAILURES = (OSError, imaplib.IMAP4.error)
"""What reading it raises when the server is away, refuses, or is not whom it should be."""
_TIMEOUT = 20
_SLACK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox over TLS: where it lies, how to sign in, how much of each message is read."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    ca: str
    """A file with the certificate that vouches for the server, or nothing for the system's."""
    longest: int
    """Octets of each message."""


class _Bounded(imaplib.IMAP4_SSL):
    """A server that announces more than was asked for is left, before it fills the memory."""

    longest = LONGEST

    def read(self, size: int) -> bytes:
        if size > self.longest + _SLACK:
            raise self.abort("the server sends more than was asked for")
        return super().read(size)


def is_configured() -> bool:
    """Tell whether the operator has named a mailbox for what is returned."""
    return bool(settings.BOUNCE_ADDRESS and settings.BOUNCE_IMAP_HOST)


def read_returned(handle: Callable[[bytes], object]) -> int:
    """Read the mailbox of returned mail; as `read`."""
    box = Mailbox(
        host=settings.BOUNCE_IMAP_HOST,
        port=settings.BOUNCE_IMAP_PORT,
        user=settings.BOUNCE_IMAP_USER,
        password=settings.BOUNCE_IMAP_PASSWORD,
        folder=settings.BOUNCE_IMAP_FOLDER,
        ca=settings.BOUNCE_IMAP_CA,
        longest=LONGEST,
    )
    return read(box, handle)


def read(mailbox: Mailbox, handle: Callable[[bytes], object]) -> int:
    """Give the beginning of each message to a function and delete it; returns how many there were.

    A message whose handler raises stays, and is read again at the next run; the others are handled
    all the same. One that the server does not give stays as well.

    Raises:
        Exception: what the first of the handlers raised that failed, after the others.
        OSError: the server cannot be reached, or its certificate does not fit.
        imaplib.IMAP4.error: it refuses the sign-in or the mailbox.

    """
    context = ssl.create_default_context(cafile=mailbox.ca or None)
    box = _Bounded(mailbox.host, mailbox.port, ssl_context=context, timeout=_TIMEOUT)
    box.longest = mailbox.longest
    try:
        box.login(mailbox.user, mailbox.password)
        answer, _count = box.select(mailbox.folder)
        if answer != "OK":
            raise imaplib.IMAP4.error("the mailbox cannot be opened")
        return _empty(box, mailbox.longest, handle)
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            box.logout()


def _empty(box: imaplib.IMAP4, longest: int, handle: Callable[[bytes], object]) -> int:
    answer, found = box.uid("SEARCH", "UNDELETED")
    if answer != "OK":
        raise imaplib.IMAP4.error("the mailbox cannot be searched")
    numbers = (found[0] or b"").split()[:MOST] if found else []
    failed: Exception | None = None
    handled = 0
    for number in (raw.decode("ascii", "replace") for raw in numbers):
        _answer, parts = box.uid("FETCH", number, f"(BODY.PEEK[]<0.{longest}>)")
        content = _content(parts)
        if content is None:
            continue
        try:
            handle(content[:longest])
        except Exception as error:
            if faults.fault_of(error) is not None:
                raise
            failed = failed or error
            continue
        box.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)")
        handled += 1
    box.expunge()  # also what was marked by a run that ended in the middle
    if failed is not None:
        raise failed
    return handled


def _content(parts: list[Any]) -> bytes | None:
    """Return the octets of the one message that was asked for; None if the server gives none."""
    return next((bytes(p[1]) for p in parts if isinstance(p, tuple)), None)
