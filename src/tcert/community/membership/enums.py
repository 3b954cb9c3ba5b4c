"""On what a vouch rests, why one is refused or withdrawn, and what a review came to."""

from enum import StrEnum


class Basis(StrEnum):
    """On what the giving team's word rests, the strongest first (design/community.md)."""

    WORKED_TOGETHER = "worked-together"
    SITE_VISIT = "site-visit"
    MET_IN_PERSON = "met-in-person"
    IDENTITY_ONLY = "identity-only"


class Refusal(StrEnum):
    """Why a team may not vouch for another one now."""

    GIVER_NOT_MEMBER = "giver-not-member"
    RECEIVER_NOT_MEMBER = "receiver-not-member"
    ONESELF = "oneself"
    OWN_HOUSE = "own-house"
    STANDING = "standing"
    MUTUAL = "mutual"
    LIMIT = "limit"


class Withdrawal(StrEnum):
    """Why a vouch was withdrawn."""

    NOT_KNOWN = "not-known"
    CHANGED = "team-changed"
    CONFIDENCE = "confidence"
    MISTAKE = "mistake"
    PRESSURE = "pressure"
    OTHER = "other"


class Outcome(StrEnum):
    """What a coordinator found on looking at a team for which too few stand."""

    ON_THEIR_WAY = "on-their-way"
    KNOWN_OTHERWISE = "known-otherwise"
    ASKED = "asked"
