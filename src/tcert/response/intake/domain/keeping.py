"""Sealed files that wait for their message; they are stored as ciphertext or not at all."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock, storage
from tcert.foundation.kernel.errors import DomainError, TooMany
from tcert.foundation.kernel.limits import Budget, Outcome, Scope
from tcert.foundation.openpgp.ingest import check_file
from tcert.response.intake.models import KeptFile

MEGABYTE = 1024 * 1024
MAX_FILE = 25 * MEGABYTE
MAX_TOGETHER = 100 * MEGABYTE
MAX_FILES = 40
SEALING_OVERHEAD = 64 * 1024
KEEP = timedelta(days=1)

KEPT_MEGABYTES = Budget("intake:kept-megabytes", Scope.HUB, limit=4000, per=timedelta(days=1))


class FileRefused(DomainError):
    """A file cannot be taken; the text of the report is not affected."""


def keep(*, form: UUID, sealed: bytes) -> KeptFile:
    """Keep a sealed file for a form; the same file twice is kept once.

    Raises:
        IngestRefused: it is not one file sealed under a passphrase.
        FileRefused: it is too large, alone or with the others of its form.
        TooMany: the hub takes no more files today; the message can go without.

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
        together = kept.aggregate(size=models.Sum("size"), count=models.Count("id"))
        if (
            size + (together["size"] or 0) > MAX_TOGETHER + MAX_FILES * SEALING_OVERHEAD
            or together["count"] >= MAX_FILES
        ):
            raise FileRefused(
                _("All files together may have 100 MB, and there may be 40 of them."),
                code="files-too-large",
            )
        if KEPT_MEGABYTES.spend(cost=1 + size // MEGABYTE) is not Outcome.WITHIN:
            raise TooMany(
                _(
                    "The hub takes no more files today. Send the text now; files can follow "
                    "through your receipt."
                )
            )
        return KeptFile.objects.create(
            form=form,
            sha256=checked.sha256,
            size=size,
            kept_until=clock.today() + KEEP,
            content=storage.keep(checked.data, limit=MAX_FILE + SEALING_OVERHEAD),
        )


def contents(*, form: UUID, digests: Sequence[str]) -> list[bytes]:
    """Return the sealed files of a form by fingerprint, in the given order.

    Raises:
        FileRefused: one of them is not kept (any more).

    """
    rows = {row.sha256: row for row in KeptFile.objects.filter(form=form, sha256__in=digests)}
    if len(set(digests)) != len(digests) or rows.keys() != set(digests):
        raise FileRefused(
            _("A file is no longer kept. Please attach it again; your text is not affected."),
            code="file-gone",
        )
    found = []
    for digest in digests:
        with storage.ciphertext().open(rows[digest].content) as file:
            found.append(file.read())
    return found


def move(*, form: UUID, to: UUID, digests: Sequence[str]) -> None:
    """Keep a form's files for another one, such as the message that its text has become."""
    KeptFile.objects.filter(form=form, sha256__in=digests).update(form=to)


def forget(rows: models.QuerySet[KeptFile]) -> None:
    """Delete kept files, rows first: a crash between leaves ciphertext without an owner."""
    names = [row.content for row in rows]
    rows.delete()
    for name in names:
        transaction.on_commit(partial(storage.ciphertext().delete, name))
