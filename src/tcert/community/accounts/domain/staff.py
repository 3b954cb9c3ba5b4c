"""Coordinator rights as a staff session: switched on for a time, logged, in one browser only."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import models, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person, StaffSession
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

_STAFF_SESSION = "staff_session"


def length() -> timedelta:
    """Return how long a staff session lasts."""
    return timedelta(minutes=settings.STAFF_SESSION_MINUTES)


def rights_until(session: SessionBase, person: Person) -> datetime | None:
    """Return until when this browser session carries coordinator rights, or None.

    Only a session that opened one asks the database.
    """
    opened = session.get(_STAFF_SESSION)
    if not opened:
        return None
    now = clock.now()
    row = StaffSession.objects.filter(
        id=opened, person=person, closed_at=None, opened_at__lte=now, ends_at__gt=now
    ).first()
    return row.ends_at if row else None


def past_sessions() -> models.QuerySet[StaffSession]:
    """Return all staff sessions, the latest first, with their people."""
    return StaffSession.objects.select_related("person").order_by("-opened_at")


def open_session(*, principal: Principal, person: Person, session: SessionBase) -> StaffSession:
    """Switch coordinator rights on in this browser session.

    Raises:
        Conflict: they are on already.

    """
    require(principal, Permission.ACCOUNTS_STAFF_SESSION_OPEN)
    if rights_until(session, person):
        raise Conflict(_("Coordinator rights are on already."))
    now = clock.now()
    with transaction.atomic():
        row = StaffSession.objects.create(person=person, opened_at=now, ends_at=now + length())
        record(principal, "accounts:staff-session:open", "staff session", row.id)
    session[_STAFF_SESSION] = str(row.id)
    return row


def close_session(*, principal: Principal, person: Person, session: SessionBase) -> None:
    """Switch coordinator rights off; nothing happens where they are off."""
    opened = session.pop(_STAFF_SESSION, None)
    if not opened:
        return
    with transaction.atomic():
        closed = StaffSession.objects.filter(
            id=opened, person=person, closed_at=None, ends_at__gt=clock.now()
        ).update(closed_at=clock.now())
        if closed:
            record(principal, "accounts:staff-session:close", "staff session", UUID(opened))
