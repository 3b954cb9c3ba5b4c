"""How organisations want to be told: an upper room knows it, and programs are answered so."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tcert.foundation.identifiers.kinds import Identifier


@dataclass(frozen=True, slots=True)
class Stated:
    """What a rule of an organisation says of something."""

    suppress: bool
    interval: timedelta


Source = Callable[[UUID, Identifier, str], Stated | None]
"""From organisation, identifier and a class of ENISA's taxonomy; None: no rule speaks of it."""
_sources: list[Source] = []


def register(source: Source) -> None:
    """Add who knows of rules; call it at start."""
    if source not in _sources:
        _sources.append(source)


def of(organisation: UUID, asked: Identifier, taxonomy: str) -> Stated | None:
    """Return what an organisation's rules say."""
    for source in _sources:
        said = source(organisation, asked, taxonomy)
        if said is not None:
            return said
    return None
