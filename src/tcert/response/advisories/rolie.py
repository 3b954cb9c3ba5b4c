"""The ROLIE documents of a folder (CSAF 2.0 sections 7.1.15 to 7.1.17, RFC 8322).

CSAF writes Atom's elements as JSON and wants every document of one TLP level in a single feed,
so that none has pages.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tcert.response.advisories import provider
from tcert.response.advisories.csaf import moment

SCHEMA = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json"
CSAF = {"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}
_NOT_IN_ID = re.compile(r"[^a-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Item:
    """One document of the feed. `published` is when it first stood in the folder."""

    entry: provider.Entry
    number: str
    title: str
    summary: str
    published: datetime
    terms: tuple[str, ...] = ()


def _title(level: str) -> str:
    return f"CSAF feed (TLP:{level.upper()})"


def feed(*, base_url: str, level: str, items: Iterable[Item], updated: datetime) -> bytes:
    """Return the feed of all documents of a folder, newest first (requirement 15)."""
    newest = sorted(items, key=lambda i: (i.entry.released_at, i.entry.path), reverse=True)
    host = _NOT_IN_ID.sub("-", urlsplit(base_url).hostname or "hub")
    return _written(
        {
            "feed": {
                "id": f"{host}-csaf-feed-tlp-{level}",
                "title": _title(level),
                "link": [
                    {"rel": "self", "href": provider.feed_address(base_url, level)},
                    {"rel": "service", "href": provider.service_address(base_url)},
                ],
                "category": [CSAF],
                "updated": moment(updated),
                "entry": [_entry(base_url, level, item) for item in newest],
            }
        }
    )


def _entry(base_url: str, level: str, item: Item) -> dict[str, Any]:
    address = provider.address(base_url, item.entry, level)
    return {
        "id": item.number,
        "title": item.title,
        "link": [
            {"rel": "self", "href": address},
            {"rel": "hash", "href": f"{address}.sha256"},
            {"rel": "hash", "href": f"{address}.sha512"},
            {"rel": "signature", "href": f"{address}.asc"},
        ],
        "published": moment(item.published),
        "updated": moment(item.entry.released_at),
        **({"summary": {"content": item.summary}} if item.summary else {}),
        "content": {"type": "application/json", "src": address},
        "format": {"schema": SCHEMA, "version": "2.0"},
        "category": [CSAF, *({"term": term} for term in item.terms)],
    }


def service(*, base_url: str) -> bytes:
    """Return the service document: which feeds there are (requirement 16)."""
    titles = {provider.OPEN: "Public CSAF feed", provider.MEMBERS: "CSAF feed for members"}
    return _written(
        {
            "service": {
                "workspace": [
                    {"title": title, "collection": [_collection(base_url, level)]}
                    for level, title in titles.items()
                ]
            }
        }
    )


def _collection(base_url: str, level: str) -> dict[str, Any]:
    return {
        "title": _title(level),
        "href": provider.feed_address(base_url, level),
        "categories": {"category": [CSAF]},
    }


def categories(terms: Sequence[str]) -> bytes:
    """Return the category document: vendors and products in the feed (requirement 17)."""
    return _written({"categories": {"category": [{"term": term} for term in sorted(set(terms))]}})


def _written(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
