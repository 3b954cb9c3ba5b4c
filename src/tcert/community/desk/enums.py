"""What coordinators can declare, and how far an act of two has got."""

from enum import StrEnum


class InterestKind(StrEnum):
    """In which way a coordinator is tied to an organisation."""

    EMPLOYER = "employer"
    FORMER_EMPLOYER = "former_employer"
    OWNER = "owner"
    CUSTOMER = "customer"
    FAMILY = "family"
    OTHER = "other"


class ActState(StrEnum):
    """The life of an act that needs a second coordinator."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    VOID = "void"
    EXPIRED = "expired"


class ReviewStep(StrEnum):
    """What was said about a staff session: seen, a question, the answer to it."""

    SEEN = "seen"
    QUESTION = "question"
    ANSWER = "answer"


class Oddity(StrEnum):
    """Why a staff session is marked, by rules that the page prints."""

    RAN_OUT = "ran_out"
    NIGHT = "night"
    MANY = "many"
    TWO_AT_ONCE = "two_at_once"
    CONFLICT = "conflict"
    DANGEROUS = "dangerous"
