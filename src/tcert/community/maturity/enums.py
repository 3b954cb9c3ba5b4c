"""Pillars, profiles and states of the room."""

from enum import StrEnum


class Pillar(StrEnum):
    """The four parts of SIM3, in its order."""

    ORGANISATION = "O"
    HUMAN = "H"
    TOOLS = "T"
    PROCESSES = "P"


class Profile(StrEnum):
    """How far a team wants to get, the lowest first."""

    BASIC = "basic"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class RequestState(StrEnum):
    """Where a request for a mentor stands."""

    ASKED = "asked"
    AGREED = "agreed"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"

    @classmethod
    def open(cls) -> frozenset["RequestState"]:
        """Return the states of which a team may have one at a time."""
        return frozenset({cls.ASKED, cls.AGREED})
