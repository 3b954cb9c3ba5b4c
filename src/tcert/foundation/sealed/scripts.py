"""The list of the scripts that the hub serves: published, signed, and held against the files.

A server that turns hostile could serve another script to one visitor. The signed list lets
anybody who saved it compare what they were served; it detects, it does not prevent.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders

from tcert.foundation.openpgp import hubkey
from tcert.foundation.openpgp.signing import SignatureRefused, verify_detached
from tcert.foundation.ui.importmap import importmap_json

LIST_NAME = "scripts.sha256"
_SUFFIXES = (".js", ".mjs", ".wasm")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between the signed list and what is served, by name."""

    changed: tuple[str, ...]
    missing: tuple[str, ...]
    unlisted: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether exactly the listed scripts are served."""
        return not (self.changed or self.missing or self.unlisted)


def served() -> dict[str, str]:
    """SHA-256 of every script that the hub serves, and of its import map, by name."""
    found = {"importmap": hashlib.sha256(importmap_json().encode()).hexdigest()}
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            if path.endswith(_SUFFIXES):
                with storage.open(path) as file:
                    found[f"static/{path}"] = hashlib.sha256(file.read()).hexdigest()
    return dict(sorted(found.items()))


def write(entries: dict[str, str]) -> str:
    """The list as text that `sha256sum --check` reads."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(entries.items()))


def read(text: str) -> dict[str, str]:
    """The entries of a list."""
    pairs = (line.split("  ", 1) for line in text.splitlines() if line)
    return {name: digest for digest, name in pairs}


def compare(listed: dict[str, str], present: dict[str, str]) -> Comparison:
    """Hold what is served against a list."""
    both = listed.keys() & present.keys()
    return Comparison(
        changed=tuple(sorted(name for name in both if listed[name] != present[name])),
        missing=tuple(sorted(listed.keys() - present.keys())),
        unlisted=tuple(sorted(present.keys() - listed.keys())),
    )


def publish() -> str:
    """Write the list of what is served now, signed by the hub; as `hubkey.load`."""
    text = write(served())
    signature = hubkey.sign(text.encode())
    _list_path().parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    _list_path().write_text(text)
    _signature_path().write_text(signature)
    return text


def published() -> tuple[str, str] | None:
    """The list and its signature as they were published last."""
    try:
        return _list_path().read_text(), _signature_path().read_text()
    except FileNotFoundError:
        return None


def examine() -> Comparison:
    """Hold what is served now against the published list.

    Raises:
        FileNotFoundError: nothing was published, or the hub has no key.
        SignatureRefused: the list is not signed by the hub's present key.

    """
    found, key = published(), hubkey.public()
    if found is None or key is None:
        raise FileNotFoundError(LIST_NAME)
    text, signature = found
    verify_detached(text.encode(), signature, key.certificate)
    return compare(read(text), served())


def _list_path() -> Path:
    return Path(settings.DATA_DIR) / "published" / LIST_NAME


def _signature_path() -> Path:
    return _list_path().with_name(LIST_NAME + ".asc")


__all__ = [
    "Comparison",
    "SignatureRefused",
    "compare",
    "examine",
    "publish",
    "published",
    "read",
    "served",
    "write",
]
