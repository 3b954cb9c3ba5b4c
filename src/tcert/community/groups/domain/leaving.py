"""How a team goes: it leaves, is removed, objects; and who are the stewards meanwhile."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Team
from tcert.community.groups import queries
from tcert.community.groups.domain.holding import (
    follow,
    held_seat,
    move,
    note,
    require_room,
    steward_seat,
    tell,
    tell_stewards,
)
from tcert.community.groups.enums import Objection, State
from tcert.community.groups.models import Seat
from tcert.community.membership.queries import takes_part
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal


@transaction.atomic
def leave(*, principal: Principal, seat: Seat, confirmed_name: str) -> Seat:
    """Leave a group: nothing that is addressed to it reaches the team any more.

    Raises:
        AlreadyDone: the team is not a member now.
        DomainError: it is the last steward that can act, or another name was typed.

    """
    seat = held_seat(seat)
    require(principal, Permission.GROUPS_SEAT_MANAGE, seat)
    confirm_name(confirmed_name, seat.team.name)
    if seat.state != State.MEMBER:
        raise AlreadyDone
    _require_another_steward(seat)
    _go(principal, seat, State.LEFT, "leave", seat)
    tell_stewards(seat.group)
    return seat


def _require_another_steward(seat: Seat) -> None:
    others = queries.able_stewards(seat.group).exclude(pk=seat.pk)
    if seat.is_steward and not others.exists():
        raise DomainError(
            _(
                "Your team is the only steward that can act. Ask another team to become one "
                "first, or close the group."
            )
        )


def _go(principal: Principal, seat: Seat, to: State, act: str, by: Seat, reason: str = "") -> None:
    move(
        principal,
        seat,
        to,
        act,
        ended_at=clock.now(),
        ended_by=by.team,
        is_steward=False,
        steward_asked_at=None,
        rests_since=None,
        reason=reason,
        objection="",  # of an earlier removal: against this one the team may object anew
        objected_at=None,
        outcome="",
        answer="",
        known_as=seat.group.name if to == State.REMOVED else "",
    )
    follow(principal, seat.group)


@transaction.atomic
def remove(*, principal: Principal, seat: Seat, reason: str, confirmed_name: str) -> Seat:
    """Remove another team, at once; it reads why, and may object for 14 days.

    The reason is read by stewards and the team, not by the other members. Who is a steward may be
    removed by another one: of two who remove each other the second finds that it is none any more.
    """
    seat = held_seat(seat)
    own = steward_seat(principal, seat.group)
    confirm_name(confirmed_name, seat.team.name)
    if not reason.strip():
        raise DomainError(_("Say why: the team reads it."))
    if own.pk == seat.pk:
        raise DomainError(_("Your own team leaves the group; it does not remove itself."))
    if seat.state != State.MEMBER:
        raise AlreadyDone
    _go(principal, seat, State.REMOVED, "remove", own, reason)
    tell([seat])
    return seat


@transaction.atomic
def object_to(*, principal: Principal, seat: Seat, text: str) -> Seat:
    """Object to the removal of one's team; only the stewards read it.

    Raises:
        AlreadyDone: it objected, it is too late, or the team is not removed.

    """
    seat = held_seat(seat)
    require(principal, Permission.GROUPS_SEAT_MANAGE, seat)
    if not seat.may_object:
        raise AlreadyDone
    seat.objection, seat.objected_at = text, clock.now()
    seat.save(update_fields=["objection", "objected_at"])
    note(principal, "object", seat)
    tell_stewards(seat.group)
    return seat


@transaction.atomic
def decide(*, principal: Principal, seat: Seat, outcome: Objection, answer: str) -> Seat:
    """Decide on an objection, for a steward that did not remove the team if there is another.

    Raises:
        AlreadyDone: it was decided.
        Conflict: another steward is to decide, or the team is in again by another way.

    """
    Team.objects.hold(seat.team_id)
    seat = held_seat(seat)
    own = steward_seat(principal, seat.group)
    if seat.state != State.REMOVED or seat.objected_at is None or seat.outcome:
        raise AlreadyDone
    others = queries.able_stewards(seat.group).exclude(team=seat.ended_by)
    if own.team_id == seat.ended_by_id and others.exists():
        raise Conflict(_("Your team removed it: another steward decides on the objection."))
    seat.outcome, seat.answer = outcome, answer
    if outcome is Objection.REJECTED:
        seat.save(update_fields=["outcome", "answer"])
        note(principal, "reject", seat, own.team)
    else:
        if seat.group.seats.filter(team=seat.team, state__in=State.live()).exists():
            raise Conflict(_("The team is in the group again, or something waits for its answer."))
        if not takes_part(seat.team):
            raise DomainError(_("This team is not on the list now."))
        require_room(seat.group, seat.team)
        move(principal, seat, State.MEMBER, "restore", ended_at=None, ended_by=None, known_as="")
        follow(principal, seat.group)
    tell([seat])
    return seat


@transaction.atomic
def ask_steward(*, principal: Principal, seat: Seat) -> Seat:
    """Ask a member to become a steward: it does so only by its own act."""
    seat = held_seat(seat)
    own = steward_seat(principal, seat.group)
    if seat.state != State.MEMBER or seat.is_steward or seat.steward_asked_at is not None:
        raise AlreadyDone
    seat.steward_asked_at = clock.now()
    seat.save(update_fields=["steward_asked_at"])
    note(principal, "ask-steward", seat, own.team)
    tell([seat])
    return seat


@transaction.atomic
def become_steward(*, principal: Principal, seat: Seat) -> Seat:
    """Become a steward: when asked, or unasked while no steward of the group can act."""
    seat = held_seat(seat)
    require(principal, Permission.GROUPS_SEAT_MANAGE, seat)
    if seat.state != State.MEMBER or seat.is_steward:
        raise AlreadyDone
    if seat.steward_asked_at is None and queries.able_stewards(seat.group).exists():
        raise PermissionDenied
    seat.is_steward, seat.steward_asked_at = True, None
    seat.save(update_fields=["is_steward", "steward_asked_at"])
    note(principal, "steward", seat)
    return seat


@transaction.atomic
def step_down(*, principal: Principal, seat: Seat) -> Seat:
    """Be a member like others from now on, or say no to being asked.

    Raises:
        DomainError: it is the last steward that can act.

    """
    seat = held_seat(seat)
    require(principal, Permission.GROUPS_SEAT_MANAGE, seat)
    if seat.state != State.MEMBER or not (seat.is_steward or seat.steward_asked_at):
        raise AlreadyDone
    _require_another_steward(seat)
    seat.is_steward, seat.steward_asked_at = False, None
    seat.save(update_fields=["is_steward", "steward_asked_at"])
    note(principal, "step-down", seat)
    tell_stewards(seat.group)
    return seat
