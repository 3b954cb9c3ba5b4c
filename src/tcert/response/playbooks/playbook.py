"""What a playbook is made of: plain data, as the files in `data` say it. Pure."""

from dataclasses import dataclass
from datetime import date

from tcert.response.playbooks.enums import Box, Kind, Place, Reach


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: who, what, how to know that it worked, and what it must not break."""

    code: str
    do: str
    who: str
    worked: str
    spare: str

    @property
    def anchor(self) -> str:
        """Return the fragment by which the step is cited; it lasts as long as the code."""
        return f"step-{self.code}"


@dataclass(frozen=True, slots=True)
class TimeBox:
    """What is done in one stretch of time."""

    box: Box
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A question that tells what it is, and the measure that contains what was found."""

    code: str
    ask: str
    look: str
    finding: str
    contain: str
    effects: str
    undo: str

    @property
    def anchor(self) -> str:
        """Return the fragment by which the pair is cited."""
        return f"pair-{self.code}"


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to call, where they are found, and what for.

    `domain` is a code of the vocabulary `telecom-domain`, for the own organisation alone.
    """

    place: Place
    who: str
    why: str
    domain: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Somebody who may have to be told, and when; no legal advice."""

    who: str
    when: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document that the playbook rests on; a clause only where it is certain."""

    document: str
    title: str
    clause: str
    url: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class Playbook:
    """What to do in one kind of situation. `slug` is the name of its file."""

    slug: str
    title: str
    version: str
    reviewed: date
    language: str
    kinds: tuple[Kind, ...]
    summary: str
    roles: tuple[str, ...]
    signs: tuple[str, ...]
    aim: str
    ready: tuple[str, ...]
    decides: tuple[str, ...]
    spare: tuple[str, ...]
    boxes: tuple[TimeBox, ...]
    pairs: tuple[Pair, ...]
    calls: tuple[Call, ...]
    evidence: tuple[str, ...]
    tells: tuple[Tell, ...]
    over: tuple[str, ...]
    sources: tuple[Source, ...]
    fight: tuple[str, ...]
    motif: tuple[str, ...]

    @property
    def words(self) -> str:
        """Return what a search looks through, in lower case."""
        return " ".join([self.title, self.summary, *self.signs, *self.kinds]).lower()
