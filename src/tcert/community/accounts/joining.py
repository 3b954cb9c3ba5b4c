"""Places that wait for an invited person: upper rooms say how they are taken.

Accounts knows no team. An invitation carries places as plain data (`{"team": …, "role": …}`);
the room that knows what they mean registers a taker in its apps.py. Takers run in the
transaction in which the invitation is accepted, so that a person never arrives without a place.
"""

from collections.abc import Callable, Mapping, Sequence

from tcert.community.accounts.models import Person
from tcert.foundation.kernel.principal import Principal

Place = Mapping[str, str]
Taker = Callable[[Principal, Person, Sequence[Place]], None]

_takers: list[Taker] = []


def register(taker: Taker) -> None:
    """Let a room give places to people who accept an invitation."""
    if taker not in _takers:
        _takers.append(taker)


def take_places(principal: Principal, person: Person, places: Sequence[Place]) -> None:
    """Give a person the places that waited."""
    for taker in _takers:
        taker(principal, person, places)
