"""Duties: declared, changed, said to be right still, taken off and put back."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.models import Organisation
from tcert.community.duties.models import Duty
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import hold

FIELDS = ("law", "trigger", "authority", "hours", "note", "source", "tlp")
MOST = 100
"""So many may an organisation list; laws are not written by the dozen."""


@transaction.atomic
def declare(*, principal: Principal, organisation: Organisation, **values: Any) -> Duty:
    """Enter a duty of one's organisation.

    Raises:
        DomainError: it lists a hundred already.

    """
    require(principal, Permission.DUTIES_DECLARE, organisation)
    _require_room(organisation)
    duty = Duty.objects.create(
        organisation=organisation,
        entered_by=principal.person_id,
        **{name: values[name] for name in FIELDS},
    )
    record(principal, "duties:duty:declare", "organisation", organisation.id, duty=str(duty.id))
    return duty


def _require_room(organisation: Organisation) -> None:
    """Hold the organisation, and refuse one duty more than it may list."""
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    if organisation.duties.filter(ended_at=None).count() >= MOST:
        raise DomainError(_("Your organisation lists 100 duties. Take one off first."))


@transaction.atomic
def change(*, principal: Principal, duty: Duty, shown: str, **values: Any) -> Duty:
    """Change a duty; whoever does says with it that it is right.

    Raises:
        Conflict: a colleague changed it since the page `shown`.
        AlreadyDone: it was taken off.

    """
    require(principal, Permission.DUTIES_DECLARE, duty.organisation)
    duty = hold(duty, shown, FIELDS)
    if duty.ended_at is not None:
        raise AlreadyDone
    for name in FIELDS:
        setattr(duty, name, values[name])
    duty.looked_at = clock.now()
    duty.save(update_fields=[*FIELDS, "looked_at"])
    record(principal, "duties:duty:change", "organisation", duty.organisation_id, duty=str(duty.id))
    return duty


@transaction.atomic
def look_at_all(*, principal: Principal, organisation: Organisation) -> int:
    """Say that all duties of one's organisation are right still; returns how many stand."""
    require(principal, Permission.DUTIES_DECLARE, organisation)
    standing = Duty.objects.standing().filter(organisation=organisation)
    count = standing.update(looked_at=clock.now())
    record(principal, "duties:duties:look", "organisation", organisation.id, count=count)
    return count


@transaction.atomic
def set_ended(*, principal: Principal, duty: Duty, ended: bool) -> None:
    """Take a duty off, or put it back.

    Raises:
        AlreadyDone: a colleague did the same.
        DomainError: it is put back, and the organisation lists a hundred others.

    """
    require(principal, Permission.DUTIES_DECLARE, duty.organisation)
    if not ended:
        _require_room(duty.organisation)
    at, by = (clock.now(), principal.person_id) if ended else (None, None)
    rows = Duty.objects.filter(pk=duty.pk, ended_at__isnull=ended)
    if not rows.update(ended_at=at, ended_by=by):
        raise AlreadyDone
    act = "duties:duty:end" if ended else "duties:duty:restore"
    record(principal, act, "organisation", duty.organisation_id, duty=str(duty.id))
