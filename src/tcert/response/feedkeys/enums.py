"""What a feed key opens."""

from enum import StrEnum


class Opens(StrEnum):
    """The one thing that a key is for; a program that does two gets two keys."""

    ADVISORIES = "advisories"
    LOOKUPS = "lookups"
    INCIDENTS = "incidents"
    NOTIFICATIONS = "notifications"

    @classmethod
    def of_a_team(cls) -> frozenset["Opens"]:
        """Return those with which a program sends something in the name of its owner's team."""
        return frozenset({cls.INCIDENTS, cls.NOTIFICATIONS})
