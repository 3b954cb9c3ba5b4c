"""What a team's page in the directory says of its organisation's claims: kinds and numbers."""

from tcert.community.claims import queries
from tcert.community.claims.models import KINDS
from tcert.community.directory.models import Team
from tcert.community.directory.team_cards import Card
from tcert.foundation.kernel.access import allowed
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal


def card(principal: Principal, team: Team) -> Card | None:
    """Return what the viewer may see of it, or nothing for a stranger, and nothing of the desk."""
    if not allowed(principal, Permission.CLAIMS_READ) or team.is_desk:
        return None
    found = queries.counted(principal, team.organisation_id)
    own = team.organisation_id in principal.listed_organisation_ids
    if not found and not own and not principal.is_coordinator:
        return None
    rows = [{"kind": KINDS[kind], "code": kind, "n": n, "verified": v} for kind, n, v in found]
    return Card("claims/team_card.html", {"rows": rows, "own": own})
