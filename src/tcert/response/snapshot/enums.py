"""Roles, states and reasons of the compiled table."""

from enum import StrEnum


class Role(StrEnum):
    """What the one who answers is to the identifier."""

    HOLDER = "holder"
    OPERATOR = "operator"
    LESSOR = "lessor"
    LESSEE = "lessee"
    SUB_LESSEE = "sub-lessee"
    HUB = "hub"
    MVNO = "mvno"
    SHARED = "shared"
    VENDOR = "vendor"
    ORIGIN = "origin"

    @classmethod
    def exclusive(cls) -> tuple["Role", ...]:
        """Return those that one party has alone: two of them contradict each other."""
        return (cls.HOLDER, cls.OPERATOR, cls.LESSOR, cls.LESSEE, cls.SUB_LESSEE, cls.VENDOR)


class State(StrEnum):
    """How far an entry is believed."""

    CLAIMED = "claimed"
    VERIFIED = "verified"
    IMPORTED = "imported"
    DISPUTED = "disputed"


class Basis(StrEnum):
    """How an entry was found: by the identifier itself, by something read from it, or by a member.

    *Group* is who stands above an organisation that an entry names.
    """

    DIRECT = "direct"
    PORTED = "ported"
    DERIVED = "derived"
    AMBIGUOUS = "ambiguous"
    COUNTRY = "country"
    GROUP = "group"


class Side(StrEnum):
    """Whose identifier it is in what was observed."""

    SOURCE = "source"
    VICTIM = "victim"
