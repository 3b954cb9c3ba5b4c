"""Coordinator rights as a staff session: switched on for a time, logged, in one browser only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import models, transaction
from django.utils.translation import gettext as _

from tcert.community.accounts.models import Person, StaffSession
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

_STAFF_SESSION = "staff_session"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands between a desk member and coordinator rights, and the page that cures it."""

    words: str
    url_name: str
    label: str


Condition = Callable[[Principal], Obstacle | None]

_conditions: list[Condition] = []


def demand(condition: Condition) -> None:
    """Let an upper room say what must stand before coordinator rights open."""
    if condition not in _conditions:
        _conditions.append(condition)


def obstacle(principal: Principal) -> Obstacle | None:
    """Return the first thing that keeps coordinator rights off, or None."""
    return next((found for one in _conditions if (found := one(principal))), None)


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


def open_session(
    *, principal: Principal, person: Person, session: SessionBase, purpose: str
) -> StaffSession:
    """Switch coordinator rights on in this browser session, for a purpose that a colleague reads.

    Raises:
        Conflict: they are on already.
        DomainError: no purpose was typed, or an upper room's condition does not stand.

    """
    require(principal, Permission.ACCOUNTS_STAFF_SESSION_OPEN)
    if rights_until(session, person):
        raise Conflict(_("Coordinator rights are on already."))
    if found := obstacle(principal):
        raise DomainError(found.words, code="obstacle")
    purpose = " ".join(purpose.split())
    if not purpose:
        raise DomainError(_("Say in a few words what you switch the rights on for."))
    now = clock.now()
    with transaction.atomic():
        row = StaffSession.objects.create(
            person=person, purpose=purpose, opened_at=now, ends_at=now + length()
        )
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
