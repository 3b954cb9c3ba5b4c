"""A coordinator says which team an entry is about, or that it is about none here."""

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.community.imports.enums import Match
from tcert.community.imports.models import Entry
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.foundation.kernel.shown import hold

SHOWN = ("team_id", "decided_at", "seen_at")


@transaction.atomic
def decide(*, principal: Principal, entry: Entry, team: Team | None, shown: str) -> Entry:
    """Say which team an entry is about; None says that it is about no team here.

    Raises:
        PermissionDenied: the coordinator is tied to that team, or to the one chosen before.
        DomainError: the team is not on the list.
        Conflict: the entry changed since the page `shown`.

    """
    require(principal, Permission.IMPORTS_DECIDE, entry)
    entry = hold(entry, shown, SHOWN)
    if team is not None:
        require(principal, Permission.IMPORTS_DECIDE, team)
        if not team.is_listed:
            raise DomainError(_("This team is not on the list."))
    entry.team = team
    entry.matched_by = Match.CHOSEN if team else ""
    entry.is_open = False
    entry.decided_at, entry.decided_by = clock.now(), principal.person_id
    entry.save(update_fields=["team", "matched_by", "is_open", "decided_at", "decided_by"])
    about = str(team.id) if team else None
    record(principal, "imports:decide", "import-entry", entry.id, team=about)
    return entry
