"""Why a list was not taken: a sentence with the place in the file, never with what stands there."""

from django.utils.translation import gettext as _

from tcert.foundation.kernel.errors import DomainError


class ListRefused(Exception):
    """A list cannot be read; `where` is a line or a row, counted from 1. Pure code raises it."""

    def __init__(self, problem: str, where: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where


class NotTaken(DomainError):
    """A list was read and is not taken: it is older, or lacks much of what stands here."""


def refusal(refused: ListRefused) -> DomainError:
    """Return the same as something that a page and a command may say."""
    if not refused.where:
        return DomainError(_("Nothing was changed: %(why)s") % {"why": refused.problem})
    return DomainError(
        _("Nothing was changed. Line or row %(where)d: %(why)s")
        % {"where": refused.where, "why": refused.problem}
    )
