"""The Atom feed of published advisories (RFC 4287), in pages by RFC 5005, from plain data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from tcert.response.advisories.csaf import moment

NAMESPACE = "http://www.w3.org/2005/Atom"
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Post:
    """One advisory as the feed tells it.

    `page` is the address of its page: permanent once public, so it is the entry's id as well, and
    a revision or a withdrawal changes the same entry. `published` is when it was first open.
    """

    page: str
    document: str
    title: str
    summary: str
    author: str
    published: datetime
    updated: datetime
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Which page of the feed this is, counted from 1."""

    number: int
    count: int

    def links(self, address: str) -> dict[str, str]:
        """Return RFC 5005's links from this page to its neighbours and both ends."""

        def at(number: int) -> str:
            return address if number == 1 else f"{address}?page={number}"

        found = {"self": at(self.number)}
        if self.count > 1:
            found |= {"first": at(1), "last": at(self.count)}
        if self.number > 1:
            found["previous"] = at(self.number - 1)
        if self.number < self.count:
            found["next"] = at(self.number + 1)
        return found


def feed(
    *,
    address: str,
    home: str,
    title: str,
    author: str,
    posts: Sequence[Post],
    updated: datetime,
    place: Place,
) -> bytes:
    """Return one page of the feed; its id is the address of the first page on all of them."""
    root = ET.Element("feed", {"xmlns": NAMESPACE})
    _add(root, "id", address)
    _add(root, "title", title)
    _add(root, "updated", moment(updated))
    _add(ET.SubElement(root, "author"), "name", author)
    for rel, href in place.links(address).items():
        _link(root, rel, href, "application/atom+xml")
    _link(root, "alternate", home, "text/html")
    for post in posts:
        _entry(root, post)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _entry(root: ET.Element, post: Post) -> None:
    entry = ET.SubElement(root, "entry")
    _add(entry, "id", post.page)
    _add(entry, "title", post.title)
    _add(entry, "published", moment(post.published))
    _add(entry, "updated", moment(post.updated))
    _add(ET.SubElement(entry, "author"), "name", post.author)
    _link(entry, "alternate", post.page, "text/html")
    _link(entry, "alternate", post.document, "application/json")
    # The two names that CSAF 2.0 (section 7.1.15) gives to these relations.
    _link(entry, "hash", f"{post.document}.sha256", "text/plain")
    _link(entry, "hash", f"{post.document}.sha512", "text/plain")
    _link(entry, "signature", f"{post.document}.asc", "application/pgp-signature")
    for term in post.terms:
        ET.SubElement(entry, "category", {"term": _clean(term)})
    # Plain text: what a person wrote cannot become markup in somebody's feed reader.
    _add(entry, "summary", post.summary)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _clean(text)


def _link(parent: ET.Element, rel: str, href: str, kind: str) -> None:
    ET.SubElement(parent, "link", {"rel": rel, "type": kind, "href": href})


def _clean(text: str) -> str:
    """Replace what XML 1.0 cannot carry: one such character would break the feed for all."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
