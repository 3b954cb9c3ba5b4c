"""Offices held: entered and ended by a coordinator, with a record."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Organisation, TeamMembership
from tcert.community.participation.models import Office
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

ENTER = "participation:office:enter"
END = "participation:office:end"


@transaction.atomic
def enter(
    *,
    principal: Principal,
    organisation: Organisation,
    person_id: UUID | None,
    body: str,
    title: str,
    first: date,
    last: date | None,
) -> Office:
    """Enter that somebody of an organisation holds an office.

    Raises:
        DomainError: the days are the wrong way round, or the person works for somebody else.

    """
    require(principal, Permission.PARTICIPATION_MANAGE, organisation)
    _check_days(first, last)
    if person_id is not None:
        places = TeamMembership.objects.filter(person=person_id, team__organisation=organisation)
        if not places.exists():
            raise DomainError(_("This person is in no team of the organisation."), code="person")
    made = Office.objects.create(
        organisation=organisation,
        person=person_id,
        body=body,
        title=title,
        first=first,
        last=last,
        entered_by=principal.person_id,
    )
    record(
        principal,
        ENTER,
        "office",
        made.id,
        organisation=str(organisation.id),
        first=first.isoformat(),
        last=last.isoformat() if last else None,
    )
    return made


@transaction.atomic
def end(*, principal: Principal, office: Office, last: date, confirmed_name: str) -> Office:
    """End an office on a day, after the organisation's name was typed.

    Raises:
        DomainError: another name was typed, or the day lies before the office began.
        AlreadyDone: it has ended already.

    """
    require(principal, Permission.PARTICIPATION_MANAGE, office)
    confirm_name(confirmed_name, office.organisation.name)
    present = Office.objects.select_for_update(of=("self",)).get(pk=office.pk)
    if present.last is not None and present.last <= clock.today():
        raise AlreadyDone
    _check_days(present.first, last)
    present.last = last
    present.save(update_fields=["last"])
    record(principal, END, "office", present.id, last=last.isoformat())
    return present


def _check_days(first: date, last: date | None) -> None:
    if last is not None and last < first:
        raise DomainError(_("The last day lies before the first one."), code="days")
