"""Who may do what with advisories."""

from typing import Any

import rules

from tcert.foundation.kernel.access import grant
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.rules import (
    is_anyone,
    is_coordinator,
    is_in_team,
    reads_as_member,
)
from tcert.response.advisories.models import Advisory, FinalCopy, TextChange
from tcert.response.cases.models.case import acting_team_ids


@rules.predicate
def coordinates(principal: Principal, advisory: Any) -> bool:
    """A member of the coordinating team (a desk member only in a staff session)."""
    if advisory is None:
        return bool(acting_team_ids(principal))
    return isinstance(advisory, Advisory) and advisory.is_visible_to(principal)


@rules.predicate
def wrote_the_text(principal: Principal, advisory: Any) -> bool:
    """Somebody who changed the text of the coming release."""
    return isinstance(advisory, Advisory) and has_written(advisory, principal.person_id)


@rules.predicate
def got_the_copy(principal: Principal, copy: Any) -> bool:
    """A member of the party that a final text was made for."""
    if copy is None:
        return principal.is_in_team
    return isinstance(copy, FinalCopy) and copy.is_visible_to(principal)


def has_written(advisory: Advisory, person_id: Any) -> bool:
    """Tell whether a person changed the text of the coming release."""
    return TextChange.objects.filter(
        advisory=advisory,
        person_id=person_id,
        release_number=advisory.releases.count() + 1,
    ).exists()


grant(Permission.ADVISORIES_READ, is_anyone)
grant(Permission.ADVISORIES_MEMBERS_READ, reads_as_member)
grant(Permission.ADVISORIES_START, is_coordinator)
grant(Permission.ADVISORIES_WRITE, coordinates)
grant(Permission.ADVISORIES_APPROVE, coordinates & ~wrote_the_text)
grant(Permission.ADVISORIES_PUBLISH, coordinates)
grant(Permission.ADVISORIES_FINAL_READ, is_in_team & got_the_copy)
