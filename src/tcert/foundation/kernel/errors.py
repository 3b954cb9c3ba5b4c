"""What an act raises when it cannot be done; the message is the sentence that the page shows."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """An act was refused. `message` says why and what to do, and may be shown to the person."""

    status = 400

    def __init__(self, message: str | Promise, *, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Conflict(DomainError):
    """Somebody else acted first: nothing was changed, the person looks again and decides."""

    status = 409


class AlreadyDone(Conflict):
    """Somebody else did the same, or took away what it was to be done to."""

    def __init__(self) -> None:
        super().__init__(_("Somebody else did this a moment ago; nothing was changed."))


class TooMany(DomainError):
    """A budget is used up; nothing was lost, and the message says when to come back."""

    status = 429
