"""What the page `/about/what-we-see` prints: the models' own declarations, ordered for readers."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.apps import apps

from tcert.foundation.kernel.seen import FieldClass, Seen, declarations


@dataclass(frozen=True, slots=True)
class SeenField:
    """One stored field in plain words, with its class and the mark that shows it."""

    name: str
    words: str
    kind: FieldClass
    shape: str
    tone: str


@dataclass(frozen=True, slots=True)
class SeenThing:
    """One table: what it is, and its fields from sealed to readable."""

    thing: str
    table: str
    fields: tuple[SeenField, ...]

    @property
    def kinds(self) -> tuple[FieldClass, ...]:
        """Return the classes that occur, the most closed first."""
        present = {f.kind for f in self.fields}
        return tuple(kind for kind in reversed(FieldClass) if kind in present)


@dataclass(frozen=True, slots=True)
class SeenRoom:
    """The tables of one room."""

    name: str
    things: tuple[SeenThing, ...]


_MARKS = {
    FieldClass.SEALED: ("done", "good"),
    FieldClass.GUARDED: ("half", "info"),
    FieldClass.READABLE: ("open", "quiet"),
}


def _fields(seen: Seen) -> Iterator[SeenField]:
    for kind, mapping in (
        (FieldClass.SEALED, seen.sealed),
        (FieldClass.GUARDED, seen.guarded),
        (FieldClass.READABLE, seen.readable),
    ):
        shape, tone = _MARKS[kind]
        for name, text in mapping.items():
            yield SeenField(name, str(text), kind, shape, tone)


def seen_rooms() -> tuple[SeenRoom, ...]:
    """Return every declared table by room, in the order of installation; libraries come last."""
    declared = sorted(
        ((m, seen) for m, seen in declarations() if seen is not None),
        key=lambda pair: not pair[0].__module__.startswith("tcert."),
    )
    rooms = []
    for label, pairs in groupby(declared, key=lambda pair: pair[0]._meta.app_label):
        things = tuple(
            SeenThing(str(seen.thing), model._meta.db_table, tuple(_fields(seen)))
            for model, seen in pairs
        )
        rooms.append(SeenRoom(str(apps.get_app_config(label).verbose_name), things))
    return tuple(rooms)


def totals(rooms: tuple[SeenRoom, ...]) -> dict[str, int]:
    """Return how many fields there are of each class."""
    fields = [f for room in rooms for thing in room.things for f in thing.fields]
    return {kind.value: sum(f.kind is kind for f in fields) for kind in FieldClass}
