"""States and acts of an invitation beyond the hub, and where a contact is published."""

from enum import StrEnum


class PartyState(StrEnum):
    """How far the invitation itself is; what follows the terms is told by the participant."""

    SENT = "sent"
    OPENED = "opened"
    JOINED = "joined"
    LAPSED = "lapsed"
    ASKED = "asked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


LINK_OUT = frozenset({PartyState.SENT, PartyState.OPENED})
"""A link is out that somebody may still use."""
WITH_TEAM = frozenset({PartyState.JOINED, PartyState.LAPSED})
"""There is a provisional team, and the terms have not been put to it."""
RUNNING = LINK_OUT | {PartyState.JOINED}
"""The clock runs."""
STANDING = frozenset(PartyState) - {PartyState.WITHDRAWN}
"""A second invitation of the same name into the case would be one too many."""


class PartyAct(StrEnum):
    """The moves."""

    OPEN = "open"
    JOIN = "join"
    ASK = "ask"
    RENEW = "renew"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


class Source(StrEnum):
    """Where the address was published, before anybody wrote to the hub."""

    SECURITY_TXT = "security.txt"
    FIRST = "first"
    TRUSTED_INTRODUCER = "trusted-introducer"
    OWN_WEBSITE = "own-website"
    PHONE = "phone"
    OTHER = "other"
