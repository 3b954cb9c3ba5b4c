"""Excused absences: asked for by who speaks for an organisation, decided by a coordinator."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tcert.community.directory.models import Organisation
from tcert.community.participation.domain import telling
from tcert.community.participation.enums import ABSENCE_MOVES, AbsenceState
from tcert.community.participation.leave import Absence as Span
from tcert.community.participation.leave import most_used
from tcert.community.participation.models import Absence
from tcert.community.participation.rule_sets import RULES, in_force
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

ASK = "participation:absence:ask"
DECIDE = "participation:absence:decide"
WITHDRAW = "participation:absence:withdraw"
BACK = timedelta(days=30)
"""How far back an absence may begin: who is ill asks afterwards."""
AHEAD = timedelta(days=365)
"""How far ahead it may begin."""


@transaction.atomic
def ask(
    *, principal: Principal, organisation: Organisation, first: date, last: date, reason: str
) -> Absence:
    """Ask for days to be excused; they count once a coordinator confirms them.

    The organisation is held: two of its people cannot pass the limit together.

    Raises:
        DomainError: the days are the wrong way round, too far away, or more than the rules give.
        Conflict: days of it are asked for or confirmed already.

    """
    require(principal, Permission.PARTICIPATION_ABSENCE_ASK, organisation)
    _hold(organisation)
    _check(organisation, Span(first, last))
    made = Absence.objects.create(
        organisation=organisation,
        first=first,
        last=last,
        reason=reason,
        asked_by=principal.person_id,
    )
    days = {"first": first.isoformat(), "last": last.isoformat()}
    record(principal, ASK, "absence", made.id, **days)
    return made


def _check(organisation: Organisation, wanted: Span) -> None:
    today = clock.today()
    if not wanted.days:
        raise DomainError(_("The last day lies before the first one."), code="days")
    if not today - BACK <= wanted.first <= today + AHEAD:
        raise DomainError(
            _("An absence begins at most 30 days ago and at most a year ahead."), code="days"
        )
    taken = [one.span for one in _open(organisation)]
    if any(one.first <= wanted.last and wanted.first <= one.last for one in taken):
        raise Conflict(_("Some of these days are asked for or confirmed already."), code="days")
    rule = in_force(RULES, max(wanted.first, today))
    if rule and most_used([*taken, wanted], rule.absence_within) > rule.absence_most:
        raise DomainError(
            ngettext(
                "At most %(most)d day can be excused within %(within)d days, those counted that "
                "wait for an answer.",
                "At most %(most)d days can be excused within %(within)d days, those counted that "
                "wait for an answer.",
                rule.absence_most,
            )
            % {"most": rule.absence_most, "within": rule.absence_within},
            code="days",
        )


def _open(organisation: Organisation) -> list[Absence]:
    found = Absence.objects.filter(organisation=organisation, state__in=AbsenceState.open())
    return list(found.only("first", "last"))


@transaction.atomic
def decide(
    *, principal: Principal, absence: Absence, confirmed: bool, answer: str, shown: str
) -> Absence:
    """Confirm or refuse an absence as a coordinator whom nothing ties to the organisation.

    Raises:
        DomainError: it is refused without a word.
        AlreadyDone: a colleague has decided, or it was withdrawn.

    """
    require(principal, Permission.PARTICIPATION_MANAGE, absence)
    if not confirmed and not answer.strip():
        raise DomainError(_("Say in words why you refuse it."), code="answer")
    state = AbsenceState.CONFIRMED if confirmed else AbsenceState.REFUSED
    present = _move(principal, absence, state, shown)
    present.answer = answer
    present.save(update_fields=["state", "decided_at", "decided_by", "answer"])
    record(principal, DECIDE, "absence", present.id, state=state)
    telling.answered(present)
    return present


@transaction.atomic
def withdraw(*, principal: Principal, absence: Absence, shown: str) -> Absence:
    """Take an absence back, as who speaks for the organisation; its days count again.

    Raises:
        AlreadyDone: it was decided or withdrawn since the page was shown.

    """
    require(principal, Permission.PARTICIPATION_ABSENCE_ASK, absence)
    present = _move(principal, absence, AbsenceState.WITHDRAWN, shown)
    present.save(update_fields=["state", "decided_at", "decided_by"])
    record(principal, WITHDRAW, "absence", present.id)
    return present


def _move(principal: Principal, absence: Absence, state: AbsenceState, shown: str) -> Absence:
    """Hold the row, look at it again, and set the new state; the caller saves."""
    _hold(absence.organisation)
    present = Absence.objects.select_for_update(of=("self",)).get(pk=absence.pk)
    if present.shown != shown or (AbsenceState(present.state), state) not in ABSENCE_MOVES:
        raise AlreadyDone
    present.state, present.decided_at = state, clock.now()
    present.decided_by = principal.person_id
    return present


def _hold(organisation: Organisation) -> None:
    held = Organisation.objects.select_for_update(no_key=True).filter(pk=organisation.pk)
    list(held.values_list("pk", flat=True))
