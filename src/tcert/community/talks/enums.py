"""States of a talk and of a team's place in one."""

from enum import StrEnum


class State(StrEnum):
    """Whether anything can still be written."""

    OPEN = "open"
    CLOSED = "closed"


class Turn(StrEnum):
    """Who wrote last, as a team's list shows it."""

    ASKED = "asked"
    """The team is asked to join."""
    OURS = "ours"
    """Another team wrote since."""
    THEIRS = "theirs"
    """The team wrote last, or said that it needs no answer."""
    EMPTY = "empty"
    """Nobody has written."""


class What(StrEnum):
    """What a team is told of a talk: one neutral word in an event, never who or about what."""

    ASKED = "asked"
    CLOSED = "closed"
    DELETION = "deletion"
    JOINING = "joining"
    MESSAGE = "message"
    UNOPENED = "unopened"
