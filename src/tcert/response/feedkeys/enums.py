"""What a feed key opens."""

from enum import StrEnum


class Opens(StrEnum):
    """The one thing that a key is for; a program that does both gets two keys."""

    ADVISORIES = "advisories"
    LOOKUPS = "lookups"
