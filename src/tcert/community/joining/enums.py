"""States of an application, acts on it, who acts next, and what became of words for or against."""

from enum import StrEnum


class State(StrEnum):
    """Places on the way to the list (design/community.md, "Joining and trust")."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    MORE_INFORMATION = "more-information"
    SPONSORED = "sponsored"
    OBJECTIONS = "objection-period"
    LISTED = "listed"
    MEMBER = "member"
    DECLINED = "declined"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"

    @classmethod
    def final(cls) -> frozenset["State"]:
        """Return the states that nothing follows."""
        return frozenset({cls.MEMBER, cls.DECLINED, cls.WITHDRAWN, cls.LAPSED})

    @classmethod
    def running(cls) -> frozenset["State"]:
        """Return the states in which somebody still has something to do before it is listed."""
        return frozenset(cls) - cls.final() - {cls.LISTED}

    @classmethod
    def editable(cls) -> frozenset["State"]:
        """Return the states in which the applicant changes what they entered."""
        return frozenset({cls.DRAFT, cls.MORE_INFORMATION})


class Act(StrEnum):
    """What moves an application."""

    SUBMIT = "submit"
    EXAMINE = "examine"
    ASK = "ask"
    ANSWER = "answer"
    SPONSOR = "sponsor"
    UNSPONSOR = "unsponsor"
    OPEN = "open"
    ADMIT = "admit"
    LIST = "list"
    COMPLETE = "complete"
    DECLINE = "decline"
    DEFER = "defer"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


class Actor(StrEnum):
    """Who has the next act."""

    APPLICANT = "applicant"
    SPONSORS = "sponsors"
    DESK = "desk"
    MEMBERS = "members"
    NOBODY = "nobody"


class Word(StrEnum):
    """What a team that was asked to vouch for an applicant has answered."""

    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ObjectionState(StrEnum):
    """What became of an objection."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
