"""Making backups: the data sealed to offline keys; the hub's own keys apart from it."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, cast

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

import tcert
from tcert.foundation.kernel import clock, guarded, lasting, storage
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.streaming import sealed_into
from tcert.response.intake.salt import deployment_salt
from tcert.site.backup import copies, stamp
from tcert.site.backup.archive import Head, Writer, salt_mark


class BackupRefused(DomainError):
    """The backup was not begun, or is not complete."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds; `missing` are files that rows refer to and the disk does not have."""

    path: Path
    size: int
    rows: int = 0
    files: int = 0
    missing: tuple[str, ...] = ()


def key_files() -> dict[str, Path]:
    """Return the files that must be kept apart from the data, by the names that an archive uses."""
    changes = key_place(_CHANGES)
    names = (*_KEY_FILES, *(f"{_CHANGES}/{path.name}" for path in sorted(changes.glob("*.txt"))))
    return {name: key_place(name) for name in names}


def key_place(name: str) -> Path:
    """Return where the settings put the key file of an archive."""
    own = {
        "field-keys": settings.FIELD_KEYS_FILE,
        "receipt-salt": settings.RECEIPT_SALT_FILE,
        "secret-key": settings.KEYS_DIR / "secret-key",
    }
    hub_key = Path(settings.HUB_KEY_FILE)
    return own.get(name) or hub_key.parent / (hub_key.name + name.removeprefix("hub-key"))


_CHANGES = "hub-key.changes"
_KEY_FILES = ("field-keys", "receipt-salt", "secret-key", "hub-key", "hub-key.pub", "hub-key.old")


def back_up(*, folder: Path, certificates: Sequence[bytes]) -> Made:
    """Write one sealed archive of database and files into a folder, whole or not at all.

    Raises:
        CertificateRefused, SealingFailed, CopyFailed, BackupRefused: nothing was left behind.

    """
    target = _target(folder, "data")
    before = guarded.key_ids_in_use()  # a rotation may run beside: what the copy needs is in both
    with (
        copies.only_one(),
        _written(target) as out,
        copies.copied() as copy,
        sealed_into(cast(BinaryIO, out), certificates) as into,
    ):
        ring = guarded.keyring()
        used = before | guarded.key_ids_in_use()
        head = Head(
            kind="data",
            version=tcert.__version__,
            made_at=_moment(),
            hub=_hub(),
            database=connection.vendor,
            schema=copy.schema,
            field_keys=tuple(sorted(key_id.hex() for key_id in used)),
            sealed_under=ring.current.id.hex(),
            salt_mark=_salt_mark(),
        )
        with Writer(into, head) as writer:
            writer.add_stream("database", copy.content)
            absent = [name for name in sorted(copy.files) if not _add_file(writer, name)]
            files = len(copy.files) - len(absent)
            writer.close(ring.current, rows=copy.rows, files=files, absent=absent)
    stamp.note("data")
    return Made(target, out.size, copy.rows, files, _still_named(absent))


def back_up_keys(*, folder: Path, certificates: Sequence[bytes]) -> Made:
    """Write the hub's own keys into a folder, sealed; raises as `back_up`."""
    deployment_salt()  # made at the first report else, after which this copy would lack it
    target = _target(folder, "keys")
    found = {name: path for name, path in key_files().items() if path.exists()}
    if "field-keys" not in found:
        raise BackupRefused(_("There is no field key file at %s.") % settings.FIELD_KEYS_FILE)
    with _written(target) as out, sealed_into(cast(BinaryIO, out), certificates) as into:
        head = Head("keys", tcert.__version__, _moment(), hub=_hub())
        with Writer(into, head) as writer:
            for name, path in found.items():
                content = path.read_bytes()
                writer.add(f"keys/{name}", BytesIO(content), len(content))
            writer.close(None)
    stamp.note("keys")
    return Made(target, out.size, files=len(found))


def _moment() -> str:
    return clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def _hub() -> str:
    public = hubkey.public()
    return public.fingerprint if public else ""


def _salt_mark() -> str:
    deployment_salt()  # refuses when reports exist and their salt is gone
    return salt_mark(settings.RECEIPT_SALT_FILE.read_text())


def _add_file(writer: Writer, name: str) -> bool:
    try:
        file = storage.ciphertext().open(name)
    except FileNotFoundError:
        return False
    with file:
        writer.add(f"files/{name}", cast(BinaryIO, file), file.size)
    return True


def _still_named(absent: Sequence[str]) -> tuple[str, ...]:
    """Return those absent files that rows still name: the others were deleted meanwhile."""
    wanted = set(absent)
    named: set[str] = set()
    with connection.cursor() as cursor:
        for table, column in storage.columns() if wanted else ():
            cursor.execute(f'SELECT "{column}" FROM "{table}"')  # noqa: S608 - our own names
            named |= {row[0] for row in cursor.fetchall()}
    return tuple(sorted(wanted & named))


def _target(folder: Path, kind: str) -> Path:
    folder = folder.resolve()
    if folder.is_relative_to(settings.DATA_DIR) or folder.is_relative_to(settings.KEYS_DIR):
        raise BackupRefused(
            _("Choose a folder outside the hub's own folders, best on another machine.")
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"hub-{kind}-{clock.now():%Y%m%dT%H%M%SZ}.pgp"
    if target.exists():
        raise BackupRefused(_("There is a backup of this very second already."))
    return target


class _Counting:
    """A file that counts and hashes what is written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = 0
        self.sum = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.sum.update(data)
        return self._file.write(data)


@contextmanager
def _written(target: Path) -> Iterator[_Counting]:
    """Write beside the target, and put it in its place when all went well.

    Outside stands only what a courier needs: time, size and fingerprint of the sealed file.
    """
    draft = target.with_name(f".{target.name}.{token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            counting = _Counting(file)
            yield counting
            file.flush()
            os.fsync(file.fileno())
        about = {"made_at": _moment(), "size": counting.size, "sha256": counting.sum.hexdigest()}
        lasting.replace(target.with_suffix(".json"), json.dumps(about, indent=1) + "\n")
        draft.rename(target)
        lasting.sync_directory(target.parent)
    finally:
        draft.unlink(missing_ok=True)
