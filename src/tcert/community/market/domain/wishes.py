"""Whether a team is told of what fits its entries: only if it asked for it."""

from django.db import transaction

from tcert.community.directory.models import Team
from tcert.community.market.models import Wish
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record


@transaction.atomic
def wish(*, principal: Principal, team: Team, wanted: bool) -> None:
    """Have a team told once a week of what is new and fits, or not any more."""
    require(principal, Permission.MARKET_MANAGE, team)
    if wanted:
        Wish.objects.get_or_create(team=team, defaults={"looked_on": clock.today()})
    else:
        Wish.objects.filter(team=team).delete()
    record(principal, "market:wish:set", "team", team.id, wanted=wanted)
