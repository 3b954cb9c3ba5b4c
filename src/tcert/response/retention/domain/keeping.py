"""How long a case is kept: the coordinating team decides within bounds, with a reason."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.cases.domain.machines import note
from tcert.response.cases.domain.notices import tell_all
from tcert.response.cases.models import Case
from tcert.response.retention.models import Change

SHORTEST, LONGEST = 30, 730
"""Bounds in days after closing: two warnings need the shortest, and nothing is kept for ever."""

AFTER_A_SURPRISE = timedelta(days=30)
"""Who thought that there was more time gets at least this long when the time is shortened."""


@transaction.atomic
def set_days(
    *, principal: Principal, case: Case, revision: int | None, days: int, reason: str
) -> Case:
    """Keep a case for so many days after its closing, and tell its parties.

    Raises:
        DomainError: it is out of bounds, or no reason was typed.
        Conflict: somebody acted since the page was shown.

    """
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    if not SHORTEST <= days <= LONGEST:
        raise DomainError(
            _("A case is kept for %(least)d to %(most)d days after its closing.")
            % {"least": SHORTEST, "most": LONGEST}
        )
    if not reason.strip():
        raise DomainError(_("Say why: the parties read it."))
    case.claim(revision)
    before = case.keep_days
    if days == before:
        return case
    promised = case.deletes_at
    case.keep_days = days
    if promised is not None:
        spare_until(case, min(promised, clock.now() + AFTER_A_SURPRISE))
    case.save(update_fields=["keep_days", "keep_until"])
    Change.objects.create(
        case=case, before=before, after=days, reason=reason.strip(), by=principal.person_id
    )
    note(principal, "retention", case, before=before, after=days)
    tell_all(case, "retention")
    return case


def spare_until(case: Case, moment: datetime) -> None:
    """Let nothing be deleted before a moment; the caller holds the case and saves it."""
    case.keep_until = max(moment, case.keep_until or moment)
