"""Search: each room registers a provider in its apps.py, the search page gathers what they find.

A provider looks through readable fields only, within what the principal may see: sealed and
guarded text is never searched.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from tcert.foundation.kernel.principal import Principal

Words = str | Promise
SHORTEST = 2
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Found:
    """One hit: where it leads and a line that tells it from its neighbours."""

    title: Words
    url: str
    note: Words = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The hits of one room."""

    label: Words
    hits: tuple[Found, ...]


Provider = Callable[[Principal, str], Iterable[Found]]

_providers: list[tuple[Words, Provider]] = []


def register(label: Words, provider: Provider) -> None:
    """Let a room be searched; the provider itself limits how many hits it returns."""
    if all(known is not provider for _label, known in _providers):
        _providers.append((label, provider))


def find(principal: Principal, words: str) -> list[Section]:
    """Ask every room; words outside the sensible lengths find nothing."""
    words = words.strip()[:LONGEST]
    if len(words) < SHORTEST:
        return []
    sections = (Section(label, tuple(ask(principal, words))) for label, ask in _providers)
    return [section for section in sections if section.hits]
