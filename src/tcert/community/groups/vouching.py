"""Which words count for a team that asks to join: plain functions over ids.

A team is admitted by words of teams within the group. Two words of one house are one voice; a house
has none for its own team; and who sits there by the word of the asking team, straight or through
others, cannot give it back: such a circle proves nothing.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

ENOUGH_HOUSES = 2

Admitted = Mapping[UUID, Collection[UUID]]
"""For each member that was admitted by words: the teams that gave them."""


def rests_on(giver: UUID, candidate: UUID, admitted: Admitted) -> bool:
    """Tell whether a seat goes back to the candidate's word, however many stand between."""
    seen: set[UUID] = set()
    ahead = list(admitted.get(giver, ()))
    while ahead:
        at = ahead.pop()
        if at == candidate:
            return True
        if at not in seen:
            seen.add(at)
            ahead.extend(admitted.get(at, ()))
    return False


def counts(giver: UUID, candidate: UUID, houses: Mapping[UUID, UUID], admitted: Admitted) -> bool:
    """Tell whether the word of one team counts; a team whose house is not known has no voice."""
    house = houses.get(giver)
    if house is None or house == houses.get(candidate):
        return False
    return not rests_on(giver, candidate, admitted)


def houses_for(
    candidate: UUID, givers: Collection[UUID], houses: Mapping[UUID, UUID], admitted: Admitted
) -> frozenset[UUID]:
    """Return the different houses whose words count for a candidate."""
    return frozenset(houses[g] for g in givers if counts(g, candidate, houses, admitted))
