"""What standing opens, in one place; every room asks here, and none works it out again.

Grace and an excused absence open the same as standing. Nothing here decides who is told what:
notices that concern a member, its cases, keys and its own pages ask nothing of standing.
"""

from collections.abc import Collection
from uuid import UUID

from tcert.community.participation import queries
from tcert.community.participation.enums import Shown
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal


def in_standing(organisation_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return which of some organisations take part and have not lapsed, as of today."""
    members = list(queries.members().filter(id__in=organisation_ids)) if organisation_ids else []
    found = queries.words(members, clock.today()) if members else {}
    return frozenset(one for one, shown in found.items() if shown is not Shown.LAPSED)


def may_vote(organisation_id: UUID) -> bool:
    """Tell whether an organisation has a vote: one organisation, one vote."""
    return organisation_id in in_standing([organisation_id])


def may_sponsor(organisation_id: UUID) -> bool:
    """Tell whether the vouch of its teams for an applicant counts."""
    return organisation_id in in_standing([organisation_id])


def may_read_restricted(principal: Principal) -> bool:
    """Tell whether a person reads restricted documents: by one of their organisations in standing.

    Coordinators read them in a staff session.
    """
    if not principal.is_member:
        return False
    return principal.is_coordinator or principal.once(
        "participation:restricted", lambda: bool(in_standing(principal.listed_organisation_ids))
    )
