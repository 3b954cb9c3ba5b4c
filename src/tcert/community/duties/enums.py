"""What sets a duty to report in motion."""

from enum import StrEnum


class Trigger(StrEnum):
    """What has to be reported."""

    INCIDENT = "incident"
    WEAKNESS = "weakness"
    OUTAGE = "outage"
    PERSONAL_DATA = "personal-data"
    OTHER = "other"
