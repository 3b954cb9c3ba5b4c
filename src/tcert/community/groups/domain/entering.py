"""How a team comes in: invited, or asking to join an open group."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.community.groups import queries, vouching
from tcert.community.groups.domain.holding import (
    follow,
    held,
    held_seat,
    move,
    note,
    require_few,
    require_room,
    steward_seat,
    tell,
    tell_stewards,
)
from tcert.community.groups.enums import Admission, State
from tcert.community.groups.models import Group, Seat, Word
from tcert.community.membership.queries import houses_of, takes_part
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, Conflict, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal

ANSWER_WITHIN = timedelta(days=14)
"""Until when an invited team answers."""
DECIDE_WITHIN = timedelta(days=30)
"""Until when a team that asks is admitted or refused."""
QUIET = timedelta(days=30)
"""For how long nobody tries again after a no."""
MOST_REQUESTS = 100
INVITED = Budget("groups:invited", Scope.ACCOUNT, limit=20, per=timedelta(days=1))
"""Teams that one team invites in a day, whatever the group."""
ASKED = Budget("groups:asked", Scope.ACCOUNT, limit=10, per=timedelta(days=1))
"""Groups that one team asks to join in a day."""


@transaction.atomic
def invite(*, principal: Principal, group: Group, team: Team) -> Seat:
    """Invite a listed team; it is told neutrally, and sees name, purpose, rules and who invites.

    Raises:
        Conflict: it is in, invited, or asks to join already.
        DomainError: it said no a short time ago, is not on the list, or the group is full.
        TooMany: the inviting team has used up its day.

    """
    Team.objects.hold(team.id)
    group = held(group.pk)
    own = steward_seat(principal, group)
    if not takes_part(Team.objects.select_related("organisation").get(pk=team.pk)):
        raise DomainError(_("Only teams that are on the list are invited, and not the desk."))
    _require_new(group, team, State.DECLINED, _("It declined a short time ago. Wait 30 days."))
    require_room(group, team)
    INVITED.require(own.team_id)
    seat = Seat.objects.create(
        group=group,
        team=team,
        state=State.INVITED,
        by_team=own.team,
        answer_by=clock.now() + ANSWER_WITHIN,
    )
    note(principal, "invite", seat, own.team)
    tell([seat])
    return seat


@transaction.atomic
def ask(*, principal: Principal, group: Group, team: Team, words: str) -> Seat:
    """Ask to join an open group; its members see who asks, its stewards and members the words.

    Raises as `invite`; AlreadyDone where the group is not open to be asked.

    """
    require(principal, Permission.GROUPS_SEAT_MANAGE, team)
    Team.objects.hold(team.id)
    group = held(group.pk)
    if not group.is_open:
        raise AlreadyDone
    _require_new(group, team, State.REFUSED, _("Your team was refused lately. Wait 30 days."))
    if group.seats.filter(state=State.REQUESTED).count() >= MOST_REQUESTS:
        raise DomainError(_("Too many teams ask to join this group just now. Try again later."))
    require_few(team)
    ASKED.require(team.id)
    seat = Seat.objects.create(
        group=group,
        team=team,
        state=State.REQUESTED,
        words=words,
        answer_by=clock.now() + DECIDE_WITHIN,
    )
    note(principal, "ask", seat, team)
    if group.admission == Admission.VOUCHES:
        tell(group.seats.active())
    else:
        tell_stewards(group)
    return seat


def _require_new(group: Group, team: Team, said_no: State, refusal: str) -> None:
    now = clock.now()
    group.seats.filter(
        team=team, state__in={State.INVITED, State.REQUESTED}, answer_by__lte=now
    ).update(state=State.EXPIRED, ended_at=now)
    if group.seats.filter(team=team, state__in=State.live()).exists():
        raise Conflict(_("This team is in the group already, or something waits for its answer."))
    if group.seats.filter(team=team, state=said_no, ended_at__gt=now - QUIET).exists():
        raise DomainError(refusal)


def _invited(principal: Principal, seat: Seat) -> Seat:
    """Hold a seat whose invitation somebody of its team answers now."""
    Team.objects.hold(seat.team_id)
    seat = held_seat(seat)
    require(principal, Permission.GROUPS_SEAT_MANAGE, seat)
    if seat.state != State.INVITED:
        raise AlreadyDone
    return seat


@transaction.atomic
def accept(*, principal: Principal, seat: Seat) -> Seat:
    """Accept an invitation: the team is a member, and the group's talk is sealed to it from now on.

    Raises:
        AlreadyDone: it was taken back, has run out, or a colleague answered.
        DomainError: the team is in too many groups.

    """
    seat = _invited(principal, seat)
    if not seat.is_invitation or not takes_part(seat.team):
        raise AlreadyDone
    require_few(seat.team)
    require_room(seat.group, seat.team)
    _enter(principal, seat, "accept")
    tell_stewards(seat.group)
    return seat


@transaction.atomic
def decline(*, principal: Principal, seat: Seat) -> Seat:
    """Say no to an invitation; the group is told."""
    seat = _invited(principal, seat)
    move(principal, seat, State.DECLINED, "decline", ended_at=clock.now(), ended_by=seat.team)
    tell_stewards(seat.group)
    return seat


@transaction.atomic
def take_back(*, principal: Principal, seat: Seat) -> Seat:
    """Take back a request of one's team, or as a steward an invitation."""
    Team.objects.hold(seat.team_id)
    seat = held_seat(seat)
    if seat.state == State.REQUESTED:
        require(principal, Permission.GROUPS_SEAT_MANAGE, seat)
        by = seat.team
    elif seat.state == State.INVITED:
        by = steward_seat(principal, seat.group).team
    else:
        raise AlreadyDone
    move(principal, seat, State.WITHDRAWN, "withdraw", ended_at=clock.now(), ended_by=by)
    return seat


@transaction.atomic
def admit(*, principal: Principal, seat: Seat) -> Seat:
    """Admit a team that asks, as the one steward who decides.

    Raises:
        DomainError: in this group two teams give their word instead.
        AlreadyDone: somebody decided, or the team has taken its request back.

    """
    Team.objects.hold(seat.team_id)
    seat = held_seat(seat)
    steward_seat(principal, seat.group)
    if seat.group.admission != Admission.STEWARD:
        raise DomainError(_("In this group two of its teams give their word. Invite it instead."))
    _let_in(principal, seat)
    return seat


def _let_in(principal: Principal, seat: Seat) -> None:
    if seat.state != State.REQUESTED:
        raise AlreadyDone
    if not takes_part(seat.team):
        raise DomainError(_("This team is not on the list now."))
    require_room(seat.group, seat.team)
    _enter(principal, seat, "admit")
    tell([seat])


def _enter(principal: Principal, seat: Seat, act: str) -> None:
    move(principal, seat, State.MEMBER, act, joined_at=clock.now(), answer_by=None)
    follow(principal, seat.group)


@transaction.atomic
def refuse(*, principal: Principal, seat: Seat, reason: str) -> Seat:
    """Refuse a team that asks, with a reason that it and the stewards read."""
    seat = held_seat(seat)
    own = steward_seat(principal, seat.group)
    if not reason.strip():
        raise DomainError(_("Say why: the team reads it."))
    move(
        principal,
        seat,
        State.REFUSED,
        "refuse",
        reason=reason,
        known_as=seat.group.name,
        ended_at=clock.now(),
        ended_by=own.team,
    )
    tell([seat])
    return seat


@transaction.atomic
def give_word(*, principal: Principal, seat: Seat, back: bool = False) -> Seat:
    """Give one's team's word for a team that asks, or take it back; the second house admits it.

    Raises:
        AlreadyDone: it was decided, or the word was given.
        DomainError: the word cannot count: own house, a circle, or one steward decides here.

    """
    Team.objects.hold(seat.team_id)
    seat = held_seat(seat)
    own = queries.own_seat(seat.group, principal)
    if own is None:
        raise PermissionDenied
    require(principal, Permission.GROUPS_SEAT_MANAGE, own)
    if seat.state != State.REQUESTED:
        raise AlreadyDone
    given = Word.objects.filter(seat=seat, by_team=own.team)
    if back:
        if not given.delete()[0]:
            raise AlreadyDone
        note(principal, "unsay", seat, own.team)
        return seat
    if given.exists():
        raise AlreadyDone
    if seat.group.admission != Admission.VOUCHES:
        raise DomainError(_("In this group one steward decides."))
    houses = houses_of(Team.objects.filter(id__in=[own.team_id, seat.team_id]))
    admitted = queries.admitted_by(seat.group_id)
    if not vouching.counts(own.team_id, seat.team_id, houses, admitted):
        raise DomainError(
            _(
                "Your word cannot count for this team: it is of your own house, or your team "
                "came into the group by its word."
            )
        )
    Word.objects.create(seat=seat, by_team=own.team)
    note(principal, "word", seat, own.team)
    found, _teams = queries.counted_words([seat])[seat.id]
    if found >= vouching.ENOUGH_HOUSES:
        _let_in(principal, seat)
    return seat
