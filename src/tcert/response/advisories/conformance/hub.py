"""What the requirements are held against: the answers of a hub, each fetched once.

No Django request and no database here: `fetch` is a function from a path to an answer, so that a
test can break one answer and see the requirement fail.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from html import unescape
from typing import Any

from django.utils.translation import gettext as _

from tcert.foundation.openpgp.certificates import CertificateInfo, CertificateRefused, describe
from tcert.response.advisories import provider, validation

OK = 200
_LINK = re.compile(r'href="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one path."""

    status: int
    content_type: str = ""
    body: bytes = b""
    location: str = ""
    challenge: str = ""

    @property
    def is_redirect(self) -> bool:
        """Tell whether it sends the client elsewhere by a header."""
        return 300 <= self.status < 400  # noqa: PLR2004 - the 3xx of HTTP

    @property
    def text(self) -> str:
        """Return the body as text; what is no UTF-8 shows as such."""
        return self.body.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Served:
    """One document as served: its folder and path in it, the answer, and what it says."""

    folder: "Folder"
    path: str
    answer: Answer
    said: dict[str, Any]
    problem: str = ""

    def tracking(self, name: str) -> str:
        """Return a value of its tracking section, or nothing where it is missing."""
        return str(_within(self.said, "document", "tracking", name) or "")

    @property
    def label(self) -> str:
        """Return the TLP label that it carries."""
        return str(_within(self.said, "document", "distribution", "tlp", "label") or "")


@dataclass(frozen=True, slots=True)
class Key:
    """One key that the metadata names: the certificate, or what is wrong with it."""

    claimed: str
    certificate: CertificateInfo | None
    problem: str = ""


@dataclass
class Folder:
    """One folder of documents, as whoever may read it is answered.

    `paths` are its documents by the database, `opened` those of them that are opened one by one.
    """

    level: str
    fetch: Callable[[str], Answer]
    paths: tuple[str, ...]
    opened: tuple[str, ...]
    seen: dict[str, Answer] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """Return the path of the folder on the hub."""
        return f"{provider.ROOT}{self.level}/"

    @property
    def label(self) -> str:
        """Return the marking of its documents in the words of TLP 1.0."""
        return self.level.upper()

    def get(self, path: str) -> Answer:
        """Fetch a path within the folder, once."""
        path = self.root + path
        if path not in self.seen:
            self.seen[path] = self.fetch(path)
        return self.seen[path]

    @cached_property
    def feed(self) -> tuple[Any, str]:
        """Its ROLIE feed, or why there is none."""
        return read(self.get(provider.feed_name(self.level)))

    @cached_property
    def documents(self) -> tuple[Served, ...]:
        """The documents that are opened one by one."""
        return tuple(self._served(path) for path in self.opened)

    def _served(self, path: str) -> Served:
        answer = self.get(path)
        said, problem = read(answer)
        return Served(self, path, answer, said if isinstance(said, dict) else {}, problem)


@dataclass
class Hub:
    """A hub that is checked: its open folder and all else as a stranger, the other as a member.

    `closed` are addresses for members outside their folder.
    """

    base_url: str
    open: Folder
    members: Folder
    closed: tuple[str, ...]
    now: datetime

    @property
    def seen(self) -> dict[str, Answer]:
        """Return what a stranger was answered so far."""
        return self.open.seen

    def get(self, path: str) -> Answer:
        """Fetch a path once, as a stranger."""
        if path not in self.seen:
            self.seen[path] = self.open.fetch(path)
        return self.seen[path]

    def at(self, address: str) -> Answer | None:
        """Fetch a full address as who may read it.

        None when it stands outside this hub: nothing else is asked.
        """
        if not address.startswith(f"{self.base_url}/"):
            return None
        path = address.removeprefix(self.base_url)
        if path.startswith(self.members.root):
            return self.members.get(path.removeprefix(self.members.root))
        return self.get(path)

    @property
    def folders(self) -> tuple[Folder, Folder]:
        """Return both folders, the open one first."""
        return self.open, self.members

    @property
    def documents(self) -> tuple[Served, ...]:
        """The documents of both folders that are opened one by one."""
        return tuple(served for folder in self.folders for served in folder.documents)

    @property
    def count(self) -> int:
        """Return how many documents there are."""
        return sum(len(folder.paths) for folder in self.folders)

    def json(self, path: str) -> tuple[Any, str]:
        """Fetch a JSON file; returns what it says, or why it says nothing."""
        return read(self.get(path))

    @cached_property
    def metadata(self) -> tuple[Any, str]:
        """The provider's metadata, or why there is none."""
        return self.json(f"{provider.ROOT}provider-metadata.json")

    def named(self, *keys: str) -> list[Any]:
        """Return a list of the metadata, or of each of its distributions, as far as it is one."""
        said = self.metadata[0]
        if keys[0] != "distributions":
            return _as_list(_within(said, *keys))
        found = _as_list(_within(said, "distributions"))
        return [item for one in found for item in _as_list(_within(one, *keys[1:]))]

    @property
    def feeds(self) -> list[dict[str, Any]]:
        """The ROLIE feeds that the metadata names."""
        found = self.named("distributions", "rolie", "feeds")
        return [feed for feed in found if isinstance(feed, dict)]

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """The keys that the metadata names."""
        return tuple(self._key(said) for said in self.named("public_openpgp_keys"))

    def _key(self, said: Any) -> Key:
        claimed = str(_within(said, "fingerprint") or "").upper()
        answer = self.at(str(_within(said, "url") or ""))
        if answer is None:
            return Key(claimed, None, _("stands outside this hub and was not fetched"))
        if answer.status != OK:
            return Key(claimed, None, answered(answer))
        try:
            return Key(claimed, describe(answer.body, self.now))
        except CertificateRefused as refused:
            return Key(claimed, None, str(refused.message))

    def index(self) -> list[str]:
        """Return the lines of `index.txt`."""
        return self.open.get("index.txt").text.splitlines()

    def changes(self) -> list[list[str]]:
        """Return the rows of `changes.csv`."""
        return list(csv.reader(io.StringIO(self.open.get("changes.csv").text)))

    def links(self, path: str) -> set[str]:
        """Return what a listing of the open folder leads to, by paths within that folder."""
        inside = self.open.root
        found = (unescape(href) for href in _LINK.findall(self.open.get(path).text))
        return {href.removeprefix(inside) for href in found if href.startswith(inside)}


def read(answer: Answer) -> tuple[Any, str]:
    """Return the JSON of an answer, or what is wrong with it."""
    if answer.status != OK:
        return None, answered(answer)
    if not answer.content_type.startswith("application/json"):
        return None, _("has the type %(type)s") % {"type": answer.content_type or _("none")}
    try:
        return validation.read(answer.body), ""
    except validation.Unreadable as error:
        return None, str(error)


def answered(answer: Answer) -> str:
    """Return the status of an answer in words."""
    return _("answered %(status)d") % {"status": answer.status}


def differences(found: set[str], expected: set[str]) -> Iterator[str]:
    """Yield what a list lacks and what it has too much."""
    for path in sorted(expected - found):
        yield _("%(path)s is missing") % {"path": path}
    for path in sorted(found - expected):
        yield _("%(path)s is named and does not exist") % {"path": path}


def _within(said: Any, *keys: str) -> Any:
    for key in keys:
        said = said.get(key) if isinstance(said, dict) else None
    return said


def _as_list(said: Any) -> list[Any]:
    if said is None:
        return []
    return said if isinstance(said, list) else [said]
