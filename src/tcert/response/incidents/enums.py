"""States of an incident, of a party in one and of its answer, with the tables of what follows."""

from enum import StrEnum


class State(StrEnum):
    """How far an incident has come."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"
    CONTAINED = "contained"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    """It was none."""
    REOPENED = "reopened"

    @classmethod
    def over(cls) -> frozenset["State"]:
        """Return the states in which nothing more is to be done."""
        return frozenset({cls.CLOSED, cls.DISMISSED})


NEXT: dict[State, frozenset[State]] = {
    State.REPORTED: frozenset({State.CONFIRMED, State.DISMISSED}),
    State.CONFIRMED: frozenset({State.CONTAINED, State.DISMISSED}),
    State.CONTAINED: frozenset({State.CONFIRMED, State.CLOSED}),
    State.CLOSED: frozenset({State.REOPENED}),
    State.DISMISSED: frozenset({State.REOPENED}),
    State.REOPENED: frozenset({State.CONFIRMED, State.DISMISSED}),
}
"""What may follow a state."""


class Severity(StrEnum):
    """How bad it is, from the least on."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @classmethod
    def urgent(cls) -> frozenset["Severity"]:
        """Return those for which a team is told at any hour."""
        return frozenset({cls.HIGH, cls.CRITICAL})


class Reason(StrEnum):
    """Why something was changed: a term, since what people write is sealed."""

    SEEN_TWICE = "seen-twice"
    EVIDENCE = "evidence"
    NO_ATTACK = "no-attack"
    TEST = "test"
    MEASURE = "measure"
    QUIET = "quiet"
    BACK = "back"
    GREATER = "greater"
    SMALLER = "smaller"
    SOURCE_WISH = "source-wish"
    TALK = "talk"
    """It is said in the talk."""


class Side(StrEnum):
    """On which side of an incident a team stands, as far as who reports it can tell."""

    AFFECTED = "affected"
    SUSPECTED = "suspected"
    """What happens seems to come out of its network."""
    NEITHER = "neither"


class Standing(StrEnum):
    """What a team has to do with an incident on this hub."""

    NAMED = "named"
    """It is said to be concerned; nothing was sent to it and it sees nothing."""
    ASKED = "asked"
    """It was told, and sees the facts; the talk is not sealed to it."""
    READS = "reads"
    GONE = "gone"

    @classmethod
    def told(cls) -> frozenset["Standing"]:
        """Return those who may see that there is an incident."""
        return frozenset({cls.ASKED, cls.READS})


NEXT_STANDING: dict[Standing, frozenset[Standing]] = {
    Standing.NAMED: frozenset({Standing.ASKED, Standing.GONE}),
    Standing.ASKED: frozenset({Standing.READS, Standing.GONE}),
    Standing.READS: frozenset({Standing.GONE}),
    Standing.GONE: frozenset({Standing.ASKED}),
}
"""What may follow a standing."""


class Answer(StrEnum):
    """What a team says to being told."""

    NONE = "none"
    ACKNOWLEDGED = "acknowledged"
    NOT_OURS = "not-ours"


class Work(StrEnum):
    """Kinds of tasks: what exactly is meant is said in the talk."""

    BLOCK = "block"
    TRACE = "trace"
    LOGS = "logs"
    CREDENTIALS = "credentials"
    SUBSCRIBERS = "subscribers"
    EVIDENCE = "evidence"
    CALL = "call"
    REPAIR = "repair"
    ANSWER = "answer"
