"""What a reporter chooses between."""

from enum import StrEnum


class ReportKind(StrEnum):
    """A weakness in a product, or an attack that somebody observes."""

    VULNERABILITY = "vulnerability"
    INCIDENT = "incident"


class Addressee(StrEnum):
    """Who gets the facts; the first named also gets the wishes and coordinates."""

    DESK = "desk"
    TEAM = "team"
    BOTH = "both"


class Anonymity(StrEnum):
    """Who may know who the reporter is, as far as the reporter says it at all."""

    NOBODY = "nobody"
    COORDINATOR = "coordinator"
    EVERYBODY = "everybody"
