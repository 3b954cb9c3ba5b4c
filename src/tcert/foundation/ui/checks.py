"""What Django checks at start: each navigation entry must have an address."""

from typing import Any

from django.core.checks import CheckMessage, Error
from django.urls import NoReverseMatch, reverse

from tcert.foundation.ui import navigation


def check_navigation(**_kwargs: Any) -> list[CheckMessage]:
    """Return an error for each registered link whose URL name does not exist."""
    found: list[CheckMessage] = []
    for entry in navigation.entries():
        try:
            reverse(entry.url_name)
        except NoReverseMatch:
            found.append(
                Error(
                    f"The navigation entry {str(entry.label)!r} points to {entry.url_name!r}, "
                    "which is no URL name without arguments.",
                    hint="Correct navigation.register(...) in the room's apps.py.",
                    id="ui.E001",
                )
            )
    return found
