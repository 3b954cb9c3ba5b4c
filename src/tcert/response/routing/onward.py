"""Where somebody goes on to with what they asked: forms that upper rooms add to the answer.

What was pasted stands in a body again, never in an address.
"""

from dataclasses import dataclass

from django.utils.functional import Promise

from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Onward:
    """A button: its words, the name of the address that takes the lines, who may press it."""

    label: str | Promise
    url_name: str
    permission: Permission


_ways: list[Onward] = []


def register(label: str | Promise, url_name: str, permission: Permission) -> None:
    """Add a button; call it at start."""
    way = Onward(label, url_name, permission)
    if way not in _ways:
        _ways.append(way)


def ways_for(principal: Principal) -> list[Onward]:
    """Return the buttons that a person may press."""
    return [way for way in _ways if allowed(principal, way.permission)]
