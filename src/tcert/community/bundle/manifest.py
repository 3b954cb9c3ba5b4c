"""The manifest of a bundle: serial, dates, what came before, and a hash of every file. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tcert.foundation.kernel.canonical import canonical

FORMAT = "tcert-bundle-1"
LIFETIME = timedelta(days=30)
MOST_EARLIER = 120
"""So many hashes of earlier manifests stand in one: who missed some bundles can still tell."""
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_HASH = re.compile(r"[0-9a-f]{64}")


class NoManifest(ValueError):
    """Bytes that are no manifest of this form."""


def digest(data: bytes) -> str:
    """Return SHA-256, lower hex."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the hub signs."""

    hub: str
    serial: int
    issued: datetime
    expires: datetime
    earlier: tuple[str, ...]
    """Hashes of the manifests before, the latest first; the first is the predecessor's."""
    files: Mapping[str, str]
    """SHA-256 of each file, by name."""

    def write(self) -> bytes:
        """Return the one text of this manifest, as canonical JSON (RFC 8785)."""
        return canonical(
            {
                "format": FORMAT,
                "hub": self.hub,
                "serial": self.serial,
                "issued": self.issued.astimezone(UTC).strftime(_MOMENT),
                "expires": self.expires.astimezone(UTC).strftime(_MOMENT),
                "predecessor": self.earlier[0] if self.earlier else None,
                "earlier": list(self.earlier[1:]),
                "files": dict(self.files),
            }
        )

    def said_of(self, serial: int) -> str | None:
        """Return the hash that this manifest names for an earlier serial; None if it names none."""
        behind = self.serial - serial
        return self.earlier[behind - 1] if 0 < behind <= len(self.earlier) else None


def read(data: bytes) -> Manifest:
    """Read what `write` wrote, and nothing else.

    Raises:
        NoManifest: any byte of it is not as `write` would have it.

    """
    try:
        raw = json.loads(data)
        found = _read(raw)
        again = found.write()
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise NoManifest from error
    if again != data:
        raise NoManifest
    return found


def _read(raw: Any) -> Manifest:
    before = [] if raw["predecessor"] is None else [raw["predecessor"]]
    earlier = (*before, *raw["earlier"])
    files = dict(raw["files"])
    hashes = [*earlier, *files.values()]
    if not all(isinstance(one, str) and _HASH.fullmatch(one) for one in hashes):
        raise NoManifest
    serial = raw["serial"]
    if not isinstance(serial, int) or isinstance(serial, bool) or serial < 1:
        raise NoManifest
    if (serial > 1) != bool(before) or not isinstance(raw["hub"], str):
        raise NoManifest
    return Manifest(raw["hub"], serial, _at(raw["issued"]), _at(raw["expires"]), earlier, files)


def _at(text: str) -> datetime:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
