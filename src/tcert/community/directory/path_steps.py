"""The steps by which a young team is established: each room registers those that it can see.

Nobody ticks a step. What it says is worked out from the records that stand, for many teams at
once, so that a list of teams asks no more of the database than one.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.utils.functional import Promise

from tcert.community.directory.models import Team

Words = str | Promise


class Standing(StrEnum):
    """How far a step is."""

    OPEN = "open"
    BEGUN = "begun"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that a step still lacks, and the page on which it is made."""

    words: Words
    url: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one team is with one step."""

    lacks: tuple[Lack, ...] = ()
    is_begun: bool = False

    @property
    def standing(self) -> Standing:
        """Return the same in a word: without a lack it is done."""
        if not self.lacks:
            return Standing.DONE
        return Standing.BEGUN if self.is_begun else Standing.OPEN


Judge = Callable[[Collection[Team]], Mapping[UUID, Progress]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the path.

    `state` takes teams (with their organisations) and answers by team id; a team that it leaves
    out does not have this step. `url` leads to the page where the real record is made. Orders are
    tens, from 10; rooms below each other leave gaps for those above.
    """

    name: str
    order: int
    title: Words
    why: Words
    example: Words
    state: Judge
    url: Callable[[Team], str]


@dataclass(frozen=True, slots=True)
class Reached:
    """A step as one team stands at it."""

    step: Step
    progress: Progress
    url: str

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.progress.standing is Standing.DONE


_steps: dict[str, Step] = {}


def register(*steps: Step) -> None:
    """Add steps; a name that is registered again takes the place of the first. Call at start."""
    _steps.update((step.name, step) for step in steps)


def steps() -> list[Step]:
    """Return all steps in their order."""
    return sorted(_steps.values(), key=lambda step: (step.order, step.name))


def walk(teams: Collection[Team]) -> dict[UUID, list[Reached]]:
    """Return where each team stands at each step that it has, in the order of the path."""
    found: dict[UUID, list[Reached]] = {team.id: [] for team in teams}
    for step in steps():
        progress = step.state(teams)
        for team in teams:
            if team.id in progress:
                found[team.id].append(Reached(step, progress[team.id], step.url(team)))
    return found


def first_open(teams: Collection[Team]) -> dict[UUID, Reached]:
    """Return the first step of each team that is not done; a team without one is missing.

    A step is asked about those teams alone that have no answer yet, so that it costs little for
    who is at the beginning.
    """
    found: dict[UUID, Reached] = {}
    for step in steps():
        left = [team for team in teams if team.id not in found]
        progress = step.state(left) if left else {}
        for team in left:
            if team.id in progress and progress[team.id].lacks:
                found[team.id] = Reached(step, progress[team.id], step.url(team))
    return found
