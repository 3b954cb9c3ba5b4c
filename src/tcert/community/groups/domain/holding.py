"""What the acts on groups share: the group, held; a seat's next state; the notice; the talk.

Locks are taken in one order: teams, group, talk, thread. Every act on a group holds its row, so
that of two who remove each other, admit the same team or answer while something is taken back the
second finds what the first has done.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tcert.community.directory.models import Team
from tcert.community.groups import queries
from tcert.community.groups.enums import NEXT, State
from tcert.community.groups.models import SUBJECT, Group, Seat
from tcert.community.talks.domain import governing
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.outbox import emit
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

NOTICE = "groups:notice"
MOST_MEMBERS = 50
"""Members and invited teams of one group."""
MOST_GROUPS = 20
"""Groups that stand in which one team is, or which it asks to join."""


def held(group_id: UUID) -> Group:
    """Lock a group and return it as it is now; raises `AlreadyDone` once it was closed."""
    present = Group.objects.select_for_update(of=("self",)).filter(pk=group_id).first()
    if present is None or present.is_closed:
        raise AlreadyDone
    return present


def held_seat(seat: Seat) -> Seat:
    """Lock the group of a seat and return the seat as it is now, with group and team."""
    group = held(seat.group_id)
    found = group.seats.select_related("team__organisation").filter(pk=seat.pk).first()
    if found is None:
        raise AlreadyDone
    found.group = group
    return found


def steward_seat(principal: Principal, group: Group) -> Seat:
    """Return the steward's seat for which a person acts in a group that is held."""
    require(principal, Permission.GROUPS_STEWARD, group)
    seat = queries.own_seat(group, principal, steward=True)
    if seat is None:
        raise AlreadyDone
    return seat


def move(principal: Principal, seat: Seat, to: State, act: str, **changes: Any) -> None:
    """Bring a seat of a group that is held into its next state, and write the record.

    Raises:
        AlreadyDone: that state does not follow the present one: somebody else acted first.

    """
    if to not in NEXT.get(State(seat.state), set()):
        raise AlreadyDone
    seat.state = to
    for name, value in changes.items():
        setattr(seat, name, value)
    seat.save()
    note(principal, act, seat)


def note(principal: Principal, act: str, seat: Seat, by: Team | None = None) -> None:
    """Write the record of an act on a seat: it is the group's history as well."""
    about = {"team": str(seat.team_id)}
    if by is not None:
        about["by"] = str(by.id)
    record(principal, f"groups:seat:{act}", SUBJECT, seat.group_id, **about)


def tell(seats: Iterable[Seat]) -> None:
    """Let the teams of seats be told that something waits; the event names no team and no group."""
    for seat in seats:
        emit(NOTICE, seat.id)


def tell_stewards(group: Group) -> None:
    """Let the stewards of a group be told."""
    tell(queries.able_stewards(group))


def require_few(team: Team) -> None:
    """Refuse one group more than a team may be in, in an act of the team itself alone.

    Whoever else read the refusal would learn of confidential groups. Requests count, so that one
    can be admitted without the question.
    """
    wanted = Seat.objects.filter(team=team, state__in={State.MEMBER, State.REQUESTED})
    if wanted.filter(group__closed_at=None).count() >= MOST_GROUPS:
        raise DomainError(
            _(
                "Your team is in 20 groups or asks to join them, and that is the most. It can "
                "leave one, or take a request back."
            )
        )


def require_room(group: Group, team: Team) -> None:
    """Refuse one team more than a group may hold."""
    taken = group.seats.filter(state__in={State.MEMBER, State.INVITED}).exclude(team=team)
    if taken.count() >= MOST_MEMBERS:
        raise DomainError(_("The group has 50 members and invited teams, that is the most."))


def follow(principal: Principal, group: Group) -> None:
    """Let the group's talk be read by its present members; those off the list keep their place.

    Nothing new is sealed to a team that is off the list: the talk sees to that.
    """
    talk = queries.talk_of(group)
    if talk is not None:
        seats = group.seats.members()
        teams = list(Team.objects.filter(id__in=seats.values("team")).order_by("pk"))
        governing.follow(principal=principal, talk=talk, teams=teams)
