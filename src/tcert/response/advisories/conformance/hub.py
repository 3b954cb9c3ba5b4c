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
    """One document as served: its path in the open folder, the answer, and what it says."""

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
class Hub:
    """A hub that is checked.

    `paths` are the open documents by the database, `opened` those of them that are opened one by
    one, `closed` addresses of members' documents, which a stranger must not get.
    """

    base_url: str
    fetch: Callable[[str], Answer]
    paths: tuple[str, ...]
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    now: datetime
    seen: dict[str, Answer] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        """Fetch a path once."""
        if path not in self.seen:
            self.seen[path] = self.fetch(path)
        return self.seen[path]

    def at(self, address: str) -> Answer | None:
        """Fetch a full address; None when it stands outside this hub: nothing else is asked."""
        if not address.startswith(f"{self.base_url}/"):
            return None
        return self.get(address.removeprefix(self.base_url))

    def in_folder(self, path: str) -> Answer:
        """Fetch from the open folder."""
        return self.get(f"{provider.ROOT}{provider.OPEN}/{path}")

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

    @cached_property
    def feed(self) -> tuple[Any, str]:
        """The ROLIE feed of the open folder, or why there is none."""
        return self.json(f"{provider.ROOT}{provider.OPEN}/{provider.FEED}")

    @cached_property
    def documents(self) -> tuple[Served, ...]:
        """The documents that are opened one by one."""
        return tuple(self._served(path) for path in self.opened)

    def _served(self, path: str) -> Served:
        answer = self.in_folder(path)
        said, problem = read(answer)
        return Served(path, answer, said if isinstance(said, dict) else {}, problem)

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
        return self.in_folder("index.txt").text.splitlines()

    def changes(self) -> list[list[str]]:
        """Return the rows of `changes.csv`."""
        return list(csv.reader(io.StringIO(self.in_folder("changes.csv").text)))

    def links(self, path: str) -> set[str]:
        """Return what a listing of the open folder leads to, by paths within that folder."""
        inside = f"{provider.ROOT}{provider.OPEN}/"
        found = (unescape(href) for href in _LINK.findall(self.in_folder(path).text))
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
