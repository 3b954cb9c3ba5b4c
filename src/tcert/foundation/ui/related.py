"""What stands beside a thing because of a room above: links and forms that its page shows.

A room that ties two others together, such as a notification with the incident that was made of it,
puts the way to each onto the page of the other. What a person may not see it leaves out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise

from tcert.foundation.kernel.principal import Principal

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Related:
    """A way to something related; `is_act`: to a form by which it is made."""

    label: Words
    url: str
    is_act: bool = False


Provider = Callable[[Principal, UUID], Iterable[Related]]
_providers: dict[str, list[Provider]] = {}


def register(kind: str, provider: Provider) -> None:
    """Add who knows what is related to things of a kind; call it at start."""
    there = _providers.setdefault(kind, [])
    if provider not in there:
        there.append(provider)


def of(kind: str, principal: Principal, thing: UUID) -> list[Related]:
    """Return what is related to a thing, as far as a person may see it."""
    return [one for provider in _providers.get(kind, ()) for one in provider(principal, thing)]
