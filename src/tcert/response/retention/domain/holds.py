"""Legal holds: one coordinator sets them at once, two lift them, and every party sees them.

An order to keep something cannot wait for a colleague; and what is deleted cannot be brought back,
so that lifting is what one person alone, or one stolen session, must not do.
"""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.second import Confirmation, require_second
from tcert.response.cases.domain.machines import note
from tcert.response.cases.domain.notices import tell_all
from tcert.response.cases.models import Case
from tcert.response.intake.domain import mailbox
from tcert.response.retention.domain.keeping import spare_until
from tcert.response.retention.models import Hold

LIFT = "retention:hold:lift"
REVIEW_WITHIN = timedelta(days=366)
AFTER_LIFTING = timedelta(days=8)
"""Seven days of warning, and one for the warning to go out."""


@transaction.atomic
def set_hold(*, principal: Principal, case: Case, reason: str, review_on: date) -> Hold:
    """Keep everything of a case from being deleted, from this moment on.

    Raises:
        Conflict: it is held already, or was deleted a moment ago.
        DomainError: no reason was typed, or the day of review is not within a year.

    """
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    _check(reason, review_on)
    case.claim(None)
    if case.held_since is not None:
        raise Conflict(_("This case is held already: nothing was changed."))
    hold = Hold.objects.create(
        case=case,
        set_at=clock.now(),
        set_by=principal.person_id,
        reason=reason.strip(),
        review_on=review_on,
    )
    case.held_since = hold.set_at
    case.save(update_fields=["held_since"])
    note(principal, "held", case, review_on=review_on.isoformat())
    tell_all(case, "held")
    return hold


@transaction.atomic
def review_hold(*, principal: Principal, hold: Hold, reason: str, review_on: date) -> Hold:
    """Say that a hold still stands, why, and when it is looked at again."""
    case = hold.case
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    _check(reason, review_on)
    case.claim(None)
    hold.refresh_from_db()
    if hold.lifted_at is not None:
        raise AlreadyDone
    hold.reason, hold.review_on = reason.strip(), review_on
    hold.save(update_fields=["reason", "review_on"])
    note(principal, "hold-reviewed", case, review_on=review_on.isoformat())
    return hold


@transaction.atomic
def lift_hold(
    *, principal: Principal, hold: Hold, reason: str, confirmation: Confirmation | None = None
) -> Hold:
    """Let the clock of a case go on, and do what its reporter asked for meanwhile.

    Raises:
        NeedsSecond: a second coordinator confirms it first.
        AlreadyDone: it was lifted a moment ago.
        DomainError: no reason was typed.

    """
    case = hold.case
    require(principal, Permission.CASES_CASE_COORDINATE, case)
    if not reason.strip():
        raise DomainError(_("Say why it is lifted."))
    case.claim(None)
    hold.refresh_from_db()
    if hold.lifted_at is not None:
        raise AlreadyDone
    if case.coordinating_team.is_desk:
        require_second(confirmation, LIFT, hold.id, reason=reason.strip())
    hold.lifted_at, hold.lifted_by = clock.now(), principal.person_id
    hold.lift_reason = reason.strip()
    hold.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    case.held_since = None
    spare_until(case, clock.now() + AFTER_LIFTING)
    case.save(update_fields=["held_since", "keep_until"])
    note(principal, "hold-lifted", case)
    mailbox.withdraw_waiting(case=case)
    tell_all(case, "hold-lifted")
    return hold


def _check(reason: str, review_on: date) -> None:
    if not reason.strip():
        raise DomainError(_("Say who demands it, and under which reference."))
    if not clock.today() < review_on <= clock.today() + REVIEW_WITHIN:
        raise DomainError(_("Name a day within a year on which the hold is looked at again."))
