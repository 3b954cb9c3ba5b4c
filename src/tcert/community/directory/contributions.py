"""Which acts count as taking part: each room says it of its own in one line of its `apps.py`.

    contributions.register(
        "liaisons:answered", kind="liaison-answered", label=_("A liaison answered"),
        how=_("Answer a liaison statement"), url="liaisons:list",
    )

Nothing is typed: a contribution is written when the domain event is told. The registry stands here,
below every room that has such acts; `participation` gives it the function that writes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from django.utils.functional import Promise

from tcert.foundation.kernel.outbox import Event, subscribe

Words = str | Promise
OBJECT = "object"
"""The object of the event is itself the team or organisation that acted."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of contribution, as `register` describes it."""

    name: str
    label: Words
    how: Words
    url: str
    credits: str
    needs: int
    most: int | None
    daily: bool
    only: str
    is_confidential: bool


Recorder = Callable[[Kind, Event], object]
Meetings = Callable[[], Iterable[tuple[UUID, date]]]

_kinds: dict[str, Kind] = {}
_recorders: list[Recorder] = []
_meetings: list[Meetings] = []


def register(
    event: str,
    *,
    kind: str,
    label: Words,
    how: Words,
    url: str,
    credits: str = "team",  # noqa: A002 - the word of the field
    needs: int = 1,
    most: int | None = None,
    daily: bool = False,
    only: str = "",
    is_confidential: bool = False,
) -> None:
    """Count a domain event as a contribution; call it from ``AppConfig.ready``.

    Args:
        event: Which event.
        kind: The name of the contribution; it stays for ever.
        label: What was done, in words.
        how: What a member does to make one, as the text of a link.
        url: The name of the page where that begins; it takes no arguments.
        credits: Which datum of the event holds the id of the team or organisation that acted.
        needs: So many of these acts make one contribution.
        most: So many contributions of this kind count within the window; None for all.
        daily: Whatever the same team or organisation does of this kind on one day counts once, and
            each day anew; else the same object counts once for ever.
        only: A datum of the event that must hold, such as that something was done in time.
        is_confidential: What it was about is for nobody's eyes: its id is kept one-way, and pages
            give the day alone.

    """
    told = Kind(kind, label, how, url, credits, needs, most, daily, only, is_confidential)
    if _kinds.setdefault(kind, told) != told:
        raise ValueError(f"there are two kinds of contribution called {kind}")
    subscribe(event, name=f"participation:{kind}")(partial(_record, told))


def _record(kind: Kind, event: Event) -> None:
    for recorder in _recorders:
        recorder(kind, event)


def record_with(recorder: Recorder) -> None:
    """Say what writes a contribution down, in the worker, inside the event's transaction."""
    if recorder not in _recorders:
        _recorders.append(recorder)


def kinds() -> dict[str, Kind]:
    """Return all kinds by name."""
    return dict(_kinds)


def register_meetings(meetings: Meetings) -> None:
    """Say which ordinary meetings were held or are planned: their ids and first days."""
    if meetings not in _meetings:
        _meetings.append(meetings)


def ordinary_meetings() -> list[tuple[UUID, date]]:
    """Return them all, the earliest first."""
    found = [one for meetings in _meetings for one in meetings()]
    return sorted(found, key=lambda meeting: (meeting[1], meeting[0]))
