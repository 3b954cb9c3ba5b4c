"""What the case behind an advisory says: who takes part, what is public, when the embargo ends."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tcert.community.directory.models import Team


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What publication asks of a case; without a case there are no parties."""

    teams: tuple[Team, ...] = ()
    is_known: bool = False
    embargo_ends: datetime | None = None


def facts(_case_id: UUID | None) -> CaseFacts:
    """Return the facts of a case; a case that retention deleted binds nobody any more."""
    return CaseFacts()
