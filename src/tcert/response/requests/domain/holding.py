"""What the acts on requests share: the request, held; its state; records, notices, its talk.

Locks are taken in one order: teams, request, talk, thread. Every act holds the request, so that of
two who answer and withdraw at once the second finds what the first has done.
"""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tcert.community.talks.domain import governing
from tcert.community.talks.models import Talk
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import STALE, stale
from tcert.response.requests import queries
from tcert.response.requests.enums import ASKING, NEXT, Side, State
from tcert.response.requests.models import SUBJECT, Request

NOTICE = "requests:notice"
PERMITS = {
    Side.AUTHORITY: Permission.REQUESTS_PURSUE,
    Side.ADDRESSEE: Permission.REQUESTS_ANSWER,
}
"""What a person needs to act for a side."""


def held(request_id: UUID) -> Request:
    """Lock a request and return it as it is now, with its teams; raises `AlreadyDone`."""
    rows = Request.objects.select_for_update(of=("self",))
    found = rows.select_related("authority__organisation", "addressee__organisation")
    present = found.filter(pk=request_id).first()
    if present is None:
        raise AlreadyDone
    return present


def held_for(principal: Principal, request_id: UUID, side: Side, revision: int) -> Request:
    """Lock a request for an act of one side, on a page that showed this revision.

    Raises:
        AlreadyDone: it was deleted.
        Conflict: somebody changed it since the page was shown.
        PermissionDenied: the person does not speak for that side.

    """
    found = held(request_id)
    require(principal, PERMITS[side], found)
    if found.revision != revision:
        raise Conflict(stale(), code=STALE)
    return found


def require_authority(found: Request) -> None:
    """Raise DomainError where who asks is no authority on the list any more: give it nothing."""
    if found.authority.is_listed and found.authority.organisation.kind in ASKING:
        return
    raise DomainError(
        _(
            "The team that asked is no longer on the list as an authority. Hand nothing over; "
            "refuse the request, or ask the team by telephone."
        )
    )


def move(principal: Principal, found: Request, to: State, by: Side | None, **data: str) -> None:
    """Bring a request that is held into its next state: the one writer of states.

    Raises:
        DomainError: that state does not follow the present one.

    """
    if to not in NEXT[State(found.state)]:
        raise DomainError(_("This does not follow the present state. Open the request again."))
    found.state = to
    if to in State.over():
        found.ended_at = clock.now()
    touch(found)
    note(principal, f"{found.kind}:{to}", found, by, **data)


def touch(found: Request) -> None:
    """Save a request that an act has changed: who has an older page is told so."""
    found.revision += 1
    found.changed_at = clock.now()
    found.save()


def note(principal: Principal, act: str, found: Request, by: Side | None, **data: Any) -> None:
    """Write the record of an act: it is a step of the chain of custody as well.

    Each act changes the revision by one: it tells which step was first, where a clock goes back.
    """
    if by is not None:
        data["by"] = str(found.team(by).id)
    record(principal, f"requests:{act}", SUBJECT, found.id, step=found.revision, **data)


def tell(found: Request, *sides: Side) -> None:
    """Let teams be told that something is new; the event holds two random numbers."""
    for side in sides:
        emit(NOTICE, found.id, team=str(found.team(side).id))


def begun(principal: Principal, found: Request, by: Side) -> Talk:
    """Return the talk of a request that is held, begun if there is none that goes on."""
    talk = queries.talk_of(found)
    if talk is not None:
        return talk
    return governing.begin(
        principal=principal,
        by=found.team(by),
        teams=[found.authority, found.addressee],
        about=queries.about(found),
    )
