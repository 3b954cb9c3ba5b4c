"""What a feed key opens."""

from enum import StrEnum


class Opens(StrEnum):
    """The one thing that a key is for; a program that does two gets two keys."""

    ADVISORIES = "advisories"
    LOOKUPS = "lookups"
    INCIDENTS = "incidents"
