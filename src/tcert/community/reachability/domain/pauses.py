"""Days on which a team is not drilled: asked for ahead, short, and seldom."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from tcert.community.directory.models import Team
from tcert.community.reachability import schedule
from tcert.community.reachability.models import Pause
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record


@transaction.atomic
def ask(*, principal: Principal, team: Team, first: date, last: date) -> Pause:
    """Spare a team from drills on some days; the team is held, so that two cannot pass the limit.

    Raises:
        DomainError: the days are too near, too far, too many, or it is the third pause in a year.

    """
    require(principal, Permission.REACHABILITY_TEAM_MANAGE, team)
    Team.objects.select_for_update().get(pk=team.pk)
    earlier = [one.span for one in Pause.objects.filter(team=team)]
    if not schedule.pause_is_possible(schedule.Span(first, last), clock.today(), earlier):
        raise DomainError(
            _(
                "A pause begins between tomorrow and 14 days from now, lasts 14 days at most, does "
                "not run into another one, and a team has two within 365 days."
            )
        )
    pause = Pause.objects.create(team=team, first=first, last=last, asked_by=principal.person_id)
    record(principal, "reachability:pause", "team", team.id)
    return pause


@transaction.atomic
def end(*, principal: Principal, pause: Pause) -> None:
    """Take a pause back before it begins; then it does not count.

    Raises:
        AlreadyDone: it has begun, or somebody took it back.

    """
    require(principal, Permission.REACHABILITY_TEAM_MANAGE, pause.team)
    gone, _rows = Pause.objects.filter(pk=pause.pk, first__gt=clock.today()).delete()
    if not gone:
        raise AlreadyDone
    record(principal, "reachability:pause:end", "team", pause.team_id)
