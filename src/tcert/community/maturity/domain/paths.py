"""Putting the path of a team away for a while, and taking it up again."""

from datetime import timedelta

from django.db import transaction

from tcert.community.directory.models import Team
from tcert.community.maturity.models import Pause
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record

PUT_AWAY = "maturity:path:put-away"
TAKE_UP = "maturity:path:take-up"
PAUSE = timedelta(days=30)


@transaction.atomic
def put_away(*, principal: Principal, team: Team) -> Pause:
    """Leave who leads the team in peace for 30 days; done again it counts from now."""
    require(principal, Permission.MATURITY_PATH_MANAGE, team)
    values = {"until": clock.now() + PAUSE, "by": principal.person_id}
    pause, _made = Pause.objects.update_or_create(team=team, defaults=values)
    record(principal, PUT_AWAY, "team", team.id)
    return pause


@transaction.atomic
def take_up(*, principal: Principal, team: Team) -> None:
    """Show the next step in my day again.

    Raises:
        AlreadyDone: it was not put away.

    """
    require(principal, Permission.MATURITY_PATH_MANAGE, team)
    deleted, _by_model = Pause.objects.filter(team=team).delete()
    if not deleted:
        raise AlreadyDone
    record(principal, TAKE_UP, "team", team.id)
