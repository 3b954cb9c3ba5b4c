"""The arithmetic of vouches: which stand, who stands for whom, and how one team leads to another.

Pure: vouches are plain data, and a moment is handed in. Teams and houses are named by their ids. A
*house* is the organisation at the top of a group (`Organisation.house`): five teams of one company
are one voice. Rules after design/community.md, "Joining and trust".
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tcert.community.membership.enums import Refusal

MOST_A_YEAR = 5
YEAR = timedelta(days=365)
LONGEST = 2 * YEAR
ENOUGH_HOUSES = 2
MOST_PATHS = 12
MOST_STEPS = 6

Houses = Mapping[UUID, UUID]
"""The house of each team that counts: one that is not a member is missing."""


Pair = tuple[UUID, UUID]
"""Giver and receiver."""


@dataclass(frozen=True, slots=True)
class Given:
    """A vouch of one team for another; `expires` is the first moment at which it is over."""

    giver: UUID
    receiver: UUID
    given: datetime
    expires: datetime
    withdrawn: datetime | None = None

    @property
    def pair(self) -> Pair:
        """Giver and receiver."""
        return self.giver, self.receiver

    @property
    def ends(self) -> datetime:
        """The moment from which it does not stand any more."""
        return self.expires if self.withdrawn is None else min(self.expires, self.withdrawn)

    def stands(self, at: datetime) -> bool:
        """Does it stand at a moment?"""
        return self.given <= at < self.ends


def standing(vouches: Iterable[Given], at: datetime) -> list[Given]:
    """Return the vouches that stand at a moment, in the order in which they came."""
    return [vouch for vouch in vouches if vouch.stands(at)]


def counting(pairs: Iterable[Pair], houses: Houses) -> list[Pair]:
    """Return those of the standing pairs that count: members, different houses, one way only.

    A mutual pair cannot be given, but two teams may come to be one, or a pair may be brought in
    from elsewhere: then neither side of it counts.
    """
    there = dict.fromkeys(pairs)
    return [
        (giver, receiver)
        for giver, receiver in there
        if giver in houses
        and receiver in houses
        and houses[giver] != houses[receiver]
        and (receiver, giver) not in there
    ]


def houses_behind(pairs: Iterable[Pair], houses: Houses) -> dict[UUID, set[UUID]]:
    """Return for each team the different houses that stand for it; a team without any is missing.

    How many vouches stand behind them is of no weight: ten of one house are one.
    """
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for giver, receiver in counting(pairs, houses):
        found[receiver].add(houses[giver])
    return dict(found)


def houses_for(vouches: Iterable[Given], houses: Houses, at: datetime) -> dict[UUID, set[UUID]]:
    """Return the same of vouches at a moment."""
    return houses_behind([one.pair for one in standing(vouches, at)], houses)


def once_enough(vouches: Iterable[Given], houses: Houses) -> set[UUID]:
    """Return the teams for which enough houses stood at some moment, now or before.

    The number grows only when a vouch is given, so it is counted at these moments.
    """
    by_receiver: dict[UUID, list[Given]] = defaultdict(list)
    for one in vouches:
        by_receiver[one.receiver].append(one)
    return {
        receiver
        for receiver, received in by_receiver.items()
        if any(
            len(houses_for(received, houses, one.given).get(receiver, ())) >= ENOUGH_HOUSES
            for one in received
        )
    }


def given_within_year(giver: UUID, vouches: Iterable[Given], at: datetime) -> int:
    """Count what a team has given in the 365 days before a moment.

    Withdrawn ones count: a team that gives and takes back would have no limit.
    """
    return sum(one.giver == giver and at - YEAR < one.given <= at for one in vouches)


def refusal(
    giver: UUID,
    receiver: UUID,
    vouches: Iterable[Given],
    houses: Houses,
    at: datetime,
    *,
    pledged: int = 0,
) -> Refusal | None:
    """Say why a team may not vouch for another one at a moment, or None when it may.

    Args:
        giver: The team that wants to vouch.
        receiver: The team for which it would.
        vouches: At least all that the giver has given, and that the receiver has given to it.
        houses: The houses of all members; who is missing is none.
        at: The moment.
        pledged: How many words the giver has given elsewhere that count for its limit.

    """
    known = list(vouches)
    pairs = {one.pair for one in standing(known, at)}
    reasons = (
        (giver == receiver, Refusal.ONESELF),
        (giver not in houses, Refusal.GIVER_NOT_MEMBER),
        (receiver not in houses, Refusal.RECEIVER_NOT_MEMBER),
        (houses.get(giver) == houses.get(receiver), Refusal.OWN_HOUSE),
        ((giver, receiver) in pairs, Refusal.STANDING),
        ((receiver, giver) in pairs, Refusal.MUTUAL),
        (given_within_year(giver, known, at) + pledged >= MOST_A_YEAR, Refusal.LIMIT),
    )
    return next((refused for holds, refused in reasons if holds), None)


Steps = Mapping[UUID, tuple[UUID, ...]]
"""For whom each team vouches, in an order that the caller chooses: paths come in that order."""


def shortest_paths(
    steps: Steps, start: UUID, goal: UUID, *, most: int = MOST_PATHS, longest: int = MOST_STEPS
) -> list[tuple[UUID, ...]]:
    """Return the shortest ways from one team to another along vouches, each as teams in order.

    Breadth first, so circles do no harm: no team stands twice in a path. The same vouches give
    the same paths in the same order, which is that of `steps`.

    Args:
        steps: For whom each team vouches.
        start: Where the path begins.
        goal: Where it ends; the start itself has no path.
        most: How many paths are enough.
        longest: Of how many vouches a path consists at most; a longer one is none.

    """
    distance = _distances(steps, start, goal, longest)
    if goal not in distance or start == goal:
        return []
    useful = _leading_to(steps, distance, goal)
    found: list[tuple[UUID, ...]] = []
    for path in _walk(steps, distance, useful, (start,), goal):
        found.append(path)
        if len(found) == most:
            break
    return found


def _distances(steps: Steps, start: UUID, goal: UUID, longest: int) -> dict[UUID, int]:
    """Return how many vouches away each team is, as far as the goal."""
    distance, waiting = {start: 0}, deque([start])
    while waiting:
        at = waiting.popleft()
        if distance[at] >= min(longest, distance.get(goal, longest)):
            break
        for following in steps.get(at, ()):
            if following not in distance:
                distance[following] = distance[at] + 1
                waiting.append(following)
    return distance


def _leading_to(steps: Steps, distance: Mapping[UUID, int], goal: UUID) -> set[UUID]:
    """Return the teams from which a shortest way goes on to the goal: no other is tried."""
    before: dict[UUID, list[UUID]] = defaultdict(list)
    for one, reached in distance.items():
        for following in steps.get(one, ()):
            if distance.get(following) == reached + 1:
                before[following].append(one)
    useful, waiting = {goal}, deque([goal])
    while waiting:
        for one in before[waiting.popleft()]:
            if one not in useful:
                useful.add(one)
                waiting.append(one)
    return useful


def _walk(
    steps: Steps,
    distance: Mapping[UUID, int],
    useful: set[UUID],
    so_far: tuple[UUID, ...],
    goal: UUID,
) -> Iterator[tuple[UUID, ...]]:
    """Yield every way on from the last team; it is as deep as the paths are long."""
    if so_far[-1] == goal:
        yield so_far
        return
    for following in steps.get(so_far[-1], ()):
        if following in useful and distance[following] == len(so_far):
            yield from _walk(steps, distance, useful, (*so_far, following), goal)
