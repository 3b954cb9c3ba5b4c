"""Where reference data comes from, and what a refresh does to a row."""

from enum import StrEnum


class Source(StrEnum):
    """A public list, by the name of its package."""

    NETWORKS = "mcc-mnc-list"
    ADDRESSES = "ip-location-db/asn"


class Use(StrEnum):
    """What kind of network code a row names, as the list says it."""

    NATIONAL = "national"
    INTERNATIONAL = "international"
    TEST = "test"


class Turn(StrEnum):
    """What a refresh does to a row."""

    ADDED = "added"
    ALTERED = "altered"
    REMOVED = "removed"
