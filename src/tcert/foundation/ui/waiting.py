"""“What waits for me”: each room registers a provider in its apps.py, my day gathers the lines.

A line says why it is there and what happens if nothing is done, so that a person can decide
without opening it. A provider sees the principal alone and returns only what it may see.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import IntEnum

from django.utils.functional import Promise

from tcert.foundation.kernel.principal import Principal

Words = str | Promise
NEVER = datetime.max.replace(tzinfo=UTC)


class Urgency(IntEnum):
    """In which group a line stands; within a group the nearest deadline comes first."""

    NOW = 0
    SOON = 1
    WHENEVER = 2


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for a person. `due` shows as a clock, `answer_by` as a whole day."""

    title: Words
    why: Words
    otherwise: Words
    url: str
    urgency: Urgency = Urgency.SOON
    due: datetime | None = None
    answer_by: date | None = None

    @property
    def is_pressing(self) -> bool:
        """Tell whether the line stands in the first group."""
        return self.urgency is Urgency.NOW

    @property
    def ends_at(self) -> datetime | None:
        """Return when it is too late: a day ends with its last moment, in UTC."""
        if self.answer_by is None:
            return self.due
        day = datetime.combine(self.answer_by, time.max, UTC)
        return min(self.due, day) if self.due else day


Provider = Callable[[Principal], Iterable[Waiting]]

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Let a room say what waits; a provider that is registered twice asks once."""
    if provider not in _providers:
        _providers.append(provider)


def waiting_for(principal: Principal) -> list[Waiting]:
    """Gather the lines of all rooms: by urgency, then by deadline, those without one last."""
    lines = [line for provider in _providers for line in provider(principal)]
    return sorted(lines, key=lambda line: (line.urgency, line.ends_at or NEVER))
