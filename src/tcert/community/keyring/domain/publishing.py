"""Whether the hub's Web Key Directory hands out a team's keys by address."""

from django.db import transaction

from tcert.community.directory.models import Team
from tcert.community.keyring.models import Publication
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record


@transaction.atomic
def switch(*, principal: Principal, team: Team, is_on: bool) -> Publication:
    """Switch it on or off; off holds at once."""
    require(principal, Permission.KEYRING_MANAGE, team)
    wanted = {
        "is_on": is_on,
        "changed_at": clock.now(),
        "changed_by": principal.person_id,
    }
    found, _made = Publication.objects.update_or_create(team=team, defaults=wanted)
    record(principal, "keyring:directory:switch", "team", team.id, is_on=is_on)
    return found
