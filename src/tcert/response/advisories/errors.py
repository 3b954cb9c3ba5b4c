"""Why an act on an advisory is refused."""

from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel.errors import Conflict, DomainError


class StaleText(Conflict):
    """Somebody else changed the text since this page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else changed this advisory while you were working on it. Nothing of "
                "yours was saved yet: compare with the text as it stands, then save again."
            ),
            code="stale",
        )


class AlreadyBegun(Conflict):
    """A colleague has begun an advisory of the same case since this page was opened."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Somebody else has begun an advisory of this case meanwhile: see it first. Begin "
                "again only if the case needs another one."
            ),
            code="begun",
        )


class WrongState(Conflict):
    """The advisory has moved on; the act does not fit its state."""

    def __init__(self) -> None:
        super().__init__(
            _("The advisory is in another state now: look at it again before you act."),
            code="state",
        )


class NotYet(DomainError):
    """A rule of publication forbids it; the message names the rule."""


class Invalid(DomainError):
    """The document fails mandatory tests."""

    def __init__(self, count: int) -> None:
        super().__init__(
            _("The document fails %(count)d mandatory tests: mend them first.") % {"count": count},
            code="invalid",
        )


class FourEyes(DomainError):
    """Whoever wrote the text cannot approve it."""

    def __init__(self) -> None:
        super().__init__(
            _("You worked on this text. Somebody else of your team must approve it."),
            code="four-eyes",
        )


class WrongNumber(DomainError):
    """The number typed to confirm is not the advisory's."""

    def __init__(self) -> None:
        super().__init__(
            _("That is not the number of this advisory: type it exactly to confirm."),
            code="number",
        )
