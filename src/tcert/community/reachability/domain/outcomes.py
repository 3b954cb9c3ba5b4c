"""What follows from a drill's end: credit by an event, words to the team, and to the desk."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from tcert.community.directory.queries import desk_team
from tcert.community.notices.domain.telling import notify_team
from tcert.community.reachability import queries, results
from tcert.community.reachability.enums import Result
from tcert.community.reachability.models import Drill
from tcert.foundation.kernel.outbox import emit

DRILL_ANSWERED = "reachability:drill_answered"
"""The domain event: a team answered a drill that counts; the object is the drill."""


def follow(drill: Drill) -> None:
    """Do what a closed drill asks for, in its transaction; of a practice nothing follows."""
    if drill.is_practice:
        return
    if not drill.has_failed:
        in_time = int(drill.result == Result.IN_TIME)
        emit(DRILL_ANSWERED, drill.id, team=drill.team_id, in_time=in_time)
        return
    _tell_team(drill)
    lately = queries.last_results(drill.team_id)
    if results.failed_in_a_row(lately) >= results.FAILURES_TO_TELL:
        _tell_desk(drill)


def _tell_team(drill: Drill) -> None:
    notify_team(
        drill.team_id,
        subject=_("Your team's drill was not answered"),
        text=_(
            "Nobody answered the last drill of your round-the-clock contact within 24 hours. Look "
            "at what it went to, correct it, and practise."
        )
        + f"\n\n{_address(drill)}\n",
        key=f"drill-failed:{drill.id}",
        urgent=True,
    )


def _tell_desk(drill: Drill) -> None:
    desk = desk_team()
    if desk is None:
        return
    notify_team(
        desk.id,
        subject=_("A team has failed two drills in a row"),
        text=_("Help it to a contact that answers: call somebody whom you know there.")
        + f"\n\n{_address(drill)}\n",
        key=f"drill-failed-again:{drill.id}",
    )


def _address(drill: Drill) -> str:
    return settings.BASE_URL + reverse("reachability:team", args=[drill.team_id])
