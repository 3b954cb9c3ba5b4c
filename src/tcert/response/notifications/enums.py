"""What a notification is about and how far it has come, with the table of what follows."""

from enum import StrEnum


class Topic(StrEnum):
    """The class of what was seen, which tells the recipient what to do."""

    COMPROMISED = "compromised"
    VULNERABLE = "vulnerable"
    ABUSED = "abused"
    SUSPICIOUS = "suspicious"
    OTHER = "other"


class Feed(StrEnum):
    """Where an observation comes from: a term, so that rules can name it."""

    OWN_NETWORK = "own-network"
    FIREWALL = "signalling-firewall"
    HONEYPOT = "honeypot"
    SCAN = "scan"
    SINKHOLE = "sinkhole"
    PARTNER = "partner"
    OTHER = "other"


class Severity(StrEnum):
    """How bad it is, from the least on; the timer depends on it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @classmethod
    def urgent(cls) -> frozenset["Severity"]:
        """Return those for which a team is told at any hour."""
        return frozenset({cls.HIGH, cls.CRITICAL})

    def and_worse(self) -> list["Severity"]:
        """Return it and those above."""
        every = list(Severity)
        return every[every.index(self) :]


class Pace(StrEnum):
    """When an organisation wants to be told."""

    AT_ONCE = "at-once"
    DAILY = "daily"
    NEVER = "never"


class Way(StrEnum):
    """How the team that is told comes to its lines."""

    PORTAL = "portal"
    """It reads them here; by mail it learns that there is something."""
    MAIL = "mail"
    """The sealed lines go to its mailbox as well."""


class Mailed(StrEnum):
    """What became of the mail in which an organisation wants the sealed lines of a hop."""

    NOT_WANTED = ""
    WAITS = "waits"
    LEFT = "left"
    """A relay took it, for each address."""
    RED = "red"
    NO_KEY = "no-key"
    KEY_CHANGED = "key-changed"
    """It is sealed to a key that is not the team's present one; the hub cannot open it."""
    NO_ADDRESS = "no-address"
    GONE = "gone"
    """The lines were deleted, or the team is not on the list any more, before it left."""
    TAKEN_BACK = "taken-back"
    """The rule or the address was taken away before it left."""
    REFUSED = "refused"
    """The relay refuses mail to the address for good."""


class Hop(StrEnum):
    """Why a team stands in the chain of a notification."""

    TEAM = "team"
    """It answers for the identifiers."""
    ORGANISATION = "organisation"
    """Another team of the same organisation."""
    CANDIDATE = "candidate"
    """The next one who may answer for them."""
    GROUP = "group"
    """The team of the group that owns the organisation."""
    DESK = "desk"
    CHOSEN = "chosen"
    """A person at the desk chose it."""


class Why(StrEnum):
    """Why a notification came to a hop."""

    RESOLVED = "resolved"
    RULE = "rule"
    """A delivery rule of the organisation names this team."""
    NO_KEY = "no-key"
    """Nothing can be sealed to who comes before."""
    NOBODY = "nobody"
    """Nobody is known for the identifiers."""
    SILENT = "silent"
    NOT_OURS = "not-ours"
    SENT_ON = "sent-on"


class State(StrEnum):
    """How far a notification has come."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    QUEUED = "queued"
    """At the desk: it found no one, or stayed without an answer."""
    TAKEN = "taken"
    """Somebody at the desk works on it."""
    ANSWERED = "answered"
    CLOSED = "closed"

    @classmethod
    def over(cls) -> frozenset["State"]:
        """Return the states in which nobody waits."""
        return frozenset({cls.ANSWERED, cls.CLOSED})


class Act(StrEnum):
    """What moves a notification."""

    ACKNOWLEDGE = "acknowledge"
    CONFIRM = "confirm"
    HANDLED = "handled"
    FALSE = "false"
    NOT_OURS = "not-ours"
    SILENT = "silent"
    TAKE = "take"
    LAY_BACK = "lay-back"
    SEND_ON = "send-on"
    CLOSE = "close"
    REOPEN = "reopen"

    @classmethod
    def answers(cls) -> tuple["Act", ...]:
        """Return what a told team says."""
        return (cls.ACKNOWLEDGE, cls.CONFIRM, cls.HANDLED, cls.FALSE, cls.NOT_OURS)


_OPEN = (State.WAITING, State.ACKNOWLEDGED, State.QUEUED, State.TAKEN)
_GOES_ON = frozenset({State.WAITING, State.QUEUED})

NEXT: dict[Act, dict[State, frozenset[State]]] = {
    # Who was silent may still answer while it lies at the desk.
    Act.ACKNOWLEDGE: {
        one: frozenset({State.ACKNOWLEDGED}) for one in _OPEN if one != State.ACKNOWLEDGED
    },
    Act.CONFIRM: {one: frozenset({State.ACKNOWLEDGED}) for one in _OPEN},
    Act.HANDLED: {one: frozenset({State.ANSWERED}) for one in _OPEN},
    Act.FALSE: {one: frozenset({State.ANSWERED}) for one in _OPEN},
    Act.NOT_OURS: {State.WAITING: _GOES_ON, State.ACKNOWLEDGED: _GOES_ON},
    Act.SILENT: {State.WAITING: _GOES_ON},
    Act.TAKE: {State.QUEUED: frozenset({State.TAKEN})},
    Act.LAY_BACK: {State.TAKEN: frozenset({State.QUEUED})},
    Act.SEND_ON: {State.TAKEN: frozenset({State.WAITING})},
    Act.CLOSE: {State.TAKEN: frozenset({State.CLOSED})},
    Act.REOPEN: {State.ANSWERED: frozenset({State.ACKNOWLEDGED})},
}
"""By act: what may follow which state."""


class Said(StrEnum):
    """What a team last said of a notification."""

    NOTHING = ""
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    HANDLED = "handled"
    FALSE = "false"
    NOT_OURS = "not-ours"


SAYS = {
    Act.ACKNOWLEDGE: Said.ACKNOWLEDGED,
    Act.CONFIRM: Said.CONFIRMED,
    Act.HANDLED: Said.HANDLED,
    Act.FALSE: Said.FALSE,
    Act.NOT_OURS: Said.NOT_OURS,
}


class Ending(StrEnum):
    """Why the desk closed one: a term, since what people write is sealed."""

    TOLD_ELSEWHERE = "told-elsewhere"
    NOBODY_FOUND = "nobody-found"
    TOO_OLD = "too-old"
    NO_MATTER = "no-matter"
    DOUBLE = "double"
