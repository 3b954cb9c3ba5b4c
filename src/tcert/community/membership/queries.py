"""Reads of vouches that pages and acts share; each asks the database a constant number of times."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from django.db.models import Case, Q, QuerySet, When

from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.rules import led_team_ids
from tcert.community.directory.ties import tied_houses
from tcert.community.membership import trust
from tcert.community.membership.models import Review, Vouch
from tcert.community.membership.trust import Given, Pair
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal

LONGEST_LIST = 20


def members() -> QuerySet[Team]:
    """Return the teams that vouch and are vouched for: listed ones, not the desk."""
    found: QuerySet[Team] = Team.objects.on_list().filter(is_desk=False)
    return found


def takes_part(team: Team) -> bool:
    """Match `members`."""
    return team.is_listed and not team.is_desk


def houses_of(teams: QuerySet[Team]) -> dict[UUID, UUID]:
    """Return the house of each team, in two questions however deep the groups are.

    An organisation without a group is its own house, so only the others are read.
    """
    grouped = {one.id: one for one in Organisation.objects.exclude(group=None).only("id", "group")}
    for one in grouped.values():
        one.group = grouped.get(one.group_id) or Organisation(id=one.group_id)  # type: ignore[arg-type]
    found = teams.order_by().values_list("id", "organisation_id")
    return {team: grouped[owner].house if owner in grouped else owner for team, owner in set(found)}


def given(vouches: QuerySet[Vouch]) -> list[Given]:
    """Return vouches as plain data, the oldest first."""
    fields = ("from_team_id", "to_team_id", "given_at", "expires_at", "withdrawn_at")
    return [Given(*row) for row in vouches.order_by("given_at", "id").values_list(*fields)]


def pairs(vouches: QuerySet[Vouch]) -> list[Pair]:
    """Return givers and receivers alone, where the database has looked at the moments."""
    return list(vouches.order_by().values_list("from_team_id", "to_team_id"))


def between(giver: UUID, receiver: UUID) -> list[Given]:
    """Return what the rules need to know before one team vouches for another."""
    back = Q(from_team=receiver, to_team=giver)
    return given(Vouch.objects.filter(Q(from_team=giver) | back))


def around(principal: Principal, team: Team, at: datetime) -> list[Vouch]:
    """Return the vouches for and of a team that stand and that the person sees, newest first.

    Their organisations come with two floors of their groups, so that houses can be counted.
    """
    taking_part = members().values("id")
    found = Vouch.objects.visible_to(principal).standing(at)
    found = found.filter(Q(to_team=team) | Q(from_team=team))
    found = found.filter(from_team__in=taking_part, to_team__in=taking_part)
    groups = "organisation__group__group"
    return list(found.select_related(f"from_team__{groups}", f"to_team__{groups}"))


def count_houses(team: Team, vouches: Iterable[Vouch], at: datetime) -> int:
    """Count the different houses that stand for a team by these vouches, as `around` gives them."""
    told = list(vouches)
    teams = {t.id: t for v in told for t in (v.from_team, v.to_team)}
    houses = {one.id: one.organisation.house for one in teams.values()}
    return len(trust.houses_for([v.given for v in told], houses, at).get(team.id, ()))


def own_teams(principal: Principal) -> QuerySet[Team]:
    """Return the teams of a person that take part in vouching, by name."""
    own = members().filter(id__in=principal.team_ids)
    return own.select_related("organisation").order_by("name", "id")


def led_teams(principal: Principal) -> QuerySet[Team]:
    """Return those of them for which the person speaks."""
    return own_teams(principal).filter(id__in=led_team_ids(principal))


@dataclass(frozen=True, slots=True)
class Step:
    """One vouch on a path: who stands for whom, and on what it rests."""

    vouch: Vouch
    giver: Team
    receiver: Team


def paths(principal: Principal, start: Team, goal: Team) -> list[tuple[Step, ...]]:
    """Return the shortest ways from one team to another along vouches that the person sees.

    Only teams that take part lead on, so nobody who is retired, provisional or hidden shows.
    """
    now = clock.now()
    seen = Vouch.objects.visible_to(principal).standing(now)
    taking_part = members().values("id")
    there = dict.fromkeys(pairs(seen.filter(from_team__in=taking_part, to_team__in=taking_part)))
    steps: dict[UUID, list[UUID]] = {}
    for giver, receiver in there:
        if (receiver, giver) not in there:
            steps.setdefault(giver, []).append(receiver)
    ordered = {giver: tuple(sorted(receivers)) for giver, receivers in steps.items()}
    return _told(trust.shortest_paths(ordered, start.id, goal.id), now)


def _told(found: Collection[tuple[UUID, ...]], now: datetime) -> list[tuple[Step, ...]]:
    """Fetch the teams and vouches of paths, and order these by the names on them."""
    wanted = {pair for path in found for pair in pairwise(path)}
    concerned = {team for path in found for team in path}
    standing = Vouch.objects.standing(now).filter(from_team__in=concerned, to_team__in=concerned)
    vouches = {(v.from_team_id, v.to_team_id): v for v in standing.with_teams()}
    steps = {
        pair: Step(vouches[pair], vouches[pair].from_team, vouches[pair].to_team)
        for pair in wanted
        if pair in vouches
    }
    told = [
        tuple(steps[pair] for pair in pairwise(path))
        for path in found
        if all(pair in steps for pair in pairwise(path))
    ]
    return sorted(told, key=lambda path: [(s.receiver.name, str(s.receiver.id)) for s in path])


@dataclass(frozen=True, slots=True)
class Thin:
    """A team for which fewer than two houses stand, and the review of it if it had more.

    Who is tied to its house leaves the review to a colleague.
    """

    team: Team
    houses: int
    review: Review | None
    is_tied: bool


def fallen_teams(principal: Principal) -> list[UUID]:
    """Return the teams under review: those at which nobody has looked first, then by name."""
    reviews = Review.objects.visible_to(principal).open().filter(team__in=members())
    unseen = Case(When(seen_at=None, then=0), default=1)
    return list(reviews.order_by(unseen, "team__name", "id").values_list("team_id", flat=True))


def thin_teams(principal: Principal) -> list[UUID]:
    """Return all teams for which too few houses stand, those under review first, then by name."""
    houses = houses_of(members())
    counted = trust.houses_behind(pairs(Vouch.objects.standing(clock.now())), houses)
    fallen = fallen_teams(principal)
    seen = members().filter(id__in=Team.objects.visible_to(principal).values("id"))
    by_name = seen.order_by("name", "id").values_list("id", flat=True)
    enough = {team for team, found in counted.items() if len(found) >= trust.ENOUGH_HOUSES}
    skipped = enough.union(fallen)
    return [*fallen, *(team for team in by_name if team not in skipped)]


def thin(principal: Principal, team_ids: Sequence[UUID]) -> list[Thin]:
    """Return what the list says of some teams, in their order."""
    standing = Vouch.objects.standing(clock.now()).filter(to_team__in=team_ids)
    concerned = Q(id__in=team_ids) | Q(id__in=standing.values("from_team"))
    houses = houses_of(members().filter(concerned))
    counted = trust.houses_behind(pairs(standing), houses)
    reviews = Review.objects.visible_to(principal).open().filter(team__in=team_ids)
    by_team = {one.team_id: one for one in reviews}
    tied = tied_houses(principal)
    teams = members().select_related("organisation").in_bulk(team_ids)
    return [
        Thin(
            teams[team],
            len(counted.get(team, ())),
            by_team.get(team),
            houses.get(team) in tied,
        )
        for team in team_ids
        if team in teams
    ]
