"""What organisations say is not their own: an upper room knows it, and resolution heeds it."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Corrected:
    """An organisation said on a day that what covers an identifier is not its own."""

    organisation: UUID
    matched: str
    on: date


Source = Callable[[Collection[UUID]], Iterable[Corrected]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Add who knows of corrections; call it at start."""
    if source not in _sources:
        _sources.append(source)


def of(organisations: Collection[UUID]) -> dict[tuple[UUID, str], date]:
    """Return by organisation and range when it last said so."""
    found: dict[tuple[UUID, str], date] = {}
    for source in _sources:
        for one in source(organisations):
            key = (one.organisation, one.matched)
            found[key] = max(one.on, found.get(key, one.on))
    return found
