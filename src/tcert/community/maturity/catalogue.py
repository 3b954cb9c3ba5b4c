"""The parameters of SIM3 and the target profiles, read once from the data files beside it."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tcert.community.maturity.enums import Pillar, Profile
from tcert.community.maturity.explanations import ASKS
from tcert.community.maturity.sim3 import Levels

DATA = Path(__file__).parent / "data"
SOURCE = "https://opencsirt.org/csirt-maturity/sim3-and-references/"
PROFILES_VERSION = 1
"""Goes up whenever profiles.csv changes, so that a reached profile says by which it was judged."""

PILLARS = {
    Pillar.ORGANISATION: _("Organisation"),
    Pillar.HUMAN: _("Human"),
    Pillar.TOOLS: _("Tools"),
    Pillar.PROCESSES: _("Processes"),
}
PROFILES = {
    Profile.BASIC: _("basic"),
    Profile.INTERMEDIATE: _("intermediate"),
    Profile.ADVANCED: _("advanced"),
}
LEVELS: dict[int, tuple[str | Promise, str | Promise]] = {
    0: (_("not there"), _("Nobody has thought of it, or nobody knows.")),
    1: (_("in heads"), _("The people know it; it is written nowhere.")),
    2: (_("written down"), _("It is written inside the team; nobody has made it binding.")),
    3: (_("made binding"), _("Who heads the team has approved or published it.")),
    4: (
        _("looked after from above"),
        _("Besides, somebody above the head of the team checks it again and again."),
    ),
}
"""By level: a short name and what it means (SIM3 defines the five levels)."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the model."""

    id: str
    name: str

    @property
    def pillar(self) -> Pillar:
        """Return the part of the model to which it belongs."""
        return Pillar(self.id.partition("-")[0])

    @property
    def asks(self) -> str | Promise:
        """Return what it asks, in the hub's words."""
        return ASKS[self.id][0]

    @property
    def example(self) -> str | Promise:
        """Return what would show it."""
        return ASKS[self.id][1]


@cache
def parameters() -> dict[str, Parameter]:
    """Return all 45 by id, in the order of the model."""
    with (DATA / "parameters.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: Parameter(**row) for row in csv.DictReader(file)}


@cache
def quadrants() -> dict[Pillar, tuple[Parameter, ...]]:
    """Return the parameters of each pillar."""
    return {
        pillar: tuple(one for one in parameters().values() if one.pillar is pillar)
        for pillar in Pillar
    }


@cache
def targets() -> dict[Profile, Levels]:
    """Return the level that each profile asks of each parameter."""
    with (DATA / "profiles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {profile: {row["id"]: int(row[profile]) for row in rows} for profile in Profile}
