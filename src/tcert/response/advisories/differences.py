"""What a text changes against the release before it, line by line."""

import difflib
from collections.abc import Iterator
from typing import Any

from tcert.response.advisories.content import Content


def lines(text: Content) -> list[str]:
    """Return a text as readable lines: one per field that is filled."""
    return list(_walk("", text.to_json()))


def _walk(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _walk(f"{path} {number}", inner)
    elif value not in ("", False, None):
        for line in str(value).splitlines():
            yield f"{path}: {line}"


def changes(before: Content, now: Content) -> list[tuple[str, str]]:
    """Return (sign, line) pairs, sign one of ``+``, ``-`` and space, with little around them."""
    compared = difflib.unified_diff(lines(before), lines(now), lineterm="", n=1)
    return [(line[:1], line[1:]) for line in list(compared)[2:] if not line.startswith("@@")]
