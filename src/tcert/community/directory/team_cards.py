"""Parts that upper rooms put on the page of a team: a template of theirs with what it shows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tcert.community.directory.models import Team
from tcert.foundation.kernel.principal import Principal


@dataclass(frozen=True, slots=True)
class Card:
    """A template, and the context that it reads under the name `it`."""

    template: str
    it: dict[str, Any] = field(default_factory=dict)


Provider = Callable[[Principal, Team], Card | None]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Let a room add a part; it sees who asks, and returns None to show nothing. Call at start."""
    if provider not in _providers:
        _providers.append(provider)


def cards(principal: Principal, team: Team) -> list[Card]:
    """Return the parts that the viewer may see."""
    found = (provider(principal, team) for provider in _providers)
    return [card for card in found if card is not None]
