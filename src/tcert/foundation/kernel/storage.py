"""Files of ciphertext: random names, constant times, whole or not there at all.

    name = storage.keep(sealed_bytes, limit=25_000_000)
    with storage.ciphertext().open(name) as file: ...

Only ciphertext comes here: what a person wrote is sealed before. A file's time tells nothing, so
that the disk does not say when a report came; change times (ctime) cannot be set and do.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.apps import apps
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.lasting import sync_directory

CONSTANT_TIME_NS = 1_577_836_800 * 10**9  # 2020-01-01, the day of reporters' keys as well
KEEP_DRAFTS = timedelta(days=1)
_DRAFT = ".draft-"


class TooLarge(DomainError):
    """A file is larger than it may be; nothing of it was kept."""

    status = 413


class CiphertextStorage(FileSystemStorage):
    """Django's files on disk, with names, times and rights that tell nothing and let nobody in."""

    def __init__(self, location: str | os.PathLike[str] | None = None) -> None:
        super().__init__(location, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def generate_filename(self, filename: str | os.PathLike[str]) -> str:
        """Choose a random name; whatever the caller says, it is not asked."""
        return self.get_available_name(str(filename))

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Choose a random name; 122 random bits do not meet twice, and `_save` would refuse."""
        del name, max_length
        leaf = uuid4().hex
        return f"{leaf[:2]}/{leaf}"

    def _save(self, name: str, content: File) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = target.with_name(_DRAFT + secrets.token_hex(8))
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.utime(draft, ns=(CONSTANT_TIME_NS, CONSTANT_TIME_NS))
            os.link(draft, target)  # unlike a rename, refuses to replace a file
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
        _settle(target.parent)
        return name

    def bring_back(self, name: str, content: BinaryIO) -> None:
        """Write a file of a backup under the name that the database knows it by.

        Raises:
            SuspiciousFileOperation: the name is none that this storage gives.
            FileExistsError: there is such a file already; it is left as it is.

        """
        _check(name)
        self._save(name, File(content))

    def delete(self, name: str) -> None:
        """Delete a file; a missing one is no error."""
        _check(name)
        super().delete(name)
        parent = Path(self.path(name)).parent
        if parent.exists():
            _settle(parent)

    def names(self) -> Iterator[str]:
        """Yield all kept names, in no order that tells anything."""
        for path in Path(self.location).glob("??/*"):
            if not path.name.startswith(_DRAFT):
                yield f"{path.parent.name}/{path.name}"

    def prune(self) -> None:
        """Delete drafts that a process left when it died in the middle of writing."""
        oldest = clock.now().timestamp() - KEEP_DRAFTS.total_seconds()
        for path in Path(self.location).glob(f"??/{_DRAFT}*"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)
                _settle(path.parent)


class CiphertextName(models.CharField):
    """The column of a row that owns a ciphertext file: a backup takes the files named here."""

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """To a migration this is any column of text."""
        name, _path, positional, named = super().deconstruct()
        return name, "django.db.models.CharField", positional, named


def columns() -> Iterator[tuple[str, str]]:
    """Yield table and column of every name of a ciphertext file in the database."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, CiphertextName):
                yield model._meta.db_table, str(field.column)


def _check(name: str) -> None:
    shelf, _slash, leaf = name.partition("/")
    try:
        fits = UUID(hex=leaf).hex == leaf and shelf == leaf[:2]
    except ValueError:
        fits = False
    if not fits:
        raise SuspiciousFileOperation("This is no name of a ciphertext file.")


def _settle(directory: Path) -> None:
    """Make a change of a directory last, and take the moment of it away."""
    sync_directory(directory)
    os.utime(directory, ns=(CONSTANT_TIME_NS, CONSTANT_TIME_NS))


def ciphertext() -> Storage:
    """Return the storage that the settings name for ciphertext."""
    return storages["ciphertext"]


def keep(content: bytes, *, limit: int) -> str:
    """Keep one piece of ciphertext and return its name; raises `TooLarge` above `limit` bytes.

    The file stays when the caller's transaction is rolled back: it is ciphertext under a random
    name that nothing points to.
    """
    if len(content) > limit:
        raise TooLarge(_("This file is too large."))
    return ciphertext().save("sealed", ContentFile(content))
