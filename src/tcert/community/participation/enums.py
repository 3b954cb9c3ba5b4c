"""States of standing, of absences, and the ways in which a member keeps standing."""

from enum import StrEnum


class State(StrEnum):
    """How an organisation stands, the worst first."""

    LAPSED = "lapsed"
    WARNED = "warned"
    EXCUSED = "excused"
    GRACE = "grace"
    GOOD = "good"


class Shown(StrEnum):
    """What all members read of it."""

    GOOD = "good"
    GRACE = "grace"
    LAPSED = "lapsed"


class Way(StrEnum):
    """What keeps standing; one of them is enough (design/community.md)."""

    MEETINGS = "meetings"
    CONTRIBUTIONS = "contributions"
    OFFICE = "office"


class AbsenceState(StrEnum):
    """An excused absence counts once it is confirmed."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @classmethod
    def open(cls) -> frozenset["AbsenceState"]:
        """Return the states that use up days: asked for, or given."""
        return frozenset({cls.ASKED, cls.CONFIRMED})


ABSENCE_MOVES: frozenset[tuple[AbsenceState, AbsenceState]] = frozenset(
    {
        (AbsenceState.ASKED, AbsenceState.CONFIRMED),
        (AbsenceState.ASKED, AbsenceState.REFUSED),
        (AbsenceState.ASKED, AbsenceState.WITHDRAWN),
        (AbsenceState.CONFIRMED, AbsenceState.WITHDRAWN),
    }
)
"""From which state to which; everything else is refused."""
