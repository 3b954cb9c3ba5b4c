"""Kinds of incident, the boxes of time, where somebody is found, and who may read a source."""

from enum import StrEnum


class Kind(StrEnum):
    """Kinds of incident that a playbook is for, in the order of the list."""

    LOCATION_TRACKING = "location-tracking"
    SMS_INTERCEPTION = "sms-interception"
    ROAMING_FRAUD = "roaming-fraud"
    SIGNALLING_STORM = "signalling-storm"
    SUBSCRIBER_DATA_OUTAGE = "subscriber-data-outage"
    SIM_SWAP = "sim-swap"
    FALSE_BASE_STATION = "false-base-station"
    EXPOSED_EDGE = "exposed-edge"
    EDGE_ROUTER_TAKEOVER = "edge-router-takeover"


class Box(StrEnum):
    """Boxes of time in their order; each playbook fills all of them."""

    FIRST_15_MINUTES = "first-15-minutes"
    FIRST_HOUR = "first-hour"
    FIRST_4_HOURS = "first-4-hours"
    FIRST_DAY = "first-day"
    AFTER = "after"


class Place(StrEnum):
    """Where who is to be called is found."""

    OWN = "own"
    """In the own organisation, by a domain of responsibility."""
    DIRECTORY = "directory"
    """A team of another organisation, by name or by what it holds."""
    DESK = "desk"
    OUTSIDE = "outside"
    """Not in the directory: emergency services, police, banks."""


class Reach(StrEnum):
    """Who may read a source."""

    PUBLIC = "public"
    MEMBERS = "members-only"
