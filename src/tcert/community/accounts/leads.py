"""Where a one-time link of each kind leads; an upper room registers the page of its own kind."""

from django.urls import reverse

from tcert.community.accounts.enums import LinkKind

_pages: dict[LinkKind, str] = {}


def register(kind: LinkKind, url_name: str) -> None:
    """Say which page goes on with links of a kind."""
    _pages[kind] = url_name


def address(kind: LinkKind) -> str:
    """Return the address of the page that goes on."""
    return reverse(_pages[kind])
