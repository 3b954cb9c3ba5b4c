"""What coordinators can declare."""

from enum import StrEnum


class InterestKind(StrEnum):
    """In which way a coordinator is tied to an organisation."""

    EMPLOYER = "employer"
    FORMER_EMPLOYER = "former_employer"
    OWNER = "owner"
    CUSTOMER = "customer"
    FAMILY = "family"
    OTHER = "other"
