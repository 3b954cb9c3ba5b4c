"""Parts that upper rooms put on the page of an organisation: a template with what it shows."""

from collections.abc import Callable

from tcert.community.directory.models import Organisation
from tcert.community.directory.team_cards import Card
from tcert.foundation.kernel.principal import Principal

Provider = Callable[[Principal, Organisation], Card | None]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Let a room add a part; it sees who asks, and returns None to show nothing. Call at start."""
    if provider not in _providers:
        _providers.append(provider)


def cards(principal: Principal, organisation: Organisation) -> list[Card]:
    """Return the parts that the viewer may see."""
    found = (provider(principal, organisation) for provider in _providers)
    return [card for card in found if card is not None]
