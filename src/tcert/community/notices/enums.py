"""What a team is told of, how, and in which state its hooks are."""

from enum import StrEnum


class Occasion(StrEnum):
    """What a notice is about; a hook says which of them it pages for."""

    INVITATION = "invitation"
    MESSAGE = "message"
    EMBARGO_NEAR = "embargo-near"
    PROMISE_NEAR = "promise-near"
    OTHER = "other"

    @classmethod
    def paged(cls) -> tuple["Occasion", ...]:
        """Return those that a hook can be asked to page for."""
        return (cls.INVITATION, cls.MESSAGE, cls.EMBARGO_NEAR, cls.PROMISE_NEAR)


class Told(StrEnum):
    """How a team was told, so that a page can say what its sender may count on."""

    SEALED = "sealed"
    NEUTRAL = "neutral"
    DIGEST = "digest"
    NO_ADDRESS = "no-address"
    NO_KEY = "no-key"


class Pace(StrEnum):
    """When a team's mails go out; what is urgent never waits."""

    AT_ONCE = "at-once"
    DIGEST = "digest"


class HookKind(StrEnum):
    """What a hook speaks to."""

    WEBHOOK = "webhook"
    SMS = "sms"


class HookState(StrEnum):
    """A hook that failed too often is switched off until somebody looks at it."""

    ACTIVE = "active"
    DISABLED = "disabled"


class BodyForm(StrEnum):
    """How an SMS gateway takes its fields."""

    FORM = "form"
    JSON = "json"


class Urgency(StrEnum):
    """All that a page says about what it is for."""

    URGENT = "urgent"
    NORMAL = "normal"
    TEST = "test"
    DRILL = "drill"
