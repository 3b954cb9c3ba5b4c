"""Words of the tree."""

from enum import StrEnum


class TreeAlgorithm(StrEnum):
    """How leaves and nodes are hashed; each head names it, for another hash will come one day."""

    SHA256_RFC6962 = "sha256-rfc6962"


class Signed(StrEnum):
    """Whose signature a head carries."""

    PRESENT_KEY = "present-key"
    EARLIER_KEY = "earlier-key"
    BEFORE_KEY = "before-key"
    MISSING = "missing"
    FALSE = "false"


WRONG = frozenset({Signed.MISSING, Signed.FALSE})
