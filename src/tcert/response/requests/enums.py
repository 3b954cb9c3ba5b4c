"""Kinds of requests by authorities, what they rest on, and the table of their states."""

from enum import IntEnum, StrEnum

from tcert.community.directory.enums import OrganisationKind
from tcert.foundation.kernel.tlp import Tlp

ASKING = frozenset({OrganisationKind.LAW_ENFORCEMENT, OrganisationKind.GOVERNMENT})
"""Kinds of organisations whose teams send requests."""
ASKED = frozenset(
    {
        OrganisationKind.MNO,
        OrganisationKind.MVNO,
        OrganisationKind.FIXED,
        OrganisationKind.CARRIER,
        OrganisationKind.VENDOR,
    }
)
"""Kinds of organisations to whose teams requests are sent."""
MARKINGS = tuple(one for one in Tlp if one.rank >= Tlp.AMBER.rank)
"""Markings of requests. The talk bears it, so the authority marks what the party hands over too."""


class State(StrEnum):
    """How far a request has come."""

    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    PARTLY = "partly"
    REFUSED = "refused"
    HANDED_OVER = "handed-over"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    """Nobody answered, long after the deadline."""

    @classmethod
    def over(cls) -> frozenset["State"]:
        """Return the states in which nothing more is to be done: from here on it is kept."""
        return frozenset({cls.REFUSED, cls.CLOSED, cls.WITHDRAWN, cls.LAPSED})

    @classmethod
    def unanswered(cls) -> frozenset["State"]:
        """Return the states in which the addressee has not decided."""
        return frozenset({cls.SENT, cls.ACKNOWLEDGED})

    @classmethod
    def agreed(cls) -> frozenset["State"]:
        """Return the states in which the addressee does what it agreed to."""
        return frozenset({cls.ACCEPTED, cls.PARTLY, cls.HANDED_OVER})


NEXT: dict[State, frozenset[State]] = {
    State.SENT: frozenset({State.ACKNOWLEDGED, State.WITHDRAWN, State.LAPSED}),
    State.ACKNOWLEDGED: frozenset(
        {State.ACCEPTED, State.PARTLY, State.REFUSED, State.WITHDRAWN, State.LAPSED}
    ),
    State.ACCEPTED: frozenset({State.HANDED_OVER, State.CLOSED, State.WITHDRAWN}),
    State.PARTLY: frozenset({State.HANDED_OVER, State.CLOSED, State.WITHDRAWN}),
    State.HANDED_OVER: frozenset({State.CLOSED}),
    State.REFUSED: frozenset(),
    State.CLOSED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.LAPSED: frozenset(),
}
"""What may follow a state."""


class Kind(StrEnum):
    """What an authority asks for."""

    INFORMATION = "information"
    PRESERVATION = "preservation"
    ASSISTANCE = "assistance"
    """An explanation or technical help, without data of persons."""


class Basis(StrEnum):
    """What an authority says that its request rests on. The hub does not check it."""

    COURT = "court-order"
    PROSECUTOR = "prosecutor"
    POWER = "own-power"
    ASSISTANCE = "legal-assistance"
    SUPERVISION = "supervision"
    EMERGENCY = "emergency"
    VOLUNTARY = "voluntary"


class Data(StrEnum):
    """Kinds of data that a request may name."""

    SUBSCRIBER = "subscriber"
    TRAFFIC = "traffic"
    LOCATION = "location"
    SIGNALLING = "signalling"
    CONTENT = "content"
    LOGS = "logs"
    ROUTING = "routing"
    EQUIPMENT = "equipment"
    PAYMENT = "payment"
    OTHER = "other"


OF_PERSONS = frozenset({Data.SUBSCRIBER, Data.TRAFFIC, Data.LOCATION, Data.CONTENT, Data.PAYMENT})
"""What is always about persons: nobody gets it under the name of technical help."""


class Reason(StrEnum):
    """Why a request is refused, or accepted in part: a term, since what people write is sealed."""

    NO_BASIS = "no-basis"
    NOT_OURS = "not-ours"
    NOT_COMPETENT = "not-competent"
    DISPROPORTIONATE = "disproportionate"
    NOTHING_HELD = "nothing-held"
    NOT_PROVEN = "not-proven"
    OTHER = "other"


class Receipt(StrEnum):
    """What the authority says of something that was handed over."""

    NONE = "none"
    MATCHES = "matches"
    DIFFERS = "differs"


class Side(StrEnum):
    """From which side a person sees a request."""

    AUTHORITY = "authority"
    ADDRESSEE = "addressee"


class Keep(IntEnum):
    """For how many days a request is kept once it is over, with all that was handed over."""

    SHORT = 30
    MIDDLE = 90
    LONG = 180
