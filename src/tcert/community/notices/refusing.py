"""Which addresses take no mail, as the room above knows that follows what becomes of mails."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet

Provider = Callable[[AbstractSet[str]], AbstractSet[str]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Let a room say which of some addresses refuse mail; call it at start."""
    if provider not in _providers:
        _providers.append(provider)


def among(addresses: AbstractSet[str]) -> set[str]:
    """Return those of the addresses to which mail is refused."""
    return {one for provider in _providers for one in provider(addresses)}
