"""Suspensions and exclusions: imposed by two coordinators, lifted by one, or over by themselves."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.conduct import clocks
from tcert.community.conduct.enums import End, Ground, Kind
from tcert.community.conduct.models import Measure
from tcert.community.desk.models import ProposedAct
from tcert.community.directory.domain.organisations import bring_back, confirm_name, set_aside
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import SYSTEM, Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.second import Confirmation, require_second

IMPOSE = "conduct:measure:impose"
END = "conduct:measure:end"
IMPOSED = "conduct:imposed"
ENDED = "conduct:ended"
_STATES = {
    Kind.SUSPENSION: OrganisationState.SUSPENDED,
    Kind.EXCLUSION: OrganisationState.EXCLUDED,
}


def impose(
    *,
    principal: Principal,
    organisation: Organisation,
    kind: Kind,
    ground: Ground,
    reason: str,
    days: int,
    confirmed_name: str,
    confirmation: Confirmation | None = None,
) -> Measure:
    """Suspend an organisation for some days, or exclude it; `days` counts for a suspension alone.

    It leaves the list at once: its people read and do what a team does that came by an invitation,
    so they keep the cases that they take part in, and all notices that concern them.

    Raises:
        NeedsSecond: another coordinator has not confirmed it yet.
        DomainError: it is not on the list, it is the hub's own, or the time is too long.
        Conflict: a colleague did the same a moment ago.

    """
    require(principal, Permission.CONDUCT_MEASURES_MANAGE, organisation)
    confirm_name(confirmed_name, organisation.name)
    if not reason.strip():
        raise DomainError(_("Say why: the organisation reads it."), code="reason")
    now = clock.now()
    try:
        ends = clocks.suspension_ends(now, days) if kind is Kind.SUSPENSION else None
    except ValueError:
        raise DomainError(_("A suspension lasts from 1 to 90 days."), code="days") from None
    _check_state(organisation, kind)
    typed: dict[str, Any] = {"kind": kind, "ground": ground, "reason": reason, "days": days}
    require_second(confirmation, IMPOSE, organisation.id, **typed, confirmed_name=confirmed_name)
    try:
        with transaction.atomic():
            _replace(organisation, kind)
            set_aside(
                principal=principal, organisation=organisation, state=_STATES[kind], act=IMPOSE
            )
            measure = Measure.objects.create(
                organisation=organisation,
                kind=kind,
                ground=ground,
                reason=reason.strip(),
                imposed_at=now,
                proposed_by=_proposer(confirmation),
                confirmed_by=principal.person_id,
                ends_at=ends,
            )
            record(principal, IMPOSE, "measure", measure.id, kind=kind, ground=ground)
            emit(IMPOSED, measure.id, organisation=organisation.id, measure_kind=kind)
            tell(measure, "imposed")
    except IntegrityError as error:
        raise Conflict(_("A colleague did the same a moment ago. Look again.")) from error
    return measure


def _check_state(organisation: Organisation, kind: Kind) -> None:
    allowed = {OrganisationState.LISTED}
    if kind is Kind.EXCLUSION:
        allowed.add(OrganisationState.SUSPENDED)
    if organisation.state not in allowed:
        raise DomainError(_("It is not on the list, so there is nothing to take from it."))
    if organisation.teams.filter(is_desk=True).exists():
        raise DomainError(_("The hub's own organisation stays on the list."))


def _replace(organisation: Organisation, kind: Kind) -> None:
    """End the suspension whose place an exclusion takes."""
    present = Measure.objects.select_for_update().filter(organisation=organisation, ended_at=None)
    for one in present:
        if kind is Kind.EXCLUSION and one.kind == Kind.SUSPENSION:
            one.ended_at, one.ended_how = clock.now(), End.EXCLUDED
            one.save(update_fields=["ended_at", "ended_how"])


def _proposer(confirmation: Confirmation | None) -> UUID | None:
    if confirmation is None:
        return None
    rows = ProposedAct.objects.filter(pk=confirmation.proposal_id)
    return rows.values_list("proposed_by_id", flat=True).first()


def lift(*, principal: Principal, measure: Measure, why: str, shown: str) -> Measure:
    """Lift a measure before its end; the organisation is on the list again at once.

    Raises:
        DomainError: no reason was typed.
        AlreadyDone: it has ended.

    """
    require(principal, Permission.CONDUCT_MEASURES_MANAGE, measure)
    if not why.strip():
        raise DomainError(_("Say why: the organisation reads it."), code="why")
    with transaction.atomic():
        present = held(measure)
        if present.shown != shown:
            raise AlreadyDone
        return end(principal, present, End.LIFTED, why.strip())


def held(measure: Measure) -> Measure:
    """Return a measure that stands, locked; raises AlreadyDone when it has ended."""
    present = Measure.objects.select_for_update(of=("self",)).get(pk=measure.pk)
    if not present.is_standing:
        raise AlreadyDone
    return present


def end(principal: Principal, measure: Measure, how: End, why: str = "") -> Measure:
    """End a held measure and put the organisation back on the list."""
    measure.ended_at, measure.ended_how, measure.ended_why = clock.now(), how, why
    measure.ended_by = principal.person_id
    measure.save(update_fields=["ended_at", "ended_how", "ended_why", "ended_by"])
    bring_back(principal=principal, organisation=measure.organisation, act=END)
    record(principal, END, "measure", measure.id, how=how)
    emit(ENDED, measure.id, organisation=measure.organisation_id)
    tell(measure, "ended")
    return measure


def run_out(measure_id: UUID) -> None:
    """End a suspension whose time is over; done again it changes nothing."""
    with transaction.atomic():
        due = Measure.objects.filter(pk=measure_id, ended_at=None, ends_at__lte=clock.now())
        present = due.select_for_update(of=("self",)).first()
        if present is not None:
            end(SYSTEM, present, End.RAN_OUT)


def over() -> list[UUID]:
    """Return the suspensions whose time is over, and that nobody has ended."""
    due = Measure.objects.standing().filter(ends_at__lte=clock.now())
    return list(due.values_list("id", flat=True))


def tell(measure: Measure, what: str) -> None:
    """Tell the organisation's teams that there is something to read; why stands on the page."""
    address = settings.BASE_URL + reverse("conduct:measure", args=[measure.id])
    for team_id in measure.organisation.teams.filter(retired_at=None).values_list("id", flat=True):
        notify_team(
            team_id,
            subject=_("The desk has decided about your organisation"),
            text=_("Read what was decided and why, and what you can do.") + f"\n\n{address}\n",
            key=f"measure:{measure.id}:{what}",
            urgent=True,
        )
