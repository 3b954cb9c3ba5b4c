"""What time does to groups: questions run out, seats of teams off the list lapse, rows go."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from tcert.community.directory.models import LISTED_TEAM
from tcert.community.groups.domain.holding import follow, held, held_seat, move, note
from tcert.community.groups.enums import State
from tcert.community.groups.models import OBJECT_WITHIN, SUBJECT, Group, Seat
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.principal import SYSTEM
from tcert.foundation.kernel.records import record

LAPSE_AFTER = timedelta(days=120)
"""How long a team may be off the list and keep its seat: longer than the longest suspension."""
KEEP_CLOSED = timedelta(days=365)


def expire() -> int:
    """End the invitations and requests that nobody answered in time; returns how many."""
    over = Seat.objects.filter(
        state__in={State.INVITED, State.REQUESTED}, answer_by__lte=clock.now()
    )
    return sum(_one(seat, _expire) for seat in over)


def _expire(seat: Seat) -> None:
    if seat.answer_by is not None and seat.answer_by <= clock.now():
        move(SYSTEM, seat, State.EXPIRED, "expire", ended_at=clock.now())


def rest() -> int:
    """Note which seats rest and which wake, and let those lapse that rested too long.

    What a resting team may see and gets was settled the moment it left the list, by the rules.
    """
    members = Seat.objects.members().filter(group__closed_at=None)
    changed = members.filter(
        Q(LISTED_TEAM, rests_since__isnull=False)
        | (~LISTED_TEAM & (Q(rests_since=None) | Q(rests_since__lte=clock.today() - LAPSE_AFTER)))
    )
    return sum(_one(seat, _rest) for seat in changed)


def _rest(seat: Seat) -> None:
    if seat.state != State.MEMBER:
        raise AlreadyDone
    today = clock.today()
    if seat.is_of_listed_team:
        seat.rests_since = None
        seat.save(update_fields=["rests_since"])
        note(SYSTEM, "wake", seat)
        follow(SYSTEM, seat.group)
    elif seat.rests_since is None:
        seat.rests_since = today
        seat.save(update_fields=["rests_since"])
        note(SYSTEM, "rest", seat)
        follow(SYSTEM, seat.group)
    elif seat.rests_since <= today - LAPSE_AFTER:
        gone = {"is_steward": False, "steward_asked_at": None, "rests_since": None}
        move(SYSTEM, seat, State.LAPSED, "lapse", ended_at=clock.now(), **gone)
        follow(SYSTEM, seat.group)


def _one(seat: Seat, act: Callable[[Seat], None]) -> int:
    with suppress(AlreadyDone), transaction.atomic():
        act(held_seat(seat))
        return 1
    return 0


def delete_empty() -> int:
    """Delete groups in which no team is left and none may object any more; returns how many."""
    now = clock.now()
    sitting = Q(state=State.MEMBER) | Q(state=State.INVITED, answer_by__gt=now)
    heard = Q(state=State.REMOVED, ended_at__gt=now - OBJECT_WITHIN)
    seats = Seat.objects.filter(sitting | heard, group=OuterRef("pk"))
    deleted = 0
    for group in Group.objects.standing().filter(~Exists(seats)):
        with suppress(AlreadyDone), transaction.atomic():
            present = held(group.pk)
            if not present.seats.filter(sitting | heard).exists():
                _delete(present)
                deleted += 1
    return deleted


def _delete(group: Group) -> None:
    record(SYSTEM, "groups:group:delete", SUBJECT, group.id)
    group.delete()


def delete_closed() -> int:
    """Delete groups that were closed a year ago, with their seats; returns how many."""
    due = Group.objects.filter(closed_at__lte=clock.now() - KEEP_CLOSED)
    deleted = 0
    for group in due:
        with transaction.atomic():
            _delete(group)
        deleted += 1
    return deleted
