"""The bundle as one file: a ZIP that is written in exactly one way, and read in no other. Pure.

Nothing in it is compressed, so nothing in it can swell; and what is read is packed again and must
give the same bytes, so no name, date, comment, gap or second directory can carry anything.
"""

import io
import zipfile
from collections.abc import Mapping

MANIFEST, SIGNATURE = "manifest.json", "manifest.json.asc"
CONTENTS = (
    "README.txt",
    "keyring.asc",
    "misp-organisations.json",
    "teams.jscontact.json",
    "teams.json",
    "teams.vcf",
)
NAMES = (MANIFEST, SIGNATURE, *CONTENTS)
MOST_BYTES = 200 * 1024 * 1024
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_UNIX, _VERSION = 3, 20


class NoBundle(ValueError):
    """A file that is not packed as the hub packs bundles."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the file; the same bytes for the same contents, whenever and wherever.

    Raises:
        NoBundle: a file is missing, or there is one too many.

    """
    if set(files) != set(NAMES):
        raise NoBundle
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name in NAMES:
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
            entry.create_version = entry.extract_version = _VERSION
            archive.writestr(entry, files[name], zipfile.ZIP_STORED)
    return out.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the contents by name.

    Raises:
        NoBundle: it is no ZIP, or has any other byte than `pack` would write.

    """
    if len(data) > MOST_BYTES:
        raise NoBundle
    try:
        found = _read(data)
        if found is not None and pack(found) == data:
            return found
    except Exception as error:  # a hostile archive breaks its reader in many ways
        raise NoBundle from error
    raise NoBundle


def _read(data: bytes) -> dict[str, bytes] | None:
    """Return what a ZIP holds, if it is just these files, none of them compressed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if [entry.filename for entry in entries] != list(NAMES):
            return None
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
            return None
        if sum(entry.file_size for entry in entries) > len(data):
            return None
        return {entry.filename: archive.read(entry) for entry in entries}
