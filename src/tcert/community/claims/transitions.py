"""The states of a claim as a table; what is not in it is refused. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from tcert.community.claims.enums import Act, State

TABLE: Mapping[tuple[State, Act], State] = MappingProxyType(
    {
        (State.CLAIMED, Act.VERIFY): State.VERIFIED,
        (State.VERIFIED, Act.VERIFY): State.VERIFIED,
        (State.VERIFIED, Act.LAPSE): State.CLAIMED,
        (State.CLAIMED, Act.DISPUTE): State.DISPUTED,
        (State.VERIFIED, Act.DISPUTE): State.DISPUTED,
        (State.DISPUTED, Act.RESUME): State.CLAIMED,
        (State.DISPUTED, Act.RESUME_VERIFIED): State.VERIFIED,
        (State.DISPUTED, Act.END): State.ENDED,
        (State.CLAIMED, Act.WITHDRAW): State.WITHDRAWN,
        (State.VERIFIED, Act.WITHDRAW): State.WITHDRAWN,
        (State.DISPUTED, Act.WITHDRAW): State.WITHDRAWN,
        (State.CLAIMED, Act.EXPIRE): State.EXPIRED,
        (State.VERIFIED, Act.EXPIRE): State.EXPIRED,
        (State.DISPUTED, Act.EXPIRE): State.EXPIRED,
        (State.WITHDRAWN, Act.RESTORE): State.CLAIMED,
        (State.EXPIRED, Act.RESTORE): State.CLAIMED,
        (State.ENDED, Act.RESTORE): State.CLAIMED,
    }
)
"""What was withdrawn, has run out or was ended comes back as claimed: its proof is from before."""


def after(state: State, act: Act) -> State | None:
    """Return the state that an act leads to, or None where it is not possible."""
    return TABLE.get((state, act))
