"""What becomes of mails and of drills, in words of fixed lists."""

from enum import StrEnum


class Outcome(StrEnum):
    """What happened to a mail to an address, or with the address."""

    ACCEPTED = "accepted"
    PUT_OFF = "put-off"
    REFUSED = "refused"
    RETURNED = "returned"
    """The relay had taken it, and it came back."""
    CONFIRMED = "confirmed"
    """Who reads there used the link in a mail."""


class Reason(StrEnum):
    """Why mail does not arrive, by the subject and detail of RFC 3463 (3.2 to 3.8)."""

    NO_SUCH_ADDRESS = "no-such-address"
    SWITCHED_OFF = "switched-off"
    FULL = "full"
    TOO_LARGE = "too-large"
    POLICY = "policy"
    NETWORK = "network"
    OTHER = "other"


class DeliveryState(StrEnum):
    """How mail to an address fares."""

    UNKNOWN = "unknown"
    FINE = "fine"
    FAILING = "failing"
    REFUSED = "refused"

    @classmethod
    def troubled(cls) -> tuple["DeliveryState", ...]:
        """Return the states in which somebody has to look."""
        return (cls.FAILING, cls.REFUSED)


class DrillKind(StrEnum):
    """Who set a drill off."""

    SCHEDULED = "scheduled"
    BY_HAND = "by-hand"
    PRACTICE = "practice"

    @classmethod
    def counted(cls) -> tuple["DrillKind", ...]:
        """Return those that stand in the team's record."""
        return (cls.SCHEDULED, cls.BY_HAND)


class Result(StrEnum):
    """What a drill came to."""

    WAITING = "waiting"
    IN_TIME = "in-time"
    LATE = "late"
    UNANSWERED = "unanswered"
    UNDELIVERABLE = "undeliverable"

    @classmethod
    def failed(cls) -> tuple["Result", ...]:
        """Return those after which nobody can rely on the contact."""
        return (cls.UNANSWERED, cls.UNDELIVERABLE)


class Answered(StrEnum):
    """By what a drill was answered."""

    LINK = "link"
    SIGNED = "signed"
    SIGNED_IN = "signed-in"
