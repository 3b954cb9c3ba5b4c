"""Tell teams that something waits for them: through the outbox, with nothing confidential.

The event names the case, the team and one word of a fixed vocabulary; the worker seals the mail.
"""

from uuid import UUID

from tcert.foundation.kernel.outbox import emit
from tcert.response.cases.enums import Presence
from tcert.response.cases.models import Case

NOTICE = "cases:notice"


def tell_team(case: Case, team_id: UUID | None, what: str) -> None:
    """Tell one team; a reporter, who has none, looks in the mailbox."""
    if team_id is not None:
        emit(NOTICE, case.id, team=team_id, what=what)


def tell_all(case: Case, what: str, *, except_team: UUID | None = None) -> None:
    """Tell every team that takes part, but not the one that acted."""
    teams = case.participants.filter(presence=Presence.TAKING_PART, team__isnull=False)
    for team_id in teams.values_list("team_id", flat=True):
        if team_id != except_team:
            tell_team(case, team_id, what)
