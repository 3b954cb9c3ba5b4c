"""Kinds of link and ways to write dates."""

from enum import StrEnum


class LinkKind(StrEnum):
    """What a one-time link is for."""

    SET_UP = "set-up"
    INVITATION = "invitation"
    PARTY = "party"
    APPLICATION = "application"
    PASSPHRASE = "passphrase"  # noqa: S105 - a kind of link, not a secret


class DateStyle(StrEnum):
    """Locales whose way to write dates a person may choose; the words stay English."""

    BRITISH = "en-gb"
    AMERICAN = "en-us"


class Verified(StrEnum):
    """How a coordinator made sure whom they helped."""

    MET = "met"
    CALLED = "called"
    VOUCHED = "vouched"
