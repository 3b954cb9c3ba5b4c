"""Groups: founded, changed, closed; and the talk that one has."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.domain.organisations import confirm_name
from tcert.community.directory.models import Team
from tcert.community.groups import queries
from tcert.community.groups.domain.holding import (
    follow,
    held,
    require_few,
    steward_seat,
    tell,
)
from tcert.community.groups.enums import Admission, Kind, State
from tcert.community.groups.models import SUBJECT, Group, Seat
from tcert.community.membership.queries import takes_part
from tcert.community.participation import rights
from tcert.community.talks.domain import governing
from tcert.community.talks.domain.opening import About
from tcert.community.talks.models import Talk
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.limits import Budget, Scope
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import hold

FIELDS = ("name", "purpose", "rules", "admission")
FIRST_FIELDS = ("name", "kind", "tlp", "purpose", "rules", "admission")
FOUNDED = Budget("groups:founded", Scope.ACCOUNT, limit=5, per=timedelta(days=30))
"""Groups that one team founds within a month."""


@transaction.atomic
def found(*, principal: Principal, team: Team, **values: Any) -> Group:
    """Found a group; the team is its first member and steward.

    Raises:
        DomainError: the team is not in good standing, or is in too many groups.
        TooMany: it has founded five within the month.

    """
    require(principal, Permission.GROUPS_FOUND, team)
    Team.objects.hold(team.id)
    if not takes_part(team) or not rights.in_standing([team.organisation_id]):
        raise DomainError(
            _("Your organisation's standing has lapsed. “Taking part” says how it comes back.")
        )
    group = Group(founded_by=team, **{name: values[name] for name in FIRST_FIELDS})
    if group.kind == Kind.CONFIDENTIAL:
        group.admission = Admission.STEWARD  # nobody can ask to join what they do not know
    require_few(team)
    FOUNDED.require(team.id)
    group.save(force_insert=True)
    Seat.objects.create(
        group=group, team=team, state=State.MEMBER, joined_at=clock.now(), is_steward=True
    )
    record(principal, "groups:group:found", SUBJECT, group.id, team=str(team.id))
    return group


@transaction.atomic
def change(*, principal: Principal, group: Group, shown: str, **values: Any) -> Group:
    """Change name, purpose, rules, or who admits; all its teams are told.

    Raises:
        Conflict: somebody changed it since the page `shown`.
        AlreadyDone: it was closed.

    """
    held(group.pk)
    group = hold(group, shown, FIELDS)
    steward_seat(principal, group)
    if group.kind == Kind.CONFIDENTIAL:
        values["admission"] = Admission.STEWARD
    changed = [name for name in FIELDS if getattr(group, name) != values[name]]
    for name in changed:
        setattr(group, name, values[name])
    if changed:
        group.save(update_fields=changed)
        record(principal, "groups:group:change", SUBJECT, group.id, fields=sorted(changed))
        tell(group.seats.active())
    return group


@transaction.atomic
def close(*, principal: Principal, group: Group, confirmed_name: str) -> Group:
    """Close a group: nothing reaches its teams through it any more, and its talk ends.

    Its members read what it was for a year; then the rows go for good. What waits is over.
    """
    group = held(group.pk)
    own = steward_seat(principal, group)
    confirm_name(confirmed_name, group.name)
    talk = queries.talk_of(group)
    if talk is not None:
        governing.end(principal=principal, talk=talk, by=own.team)
    tell(group.seats.active())
    now = clock.now()
    for state, over in (
        (State.INVITED, State.WITHDRAWN),
        (State.REQUESTED, State.EXPIRED),
    ):
        group.seats.filter(state=state).update(state=over, ended_at=now, ended_by=own.team)
    group.closed_at = now
    group.save(update_fields=["closed_at"])
    record(principal, "groups:group:close", SUBJECT, group.id, by=str(own.team_id))
    return group


@transaction.atomic
def begin_talk(*, principal: Principal, group: Group) -> Talk:
    """Begin the group's talk, sealed to its teams; returns the one that goes on if one does.

    Raises:
        DomainError: no team has a key.

    """
    group = held(group.pk)
    own = queries.own_seat(group, principal)
    if own is None:
        raise AlreadyDone
    require(principal, Permission.GROUPS_SEAT_MANAGE, own)
    talk = queries.talk_of(group)
    if talk is not None:
        follow(principal, group)
        return talk
    seats = group.seats.members()
    teams = list(Team.objects.filter(id__in=seats.values("team")).order_by("pk"))
    return governing.begin(
        principal=principal, by=own.team, teams=teams, about=About(SUBJECT, group.id)
    )
