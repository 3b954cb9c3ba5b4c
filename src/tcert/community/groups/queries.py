"""Reads of sharing groups that pages, acts and upper rooms share."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import LISTED_TEAM, Team, TeamMembership
from tcert.community.directory.rules import led_team_ids
from tcert.community.groups import vouching
from tcert.community.groups.enums import Admission, Kind, State
from tcert.community.groups.models import (
    OBJECT_WITHIN,
    SUBJECT,
    Group,
    Seat,
    Word,
    own_team_ids,
)
from tcert.community.membership.queries import houses_of
from tcert.community.membership.queries import members as teams_taking_part
from tcert.community.talks.models import Talk
from tcert.community.talks.queries import correspondents
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal


def recipients(group: Group | UUID) -> QuerySet[Team]:
    """Return the teams that what is addressed to a group reaches; none once it was closed.

    Upper rooms address a group by its UUID, and ask anew each time they send.
    """
    seats = Seat.objects.active().filter(group=group)
    return Team.objects.filter(id__in=seats.values("team")).order_by("name", "id")


def led_ids(principal: Principal) -> frozenset[UUID]:
    """Return the teams that a person speaks for in groups."""
    return own_team_ids(principal) & led_team_ids(principal)


def led_teams(principal: Principal) -> QuerySet[Team]:
    """Return these teams, by name."""
    found = teams_taking_part().filter(id__in=led_ids(principal))
    return found.select_related("organisation").order_by("name", "id")


def spoken_for() -> Exists:
    """Return whether somebody leads the team of a seat: else nobody can act for it."""
    return Exists(TeamMembership.objects.filter(team=OuterRef("team"), role__in=TeamRole.leading()))


def able_stewards(group: Group) -> QuerySet[Seat]:
    """Return the stewards that can act: of teams on the list for which somebody speaks."""
    return group.seats.active().filter(spoken_for(), is_steward=True)


def own_seat(group: Group, principal: Principal, *, steward: bool = False) -> Seat | None:
    """Return the member's seat for which a person acts in a group, or None.

    One that the person speaks for comes before others, then a steward's, then the acting team's.
    """
    led = led_ids(principal)
    own = Seat.objects.active().filter(group=group, team__in=own_team_ids(principal))
    if steward:
        own = own.filter(is_steward=True, team__in=led)
    return min(
        own.select_related("team__organisation"),
        key=lambda seat: (
            seat.team_id not in led,
            not seat.is_steward,
            seat.team_id != principal.acting_team_id,
        ),
        default=None,
    )


def own_groups(principal: Principal) -> list[tuple[Group, Seat]]:
    """Return the groups of a person's teams with the seats: waiting ones first, then by name.

    Names are guarded, so they are put in order here and not by the database; a team has few.
    """
    own = Q(team__in=own_team_ids(principal), state__in=State.live())
    in_time = ~Q(state=State.INVITED) | Q(answer_by__gt=clock.now())
    standing = Q(group__closed_at=None) | Q(state=State.MEMBER)
    seats = Seat.objects.filter(LISTED_TEAM, own, in_time, standing).select_related("group", "team")
    told = [(seat.group, seat) for seat in seats]
    return sorted(
        told,
        key=lambda pair: (
            pair[0].is_closed,
            pair[1].state != State.INVITED,
            pair[0].name.casefold(),
            str(pair[1].id),
        ),
    )


def open_groups(principal: Principal, text: str = "") -> list[Group]:
    """Return the open groups that stand, by name, without those of the person's own teams."""
    found = Group.objects.known_to(principal).filter(kind=Kind.OPEN, closed_at=None)
    own = Group.objects.inside(principal).values("pk")
    words = text.casefold().split()
    told = [g for g in found.exclude(pk__in=own) if all(w in g.name.casefold() for w in words)]
    return sorted(told, key=lambda group: (group.name.casefold(), str(group.id)))


def count_members(groups: Collection[Group]) -> dict[UUID, int]:
    """Return how many teams share in each of some groups."""
    active = Seat.objects.active().filter(group__in=groups).order_by()
    return dict(active.values_list("group").annotate(n=Count("id")))


def count_confidential() -> int:
    """Return how many confidential groups stand: all that a coordinator learns of them."""
    return Group.objects.standing().filter(kind=Kind.CONFIDENTIAL).count()


def invitable(group: Group, principal: Principal, text: str) -> QuerySet[Any]:
    """Return the teams that may be invited, by the beginning of a word of their names."""
    live = group.seats.filter(state__in=State.live()).values("team")
    return correspondents(principal, text).filter(is_desk=False).exclude(id__in=live)


def talk_of(group: Group) -> Talk | None:
    """Return the talk of a group that goes on, if one does."""
    found = Talk.objects.filter(about_kind=SUBJECT, about_id=group.id, closed_on=None)
    return found.select_related("thread").first()


def counted_words(seats: Collection[Seat]) -> dict[UUID, tuple[int, list[UUID]]]:
    """Return for requests of one group: how many houses' words count, and which teams gave one.

    A word of a team that has left, or is off the list, counts for nothing.
    """
    if not seats:
        return {}
    group_id = next(iter(seats)).group_id
    active = Seat.objects.active().filter(group=group_id)
    words = Word.objects.filter(seat__in=[s.id for s in seats], by_team__in=active.values("team"))
    given: dict[UUID, list[UUID]] = {}
    for seat_id, team_id in words.values_list("seat_id", "by_team_id"):
        given.setdefault(seat_id, []).append(team_id)
    admitted = admitted_by(group_id)
    concerned = [s.team_id for s in seats] + [team for some in given.values() for team in some]
    houses = houses_of(Team.objects.filter(id__in=concerned))
    return {
        seat.id: (
            len(vouching.houses_for(seat.team_id, given.get(seat.id, []), houses, admitted)),
            given.get(seat.id, []),
        )
        for seat in seats
    }


def admitted_by(group_id: UUID) -> Mapping[UUID, Collection[UUID]]:
    """Return for each member that came by words which teams gave them, those gone included."""
    rows = Word.objects.filter(seat__group=group_id, seat__state=State.MEMBER)
    found: dict[UUID, list[UUID]] = {}
    for team_id, giver in rows.values_list("seat__team_id", "by_team_id"):
        found.setdefault(team_id, []).append(giver)
    return found


def waiting_counts(principal: Principal) -> dict[str, int]:
    """Count in one question what waits in groups for who leads teams.

    Invitations to them; being asked to be a steward; what stewards decide on: requests, and
    objections that another team's removal met; requests that wait for a member's word.
    """
    led, now = led_ids(principal), clock.now()
    own = Seat.objects.active().filter(group=OuterRef("group"), team__in=led)
    rows = Seat.objects.filter(LISTED_TEAM, group__closed_at=None).annotate(
        inside=Exists(own), stewarded=Exists(own.filter(is_steward=True))
    )
    asks = Q(state=State.REQUESTED, answer_by__gt=now)
    by_word = Q(group__admission=Admission.VOUCHES)
    spoken = Exists(Word.objects.filter(seat=OuterRef("pk"), by_team__in=led))
    objects = Q(state=State.REMOVED, objected_at__isnull=False, outcome="")
    return rows.annotate(spoken=spoken).aggregate(
        invited=Count("id", filter=Q(team__in=led, state=State.INVITED, answer_by__gt=now)),
        asked=Count("id", filter=Q(team__in=led, is_steward=False, steward_asked_at__isnull=False)),
        requests=Count("id", filter=asks & ~by_word & Q(stewarded=True)),
        words=Count("id", filter=asks & by_word & Q(inside=True, spoken=False)),
        objections=Count("id", filter=objects & Q(stewarded=True)),
        removed=Count(
            "id",
            filter=Q(team__in=led, state=State.REMOVED, objected_at=None)
            & Q(ended_at__gt=now - OBJECT_WITHIN),
        ),
    )


def seats_with_teams(group: Group) -> QuerySet[Any]:
    """Return the live seats of a group with their teams, stewards first, then by name."""
    live = group.seats.filter(state__in=State.live())
    seats = live.select_related("team__organisation", "by_team", "group")
    return seats.annotate(is_spoken_for=spoken_for()).order_by(
        F("is_steward").desc(), "team__name", "id"
    )
