"""Sealed files that wait for their message; they are stored as ciphertext or not at all.

Strangers share what the disk has for them, and nobody can be told from anybody else. So that one
flood does not take it from all others:

- Files that wait for their message may have `WAITING` together. When that is full, one that waits
  gives way to the one that comes, each as likely: what is begun and never sent stops nobody, and
  who sends soon after attaching loses hardly ever a file.
- Files that were sent stay. All together may have `SENT` a day: a quarter when the day begins, and
  the rest hour by hour, so that some of it is new in each. Nothing is counted by the hour: a count
  would say on the disk in which one a report came.
- A mailbox whose report was found valid has a budget of its own, which no flood can use up.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock, storage
from tcert.foundation.kernel.errors import DomainError, TooMany
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.openpgp.ingest import check_file
from tcert.foundation.sealed.domain import doom
from tcert.response.intake.models import KeptFile

MEGABYTE = 1024 * 1024
MAX_FILE = 25 * MEGABYTE
MAX_TOGETHER = 100 * MEGABYTE
MAX_FILES = 40
SEALING_OVERHEAD = 64 * 1024
KEEP = timedelta(days=1)

WAITING = 4000
SENT = Budget("intake:sent-megabytes", Scope.HUB, limit=4000, per=timedelta(days=1))
OWN = Budget("intake:mailbox-megabytes", Scope.ACCOUNT, limit=200, per=timedelta(days=1))
AT_ONCE = 4
LAST_HOUR = 23


class FileRefused(DomainError):
    """A file cannot be taken; the text of the report is not affected."""


def _megabytes(size: int, count: int) -> int:
    """What files cost: each is rounded up, since many small ones are work as well."""
    return size // MEGABYTE + count


def released(limit: int, hour: int) -> int:
    """Return how much of a day's limit may have been used by the end of an hour of it (0 to 23)."""
    at_once = limit // AT_ONCE
    return at_once + (limit - at_once) * hour // LAST_HOUR


def _require_share(cost: int = 0) -> None:
    """Raise `TooMany` when strangers have no room for so much more in this hour."""
    if SENT.used() + cost > released(SENT.limit, clock.now().hour):
        raise TooMany(
            _(
                "The hub takes no more files in this hour. Send the text now; files can follow "
                "through your receipt, or try again in an hour, with fewer or smaller files."
            )
        )


def keep(*, form: UUID, sealed: bytes, own: UUID | None = None) -> KeptFile:
    """Keep a sealed file for a form; the same file twice is kept once.

    Args:
        form: What it belongs to, until that is sent.
        sealed: The file.
        own: The mailbox whose own budget it will be counted in; None for what strangers share.

    Raises:
        IngestRefused: it is not one file sealed under a passphrase.
        FileRefused: it is too large, alone or with the others of its form.
        TooMany: the hub takes no more files in this hour; the message can go without.

    """
    checked = check_file(sealed)
    size = len(checked.data)
    if size > MAX_FILE + SEALING_OVERHEAD:
        raise FileRefused(_("A file may have 25 MB at most."), code="file-too-large")
    with transaction.atomic():
        kept = KeptFile.objects.filter(form=form)
        known = kept.filter(sha256=checked.sha256).first()
        if known is not None:
            return known
        together = kept.aggregate(size=models.Sum("size", default=0), count=models.Count("id"))
        if (
            size + together["size"] > MAX_TOGETHER + MAX_FILES * SEALING_OVERHEAD
            or together["count"] >= MAX_FILES
        ):
            raise FileRefused(
                _("All files together may have 100 MB, and there may be 40 of them."),
                code="files-too-large",
            )
        if own is None:
            _require_share(_megabytes(size + together["size"], 1 + together["count"]))
        _make_room(form, size)
        return KeptFile.objects.create(
            form=form,
            sha256=checked.sha256,
            size=size,
            kept_until=clock.today() + KEEP,
            content=storage.keep(checked.data, limit=MAX_FILE + SEALING_OVERHEAD),
        )


def _make_room(form: UUID, size: int) -> None:
    """Have files of other forms give way while all that wait have too much.

    By chance: nothing on the disk says which came first, and a rule by size could be played.
    """
    held = KeptFile.objects.aggregate(size=models.Sum("size", default=0), count=models.Count("id"))
    over = _megabytes(held["size"] + size, held["count"] + 1) - WAITING
    while over > 0:
        # One at a time: most files have to give way to one only.
        chosen = KeptFile.objects.exclude(form=form).order_by("?").first()
        if chosen is None:
            return  # one form alone is bounded
        over -= _megabytes(chosen.size, 1)
        forget(KeptFile.objects.filter(id=chosen.id))


def take(*, form: UUID, digests: Sequence[str], own: UUID | None = None) -> list[bytes]:
    """Return the sealed files of a form by fingerprint, in the given order, and count them as sent.

    Raises:
        FileRefused: one of them is not kept (any more).
        TooMany: the hub takes no more files in this hour; the message can go without.

    """
    if not digests:
        return []
    # Held against the few files of this form here: a digest is a stranger's text, and not every
    # database takes every text.
    rows = {row.sha256: row for row in KeptFile.objects.filter(form=form)}
    if len(set(digests)) != len(digests) or not rows.keys() >= set(digests):
        raise FileRefused(
            _("A file is no longer kept. Please attach it again; your text is not affected."),
            code="file-gone",
        )
    _count_as_sent(_megabytes(sum(rows[one].size for one in digests), len(digests)), own)
    found = []
    for digest in digests:
        with storage.ciphertext().open(rows[digest].content) as file:
            found.append(file.read())
    return found


def _count_as_sent(cost: int, own: UUID | None) -> None:
    """Count files in the caller's transaction; raises `TooMany`, and then nothing is counted."""
    if own is not None:
        OWN.require(own, cost=cost)
        return
    # Counted before it is asked, so that of two at once the second one waits for the first.
    SENT.spend(cost=cost)
    _require_share()


def move(*, form: UUID, to: UUID, digests: Sequence[str]) -> None:
    """Keep a form's files for another one, such as the message that its text has become."""
    KeptFile.objects.filter(form=form, sha256__in=digests).update(form=to)


def forget(rows: models.QuerySet[KeptFile]) -> None:
    """Delete kept files, rows first; the files follow, whatever happens between."""
    if names := [row.content for row in rows]:
        doom(names)
        rows.delete()
