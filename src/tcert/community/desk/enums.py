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
