"""How near the end is, who asks, what is answered, what a year counts."""

from enum import StrEnum


class Stage(StrEnum):
    """Which warning the parties get."""

    MONTH = "month"
    WEEK = "week"


class RequestKind(StrEnum):
    """Who compels, or tries to."""

    COURT = "court"
    POLICE = "police"
    INTELLIGENCE = "intelligence"
    REGULATOR = "regulator"
    OTHER = "other"


class RequestAnswer(StrEnum):
    """What was handed over, at most."""

    NOTHING = "nothing"
    HELD = "held"
    READABLE = "readable"
    SEALED = "sealed"


class Counted(StrEnum):
    """What is counted by the year."""

    RECEIVED = "received"
    VALIDATED = "validated"
    CLOSED = "closed"
    ADVISORIES = "advisories"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"
    HELD = "held"
    LIFTED = "lifted"
    REQUESTS = "requests"
    INFORMATION_ACCEPTED = "rq-inf-all"
    INFORMATION_PARTLY = "rq-inf-par"
    INFORMATION_REFUSED = "rq-inf-ref"
    INFORMATION_NO_ANSWER = "rq-inf-non"
    PRESERVATION_ACCEPTED = "rq-pre-all"
    PRESERVATION_PARTLY = "rq-pre-par"
    PRESERVATION_REFUSED = "rq-pre-ref"
    PRESERVATION_NO_ANSWER = "rq-pre-non"
    ASSISTANCE_ACCEPTED = "rq-ass-all"
    ASSISTANCE_PARTLY = "rq-ass-par"
    ASSISTANCE_REFUSED = "rq-ass-ref"
    ASSISTANCE_NO_ANSWER = "rq-ass-non"
