"""Where somebody goes on who found nobody: links that upper rooms add."""

from django.utils.functional import Promise

_ways: list[tuple[str | Promise, str]] = []


def register(label: str | Promise, url_name: str) -> None:
    """Add a link; call it at start."""
    if (label, url_name) not in _ways:
        _ways.append((label, url_name))


def ways_on() -> list[tuple[str | Promise, str]]:
    """Return labels and names of addresses."""
    return list(_ways)
