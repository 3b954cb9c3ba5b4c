"""Reports of entries to the desk, and what the desk decides on them.

A coordinator withdraws a reported entry with a reason that its team reads. Who is tied to the
entry's house does so only with a second who is not. Of an unnamed need it always takes two: to ask
for a second only where somebody is tied would tell whose it is.
"""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tcert.community.directory.ties import tied_houses
from tcert.community.market.domain.holding import held, lapse_contacts, note, tell
from tcert.community.market.enums import Act, Ground, Outcome, State, What
from tcert.community.market.models import Entry, Report
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second

TAKE_OFF = "market:report:take-off"
BUDGET = Budget("market:reports", Scope.ACCOUNT, limit=10, per=timedelta(days=1))


@transaction.atomic
def report(*, principal: Principal, entry: Entry, ground: Ground, text: str) -> Report:
    """Tell the desk that something is wrong with an entry; its team is not told by whom.

    Raises:
        Conflict: the person has reported it, and nothing was decided yet.
        DomainError: it is the person's own team's.
        TooMany: the person has reported too many today.

    """
    require(principal, Permission.MARKET_REPORT)
    if entry.team_id in principal.team_ids or principal.person_id is None:
        raise DomainError(_("This is an entry of your own team: change or withdraw it."))
    BUDGET.require(principal.person_id)
    try:
        with transaction.atomic():
            made = Report.objects.create(
                entry=entry, person=principal.person_id, ground=ground, text=text
            )
    except IntegrityError as error:
        raise Conflict(_("You have reported it already; the desk has not decided yet.")) from error
    record(principal, "market:report:make", "market-report", made.id)
    return made


def is_tied(principal: Principal, entry: Entry) -> bool:
    """Tell whether something ties the coordinator to the house of an entry's team."""
    return entry.team.organisation.house in tied_houses(principal)


def take_off(
    *,
    principal: Principal,
    about: Report,
    reason: str,
    confirmation: Confirmation | None = None,
) -> Report:
    """Withdraw a reported entry; its team is told, and reads the reason.

    Raises:
        NeedsSecond: another coordinator has not confirmed it yet.
        DomainError: no reason was typed, or who confirms is tied as well.
        AlreadyDone: a colleague decided on the report.

    """
    require(principal, Permission.MARKET_REPORTS_SETTLE)
    reason = _reason(reason)
    unnamed, tied = about.entry.is_unnamed, is_tied(principal, about.entry)
    if unnamed or tied:
        require_second(confirmation, TAKE_OFF, about.id, reason=reason)
        if tied and not unnamed:
            raise DomainError(_("You are tied to this house too: somebody who is not confirms it."))
    with transaction.atomic():
        entry = held(about.entry)
        present = _settled(principal, about, Outcome.WITHDRAWN, reason)
        if entry.state != State.WITHDRAWN:
            entry.state, entry.ended_on = State.WITHDRAWN, clock.today()
            lapse_contacts(entry)
        entry.taken_off_why = reason
        entry.save()
        note(principal, entry, Act.TAKEN_OFF)
        tell(entry.id, entry.team_id, What.TAKEN_OFF)
    return present


def let_stay(*, principal: Principal, about: Report, reason: str) -> Report:
    """Decide that a reported entry stays; who reported it reads why.

    Raises:
        DomainError: no reason was typed, or the coordinator is tied to a named entry's house.
        AlreadyDone: a colleague decided on the report.

    """
    require(principal, Permission.MARKET_REPORTS_SETTLE)
    reason = _reason(reason)
    if not about.entry.is_unnamed and is_tied(principal, about.entry):
        raise DomainError(_("You are tied to this house: somebody else decides that it stays."))
    with transaction.atomic():
        held(about.entry)
        return _settled(principal, about, Outcome.STAYS, reason)


def _reason(typed: str) -> str:
    if not typed.strip():
        raise DomainError(_("Say why: it is read."), code="reason")
    return typed.strip()


def _settled(principal: Principal, about: Report, outcome: Outcome, reason: str) -> Report:
    present = Report.objects.select_for_update(of=("self",)).filter(pk=about.pk).first()
    if present is None or present.settled_at is not None:
        raise AlreadyDone
    present.settled_at, present.settled_by = clock.now(), principal.person_id
    present.outcome, present.answer = outcome, reason
    present.save()
    record(principal, f"market:report:{outcome}", "market-report", present.id)
    return present
