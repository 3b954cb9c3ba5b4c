"""Who holds keys and who writes, as this room knows them: it knows no teams."""

from enum import StrEnum


class HolderKind(StrEnum):
    """What kind of party a recipient or author is."""

    PERSON = "person"
    REPORTER = "reporter"
    TEAM = "team"


class LeftOut(StrEnum):
    """Why a recipient is passed over for now."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    UNUSABLE = "unusable"
