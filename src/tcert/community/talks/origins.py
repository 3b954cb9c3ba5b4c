"""Talks whose teams come and go by a thing of an upper room, such as a sharing group.

The upper room registers what its talks are called. Their teams are not asked one by one and cannot
leave, ask others or close by themselves: the room above does it for them (`domain.governing`). A
team that is off the list sees such a talk no more, and does again once it is back.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from tcert.community.talks.models import ENDED_ABOVE, GOVERNED, KEPT, TLP, Kept, Talk
from tcert.foundation.kernel.tlp import Tlp


@dataclass(frozen=True, slots=True)
class Origin:
    """What a talk was begun from: its name and address, and the marking of its messages."""

    name: str
    url: str
    tlp: Tlp
    kept: str = ""
    """Until when it is kept, in a sentence, where the room above deletes it in its own time."""


Look = Callable[[Collection[UUID]], Mapping[UUID, Origin]]

_looks: dict[str, Look] = {}


def register(kind: str, look: Look, kept: Kept | None = None, *, ends_it: bool = False) -> None:
    """Let a room govern the talks about a kind of thing; `look` asks the same for one and many.

    It is asked of talks that the viewer reads, and of no others. `kept` returns the things whose
    talks do not serve a person as one of the desk, because a concern of theirs is met there; a
    team of theirs that reads by itself still does. A room that `ends_it` deletes the talks with
    their thing, and silence does not. Call it at start.
    """
    _looks[kind] = look
    GOVERNED.add(kind)
    if ends_it:
        ENDED_ABOVE.add(kind)
    if kept is not None:
        KEPT[kind] = kept


def of(talks: Iterable[Talk]) -> dict[UUID, Origin]:
    """Return the origins of governed talks by the talk's id."""
    by_kind: dict[str, dict[UUID, UUID]] = {}
    for talk in talks:
        if talk.is_governed and talk.about_id is not None:
            by_kind.setdefault(talk.about_kind, {})[talk.id] = talk.about_id
    found: dict[UUID, Origin] = {}
    for kind, about in by_kind.items():
        told = _looks[kind](set(about.values()))
        found |= {talk: told[thing] for talk, thing in about.items() if thing in told}
    return found


def of_one(talk: Talk) -> Origin | None:
    """Return the origin of one talk, or None for one that teams began."""
    return of([talk]).get(talk.id)


def tlp_of(talk: Talk) -> Tlp:
    """Return what stands in the header of each message of a talk."""
    origin = of_one(talk)
    return origin.tlp if origin else TLP
