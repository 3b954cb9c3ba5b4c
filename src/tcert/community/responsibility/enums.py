"""States of an entry, what is missing in a matrix, and why somebody says that it is not theirs."""

from enum import StrEnum


class EntryState(StrEnum):
    """How far the accountable person of a domain stands by it."""

    EMPTY = "empty"
    NEVER = "never-confirmed"
    CONFIRMED = "confirmed"
    DUE = "due"
    OVERDUE = "overdue"
    REFUSED = "refused"
    LEFT = "left"

    @classmethod
    def to_ask(cls) -> frozenset["EntryState"]:
        """Return the states in which the person is asked to confirm."""
        return frozenset({cls.NEVER, cls.DUE, cls.OVERDUE})


class Gap(StrEnum):
    """What is missing, the worst first."""

    NOBODY = "nobody"
    TEAMS_ALONE = "teams-alone"
    LEFT = "left"
    REFUSED = "refused"
    OVERDUE = "overdue"
    UNCONFIRMED = "unconfirmed"
    NO_CHAIN = "no-chain"
    NO_DEPUTY = "no-deputy"
    CHAIN_LEFT = "chain-left"


class Refusal(StrEnum):
    """Why a person named says that it is not theirs."""

    NOT_ME = "not-me"
    MOVED = "moved"
    NOT_TOLD = "not-told"
    WRONG = "wrong-details"


class Part(StrEnum):
    """What a change was of, where it was of no single domain."""

    CHAIN = "chain"
