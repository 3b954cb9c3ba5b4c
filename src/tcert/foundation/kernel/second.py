"""Acts that one coordinator alone must not do: the domain function asks for a second.

The function calls `require_second` after its own checks and before it changes anything. Without a
confirmation of this very act on this very thing it raises `NeedsSecond`, which carries what was
typed; the room `desk` catches it, lets the person propose the act, and hands the confirmation in
when another coordinator has confirmed. Nothing else makes a confirmation.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That a second coordinator confirmed one proposed act."""

    act: str
    object_id: UUID
    proposal_id: UUID


class NeedsSecond(Exception):
    """The act waits for a second coordinator; nothing was changed."""

    def __init__(self, act: str, object_id: UUID, values: dict[str, Any]) -> None:
        super().__init__(act)
        self.act = act
        self.object_id = object_id
        self.values = values


def require_second(
    confirmation: Confirmation | None, act: str, object_id: UUID, **values: Any
) -> None:
    """Raise NeedsSecond unless this act on this thing was confirmed.

    `values` is what carries the act out later, as JSON holds it: what the person typed.
    """
    if confirmation is None or (confirmation.act, confirmation.object_id) != (act, object_id):
        raise NeedsSecond(act, object_id, values)
