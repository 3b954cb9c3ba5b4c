"""Links that upper rooms put on the page of what an organisation has."""

from collections.abc import Iterator
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise

_links: list[tuple[str | Promise, str]] = []


def register(label: str | Promise, url_name: str) -> None:
    """Add a link whose address takes the organisation's id; call it at start."""
    _links.append((label, url_name))


def links(organisation_id: UUID) -> Iterator[tuple[str | Promise, str]]:
    """Yield label and address of each link."""
    for label, url_name in _links:
        yield label, reverse(url_name, args=[organisation_id])
