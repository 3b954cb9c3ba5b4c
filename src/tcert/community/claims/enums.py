"""States of a claim and what moves it, ways to verify, disputes, imports."""

from enum import StrEnum


class State(StrEnum):
    """Where a claim stands."""

    CLAIMED = "claimed"
    VERIFIED = "verified"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    ENDED = "ended"

    @classmethod
    def counting(cls) -> tuple["State", ...]:
        """Return those that answer a look-up; a dispute never hides a claim."""
        return (cls.CLAIMED, cls.VERIFIED, cls.DISPUTED)


class Act(StrEnum):
    """What moves a claim from one state to another."""

    VERIFY = "verify"
    LAPSE = "lapse"
    DISPUTE = "dispute"
    RESUME = "resume"
    RESUME_VERIFIED = "resume-verified"
    END = "end"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    RESTORE = "restore"


class Source(StrEnum):
    """How a claim came here."""

    TYPED = "typed"
    CSV = "csv"
    IR21 = "ir21"


class Way(StrEnum):
    """How somebody came to believe a claim."""

    MAIL = "mail"
    DNS = "dns"
    ATTESTATION = "attestation"
    COORDINATOR = "coordinator"


class Proof(StrEnum):
    """What became of one try to verify."""

    ASKED = "asked"
    PROVEN = "proven"
    DECLINED = "declined"
    LAPSED = "lapsed"


class Outcome(StrEnum):
    """What a dispute came to."""

    UPHELD = "upheld"
    ENDED = "ended"
    SHARED = "shared"
    MOOT = "moot"


class Verdict(StrEnum):
    """What an import would do with one row."""

    NEW = "new"
    CHANGED = "changed"
    OVERLAPS = "overlaps"
    SAME = "same"
    REFUSED = "refused"

    @classmethod
    def written(cls) -> tuple["Verdict", ...]:
        """Return those whose rows are applied."""
        return (cls.NEW, cls.CHANGED, cls.OVERLAPS)


class Phase(StrEnum):
    """Where an import stands."""

    READING = "reading"
    PREVIEW = "preview"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @classmethod
    def ended(cls) -> tuple["Phase", ...]:
        """Return those from which nothing follows."""
        return (cls.DONE, cls.CANCELLED, cls.FAILED)
