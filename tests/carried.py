"""What a page carries so that the second of two people is told: its hidden field."""

import re

from django.test import Client


def carried(client: Client, address: str, name: str = "shown") -> dict[str, str]:
    """Open a page and return its hidden field of this name, as its form would send it."""
    return read(client.get(address).content.decode(), name)


def read(html: str, name: str = "shown") -> dict[str, str]:
    """Return the hidden field of this name that a page holds."""
    tag = next(t for t in re.findall(r"<input[^>]*>", html) if f'name="{name}"' in t)
    found = re.search(r'value="([^"]*)"', tag)
    return {name: found[1] if found else ""}
