"""What upper rooms do when people lose their place in a team, in the transaction that takes it."""

from collections.abc import Callable, Collection
from uuid import UUID

from tcert.community.directory.models import Team

Follow = Callable[[Team, Collection[UUID]], None]

_followers: list[Follow] = []


def register(follow: Follow) -> None:
    """Let a room follow up on who left which team; call it at start."""
    if follow not in _followers:
        _followers.append(follow)


def tell(team: Team, person_ids: Collection[UUID]) -> None:
    """Tell every room that these people have no place in the team any more."""
    for follow in _followers:
        follow(team, person_ids)
