"""Measures against an organisation, on what they rest, and how they end."""

from enum import StrEnum


class Kind(StrEnum):
    """A suspension ends by itself, an exclusion does not."""

    SUSPENSION = "suspension"
    EXCLUSION = "exclusion"


class Ground(StrEnum):
    """On what a measure rests; the reason says the rest in words."""

    CONFIDENCE = "confidence"
    IDENTITY = "identity"
    HARM = "harm"
    LAW = "law"


class End(StrEnum):
    """How a measure came to its end."""

    RAN_OUT = "ran-out"
    LIFTED = "lifted"
    APPEAL = "appeal"
    EXCLUDED = "excluded"
    """An exclusion has taken the place of a suspension."""


class Outcome(StrEnum):
    """What was decided on an appeal."""

    STAYS = "stays"
    LIFTED = "lifted"
