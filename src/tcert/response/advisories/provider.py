"""The files of a CSAF provider (CSAF 2.0 chapter 7), as data from plain data.

Only TLP:CLEAR documents stand in the open folder: requirement 4 asks that they are free, and
nothing else may be read by everybody. TLP:GREEN stands in a folder of its own, for members, and is
told by ROLIE alone: `index.txt`, `changes.csv` and listings are of the open folder.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories.csaf import Publisher, moment

ROOT = "/.well-known/csaf/"
OPEN = "white"
MEMBERS = "green"
FOLDERS = MappingProxyType({Tlp.CLEAR: OPEN, Tlp.GREEN: MEMBERS})
"""The folder of each marking that is published, in the words of TLP 1.0, as CSAF 2.0 has them."""
SERVICE = "service.json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One document in the tree: its year folder and name, and when its release came out."""

    year: int
    name: str
    released_at: datetime

    @property
    def path(self) -> str:
        """Return the path within the distribution folder."""
        return f"{self.year}/{self.name}"


def feed_name(level: str) -> str:
    """Return the file name of a folder's ROLIE feed (CSAF 2.0 section 7.1.15)."""
    return f"csaf-feed-tlp-{level}.json"


def category_name(level: str) -> str:
    """Return the file name of a folder's ROLIE category document."""
    return f"category-{level}.json"


def folder(base_url: str, level: str = OPEN) -> str:
    """Return the address of a folder."""
    return f"{base_url}{ROOT}{level}/"


def address(base_url: str, entry: Entry, level: str = OPEN) -> str:
    """Return the address of a document."""
    return folder(base_url, level) + entry.path


def feed_address(base_url: str, level: str = OPEN) -> str:
    """Return the address of a folder's ROLIE feed."""
    return folder(base_url, level) + feed_name(level)


def category_address(base_url: str, level: str = OPEN) -> str:
    """Return the address of a folder's ROLIE category document."""
    return folder(base_url, level) + category_name(level)


def service_address(base_url: str) -> str:
    """Return the address of the ROLIE service document."""
    return f"{base_url}{ROOT}{SERVICE}"


def key_address(base_url: str, fingerprint: str) -> str:
    """Return the address of a public key."""
    return f"{base_url}{ROOT}openpgp/{fingerprint}.asc"


def metadata(
    *, base_url: str, publisher: Publisher, fingerprints: Sequence[str], updated: datetime
) -> bytes:
    """Return `provider-metadata.json` (requirements 7, 15 to 17, 20).

    The role is *trusted provider* only behind TLS and with a key; before that it would be a lie.
    The feed of TLP:GREEN is named whether or not it holds anything: that there is something for
    members is not told to others.
    """
    summaries = {
        OPEN: f"All TLP:WHITE (TLP:CLEAR) advisories of {publisher.name}.",
        MEMBERS: f"All TLP:GREEN advisories of {publisher.name}, for members: a program gives a "
        "feed key by HTTP Basic.",
    }
    rolie = {
        "categories": [category_address(base_url, level) for level in summaries],
        "feeds": [
            {
                "summary": summary,
                "tlp_label": level.upper(),
                "url": feed_address(base_url, level),
            }
            for level, summary in summaries.items()
        ],
        "services": [service_address(base_url)],
    }
    trusted = base_url.startswith("https://") and bool(fingerprints)
    said: dict[str, Any] = {
        "canonical_url": f"{base_url}{ROOT}provider-metadata.json",
        "distributions": [{"directory_url": folder(base_url)}, {"rolie": rolie}],
        "last_updated": moment(updated),
        "list_on_CSAF_aggregators": True,
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": True,
        "public_openpgp_keys": [
            {"fingerprint": f, "url": key_address(base_url, f)} for f in fingerprints
        ],
        "publisher": {
            key: value
            for key, value in {
                "category": publisher.category.value,
                "contact_details": publisher.contact_details,
                "issuing_authority": publisher.issuing_authority,
                "name": publisher.name,
                "namespace": publisher.namespace,
            }.items()
            if value
        },
        "role": "csaf_trusted_provider" if trusted else "csaf_provider",
    }
    return json.dumps(said, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"


def index_txt(entries: Iterable[Entry]) -> bytes:
    """Return `index.txt`: one path a line (requirement 12)."""
    return "".join(f"{e.path}\n" for e in sorted(entries, key=lambda e: e.path)).encode()


def changes_csv(entries: Iterable[Entry]) -> bytes:
    """Return `changes.csv`: quoted path and time, newest first, no header (requirement 13)."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    newest = sorted(entries, key=lambda e: (e.released_at, e.path), reverse=True)
    writer.writerows((e.path, moment(e.released_at)) for e in newest)
    return text.getvalue().encode()


def hash_line(digest: str, name: str) -> bytes:
    """Return the text of a `.sha256` or `.sha512` file (requirement 18)."""
    return f"{digest}  {name}\n".encode()


def security_txt(*, base_url: str, contacts: Sequence[str], expires: datetime) -> bytes:
    """Return `security.txt` (RFC 9116) with its CSAF line (requirement 8)."""
    lines = [f"Contact: {contact}" for contact in contacts]
    lines.append(f"Expires: {moment(expires)}")
    lines += [
        "Preferred-Languages: en",
        f"Canonical: {base_url}/.well-known/security.txt",
        f"CSAF: {base_url}{ROOT}provider-metadata.json",
    ]
    return "".join(f"{line}\n" for line in lines).encode()
