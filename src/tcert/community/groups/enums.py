"""Kinds of sharing groups, how teams come in, and the states of a team's seat."""

from enum import StrEnum


class Kind(StrEnum):
    """Who knows that a group exists."""

    OPEN = "open"
    CONFIDENTIAL = "confidential"


class Admission(StrEnum):
    """Who decides on a team that asks to join an open group."""

    STEWARD = "steward"
    VOUCHES = "vouches"
    """Two of its teams, of different houses."""


class State(StrEnum):
    """What a team's seat in a group is."""

    INVITED = "invited"
    REQUESTED = "requested"
    MEMBER = "member"
    DECLINED = "declined"
    """The team said no to an invitation."""
    EXPIRED = "expired"
    """Nobody answered in time."""
    WITHDRAWN = "withdrawn"
    """An invitation or a request was taken back by who made it."""
    REFUSED = "refused"
    LEFT = "left"
    REMOVED = "removed"
    LAPSED = "lapsed"
    """The team was off the list for too long."""

    @classmethod
    def live(cls) -> frozenset["State"]:
        """Return the states of which a team has one at most in a group."""
        return frozenset({cls.INVITED, cls.REQUESTED, cls.MEMBER})


NEXT = {
    State.INVITED: {State.MEMBER, State.DECLINED, State.EXPIRED, State.WITHDRAWN},
    State.REQUESTED: {State.MEMBER, State.REFUSED, State.EXPIRED, State.WITHDRAWN},
    State.MEMBER: {State.LEFT, State.REMOVED, State.LAPSED},
    State.REMOVED: {State.MEMBER},
}
"""What may follow; what is missing is final. Removed becomes member by an objection that holds."""


class Objection(StrEnum):
    """What became of an objection against a removal."""

    UPHELD = "upheld"
    """The team is a member again."""
    REJECTED = "rejected"
