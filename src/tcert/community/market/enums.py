"""Kinds and states of what stands on the marketplace."""

from enum import StrEnum


class Kind(StrEnum):
    """What an entry is."""

    OFFER = "offer"
    NEED = "need"

    @property
    def other(self) -> "Kind":
        """Return the kind that it is held against."""
        return Kind.NEED if self is Kind.OFFER else Kind.OFFER


class Terms(StrEnum):
    """On what terms; the hub takes no part in money."""

    FREE = "free"
    AT_COST = "at-cost"
    PAID = "paid"


class State(StrEnum):
    """Only a published entry is seen by others."""

    DRAFT = "draft"
    PUBLISHED = "published"
    PAUSED = "paused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"

    @classmethod
    def over(cls) -> frozenset["State"]:
        """Return the states from which it comes back only if its team wants so."""
        return frozenset({cls.EXPIRED, cls.WITHDRAWN})


class Act(StrEnum):
    """What was done to an entry, as its history says."""

    ENTER = "enter"
    CHANGE = "change"
    CLAIM = "claim"
    PUBLISH = "publish"
    RENEW = "renew"
    PAUSE = "pause"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    TAKE_UP = "take-up"
    TAKEN_OFF = "taken-off"
    """The desk withdrew it."""


class ContactState(StrEnum):
    """Where a contact between two teams stands."""

    ASKED = "asked"
    TALKING = "talking"
    DECLINED = "declined"
    TAKEN_BACK = "taken-back"
    LAPSED = "lapsed"

    @classmethod
    def open_to_asker(cls) -> frozenset["ContactState"]:
        """Return the states that look alike to who asked: a refusal is not told."""
        return frozenset({cls.ASKED, cls.DECLINED})


class Ground(StrEnum):
    """Why an entry is reported to the desk."""

    NAMES_OTHERS = "names-others"
    FALSE_CLAIM = "false-claim"
    COMPETITION = "competition"
    NOT_FITTING = "not-fitting"
    OTHER = "other"


class Outcome(StrEnum):
    """What the desk decided on a report."""

    WITHDRAWN = "withdrawn"
    STAYS = "stays"


class What(StrEnum):
    """What a team is told, in one neutral word of an event."""

    ANSWERED = "answered"
    ASKED = "asked"
    ENDING = "ending"
    MATCHES = "matches"
    TAKEN_OFF = "taken-off"
