"""The mailbox for members' incidents: where it lies, and whether it can be read."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache

from tcert.foundation.kernel import faults, mailbox
from tcert.foundation.openpgp import mailkey
from tcert.response.incidents.domain import mailing
from tcert.response.incidents.domain.mailing import Look
from tcert.response.incidents.letter import MOST_BYTES

logger = logging.getLogger(__name__)

FAILED = "incidents:mailbox-failed"
"""Under this name every process finds why the mailbox could not be read lately."""
_REMEMBERED = int(timedelta(hours=2).total_seconds())


def is_open() -> bool:
    """Tell whether members can mail incidents: an address, its mailbox, and a key to seal to."""
    return is_configured() and mailkey.public() is not None


def is_configured() -> bool:
    """Tell whether the operator has named an address and its mailbox."""
    return bool(settings.INCIDENT_ADDRESS and settings.INCIDENT_IMAP_HOST)


def read(principal_of: Look) -> int:
    """Take what lies in the mailbox and empty it; returns how many mails there were.

    A mailbox that cannot be reached is told by `tcert check`, not by a dead job every two minutes.

    Raises:
        HubKeyProblem: the key for mail cannot be loaded; no mail was touched.

    """
    if not is_open():
        return 0
    mailkey.load()  # before a mail counts against its sender that nobody could open
    box = mailbox.Mailbox(
        host=settings.INCIDENT_IMAP_HOST,
        port=settings.INCIDENT_IMAP_PORT,
        user=settings.INCIDENT_IMAP_USER,
        password=settings.INCIDENT_IMAP_PASSWORD,
        folder=settings.INCIDENT_IMAP_FOLDER,
        ca=settings.INCIDENT_IMAP_CA,
        longest=MOST_BYTES,
    )
    try:
        found = mailbox.read(box, lambda raw: mailing.take(raw, principal_of))
    except mailbox.FAILURES as error:
        if faults.fault_of(error) is not None:
            raise
        logger.warning("the mailbox of incidents cannot be read: %s", type(error).__name__)
        cache.set(FAILED, type(error).__name__, _REMEMBERED)
        return 0
    cache.delete(FAILED)
    return found
