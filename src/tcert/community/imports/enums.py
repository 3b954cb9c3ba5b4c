"""Where entries come from, and how far an import is."""

from enum import StrEnum


class Source(StrEnum):
    """Whose list it is, and in which form."""

    TRUSTED_INTRODUCER = "ti"
    FIRST = "first"
    TEAMS_JSON = "teams"
    CSV = "csv"
    KEYRING = "keyring"


class Phase(StrEnum):
    """How far an import is."""

    READING = "reading"
    PREVIEW = "preview"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @classmethod
    def working(cls) -> frozenset["Phase"]:
        """Return the phases in which the worker is at it."""
        return frozenset({cls.READING, cls.RUNNING, cls.UNDOING})

    @classmethod
    def open(cls) -> frozenset["Phase"]:
        """Return the phases beside which no other import of the source begins."""
        return cls.working() | {cls.PREVIEW}


class Verdict(StrEnum):
    """What would become of a record."""

    NEW = "new"
    MATCHED = "matched"
    CANDIDATES = "candidates"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"

    @classmethod
    def written(cls) -> frozenset["Verdict"]:
        """Return those that change something."""
        return frozenset(cls) - {cls.SAME, cls.REFUSED}


class Match(StrEnum):
    """By what an entry belongs to a team of the directory."""

    ID = "id"
    KEY = "key"
    DOMAIN_AND_NAME = "domain-name"
    CHOSEN = "chosen"
