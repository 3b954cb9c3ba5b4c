"""States, acts, kinds and roles of a case, with the groups that rules speak about."""

from enum import StrEnum


class Management(StrEnum):
    """Report management: how far one participant has got with the report."""

    START = "start"
    RECEIVED = "received"
    INVALID = "invalid"
    VALID = "valid"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    CLOSED = "closed"


class ManagementAct(StrEnum):
    """The moves of report management."""

    RECEIVE = "receive"
    VALIDATE = "validate"
    INVALIDATE = "invalidate"
    ACCEPT = "accept"
    DEFER = "defer"
    CLOSE = "close"


class EmbargoState(StrEnum):
    """Where the embargo of a case stands."""

    NONE = "none"
    PROPOSED = "proposed"
    ACTIVE = "active"
    REVISE = "revise"
    EXITED = "exited"


EMBARGO_HOLDS = frozenset({EmbargoState.ACTIVE, EmbargoState.REVISE})


class EmbargoAct(StrEnum):
    """The moves of an embargo."""

    PROPOSE = "propose"
    REJECT = "reject"
    ACCEPT = "accept"
    TERMINATE = "terminate"


class Consent(StrEnum):
    """One participant's consent to the embargo."""

    NO_EMBARGO = "no_embargo"
    INVITED = "invited"
    SIGNATORY = "signatory"
    DECLINED = "declined"
    LAPSED = "lapsed"


class ConsentAct(StrEnum):
    """The moves of a consent."""

    INVITE = "invite"
    ACCEPT = "accept"
    DECLINE = "decline"
    REVISE = "revise"
    RESET = "reset"


class CaseEvent(StrEnum):
    """What happens to a flaw: three steps per vendor or deployer, three per case."""

    VENDOR_AWARE = "V"
    FIX_READY = "F"
    FIX_DEPLOYED = "D"
    PUBLIC_AWARE = "P"
    EXPLOIT_PUBLIC = "X"
    ATTACKS_OBSERVED = "A"


PATH_EVENTS = (CaseEvent.VENDOR_AWARE, CaseEvent.FIX_READY, CaseEvent.FIX_DEPLOYED)
CLAIMED_EVENTS = (
    CaseEvent.PUBLIC_AWARE,
    CaseEvent.EXPLOIT_PUBLIC,
    CaseEvent.ATTACKS_OBSERVED,
)


class ClaimState(StrEnum):
    """A public fact is first claimed, then confirmed or set aside by the coordinating team."""

    CLAIMED = "claimed"
    CONFIRMED = "confirmed"
    SET_ASIDE = "set_aside"


class CaseKind(StrEnum):
    """What the report speaks of."""

    VULNERABILITY = "vulnerability"
    INCIDENT = "incident"


class Role(StrEnum):
    """What a participant is in a case; several at once."""

    FINDER = "finder"
    REPORTER = "reporter"
    COORDINATOR = "coordinator"
    VENDOR = "vendor"
    DEPLOYER = "deployer"
    OBSERVER = "observer"
    AUTHORITY = "authority"


INVITED_ROLES = (
    Role.VENDOR,
    Role.DEPLOYER,
    Role.COORDINATOR,
    Role.OBSERVER,
    Role.AUTHORITY,
    Role.FINDER,
)


class Presence(StrEnum):
    """Whether a participant takes part now."""

    INVITED = "invited"
    TAKING_PART = "taking_part"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


class InvitationState(StrEnum):
    """The life of an invitation."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Position(StrEnum):
    """Product status, in the words of CSAF."""

    UNDER_INVESTIGATION = "under_investigation"
    KNOWN_AFFECTED = "known_affected"
    KNOWN_NOT_AFFECTED = "known_not_affected"
    FIXED = "fixed"


class FixState(StrEnum):
    """How far the fix of one product is."""

    NONE = "none"
    PLANNED = "planned"
    IN_WORK = "in_work"
    IN_TEST = "in_test"
    READY = "ready"
    DEPLOYED = "deployed"
    WILL_NOT_FIX = "will_not_fix"


class Answer(StrEnum):
    """A party's answer to a proposed end of the embargo."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class ProposalState(StrEnum):
    """The life of a proposed end of the embargo."""

    OPEN = "open"
    IN_FORCE = "in_force"
    REJECTED = "rejected"
    OVERTAKEN = "overtaken"


class ThreadPurpose(StrEnum):
    """What a thread of a case is for; the sealed room stores it as plain text."""

    REPORT = "report"
    REPORTER = "reporter"
    DESK = "desk"
    VENDORS = "vendors"
    PRODUCT = "product"
    ALL = "all"
    TITLE = "title"


WIDE_PURPOSES = (ThreadPurpose.VENDORS, ThreadPurpose.PRODUCT, ThreadPurpose.ALL)
