"""What upper rooms say about a team on its public page, such as what the desk promises."""

from collections.abc import Callable, Iterable

from tcert.community.directory.models import Team

Provider = Callable[[Team], Iterable[str]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Let a room say something that everybody may read; call it at start."""
    if provider not in _providers:
        _providers.append(provider)


def notes(team: Team) -> list[str]:
    """Return the sentences of all rooms."""
    return [str(said) for provider in _providers for said in provider(team)]
