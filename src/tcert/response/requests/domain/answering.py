"""What the two teams say: acknowledged, accepted, refused, held, withdrawn, closed."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.principal import Principal
from tcert.response.requests.domain.holding import (
    held_for,
    move,
    note,
    require_authority,
    tell,
    touch,
)
from tcert.response.requests.enums import Keep, Kind, Reason, Side, State
from tcert.response.requests.models import Request

LONGEST_HOLD = timedelta(days=366)
"""For how long a party says at once that it keeps something; it may renew."""


@transaction.atomic
def acknowledge(*, principal: Principal, found: Request, revision: int) -> Request:
    """Say for the addressee that somebody looks at it: nothing is agreed to by that."""
    found = held_for(principal, found.pk, Side.ADDRESSEE, revision)
    move(principal, found, State.ACKNOWLEDGED, Side.ADDRESSEE)
    tell(found, Side.AUTHORITY)
    return found


@transaction.atomic
def accept(
    *,
    principal: Principal,
    found: Request,
    revision: int,
    reason: Reason | None = None,
    keep: Keep = Keep.MIDDLE,
    held_until: date | None = None,
) -> Request:
    """Accept for the addressee, in part where a reason is given; of its own decision.

    Args:
        principal: Who answers.
        found: The request.
        revision: Which the page showed.
        reason: Why in part only, or None for the whole.
        keep: For how long what is handed over is kept once the request is over.
        held_until: Of a preservation, until which day the party keeps what it holds.

    Raises:
        DomainError: who asked is no longer on the list, or the day does not fit.

    """
    found = held_for(principal, found.pk, Side.ADDRESSEE, revision)
    require_authority(found)
    if found.kind == Kind.PRESERVATION:
        found.held_until = _checked(held_until)
    elif held_until is not None:
        raise DomainError(_("Only a preservation is held until a day."))
    found.reason, found.keep_days = reason or "", keep
    said = {"reason": str(reason)} if reason else {}
    if held_until is not None:
        said["until"] = held_until.isoformat()
    to = State.PARTLY if reason else State.ACCEPTED
    move(principal, found, to, Side.ADDRESSEE, **said)
    tell(found, Side.AUTHORITY)
    return found


@transaction.atomic
def refuse(*, principal: Principal, found: Request, revision: int, reason: Reason) -> Request:
    """Refuse for the addressee, with a reason; it is kept for the shortest time from now on."""
    found = held_for(principal, found.pk, Side.ADDRESSEE, revision)
    found.reason, found.keep_days = reason, Keep.SHORT
    move(principal, found, State.REFUSED, Side.ADDRESSEE, reason=str(reason))
    tell(found, Side.AUTHORITY)
    return found


@transaction.atomic
def renew(*, principal: Principal, found: Request, revision: int, until: date) -> Request:
    """Say for the addressee that it keeps what it holds until another day.

    Raises:
        AlreadyDone: that day stands there.
        DomainError: nothing is held on this request, or the day does not fit.

    """
    found = held_for(principal, found.pk, Side.ADDRESSEE, revision)
    _require_preserving(found)
    if found.held_until == until:
        raise AlreadyDone
    found.held_until = _checked(until)
    touch(found)
    note(principal, "hold:renew", found, Side.ADDRESSEE, until=until.isoformat())
    tell(found, Side.AUTHORITY)
    return found


@transaction.atomic
def end_hold(*, principal: Principal, found: Request, revision: int) -> Request:
    """Say for the addressee that it keeps nothing for this request any more."""
    found = held_for(principal, found.pk, Side.ADDRESSEE, revision)
    _require_preserving(found)
    if found.held_until is None:
        raise AlreadyDone
    found.held_until = None
    touch(found)
    note(principal, "hold:end", found, Side.ADDRESSEE)
    tell(found, Side.AUTHORITY)
    return found


@transaction.atomic
def withdraw(*, principal: Principal, found: Request, revision: int) -> Request:
    """Withdraw for the authority, before anything was handed over; a hold ends with it."""
    found = held_for(principal, found.pk, Side.AUTHORITY, revision)
    found.held_until, found.keep_days = None, Keep.SHORT
    move(principal, found, State.WITHDRAWN, Side.AUTHORITY)
    tell(found, Side.ADDRESSEE)
    return found


@transaction.atomic
def close(*, principal: Principal, found: Request, revision: int, by: Side) -> Request:
    """Close for one side: all is done, or nothing more comes; a hold ends with it."""
    found = held_for(principal, found.pk, by, revision)
    found.held_until = None
    move(principal, found, State.CLOSED, by)
    tell(found, *(side for side in Side if side is not by))
    return found


def _require_preserving(found: Request) -> None:
    if found.kind != Kind.PRESERVATION or found.state not in State.agreed():
        raise DomainError(_("On this request nothing is held."))


def _checked(until: date | None) -> date:
    today = clock.today()
    if until is None:
        raise DomainError(_("Say until which day your team keeps it."))
    if not today < until <= today + LONGEST_HOLD:
        raise DomainError(_("Choose a day to come, within a year. It can be renewed."))
    return until
