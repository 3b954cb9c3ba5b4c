"""The last step of establishing a team: its round-the-clock contact was tried and answered."""

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Team
from tcert.community.directory.path_steps import Lack, Progress, Step
from tcert.community.reachability.enums import Result
from tcert.community.reachability.models import Drill


def _state(teams: Collection[Team]) -> dict[UUID, Progress]:
    """Ask for one drill that was answered; one that the team set off for practice will do."""
    drills = Drill.objects.filter(team__in=[team.id for team in teams]).order_by()
    tried = set(drills.values_list("team_id", flat=True))
    answered = set(
        drills.filter(result__in=[Result.IN_TIME, Result.LATE]).values_list("team_id", flat=True)
    )
    lacks = _("a drill that was answered; begin with one for practice")
    return {
        team.id: Progress()
        if team.id in answered
        else Progress((Lack(lacks, _url(team)),), is_begun=team.id in tried)
        for team in teams
        if team.organisation.state == OrganisationState.LISTED  # nobody else is drilled
    }


def _url(team: Team) -> str:
    return reverse("reachability:team", args=[team.id])


STEP = Step(
    name="drill",
    order=110,
    title=_("First drill"),
    why=_(
        "A number that nobody ever called is a hope. The hub tries the round-the-clock contact "
        "twice a year without notice; the first time is better one of your own."
    ),
    example=_("Practice on a Sunday evening: answered by the link after nine minutes."),
    state=_state,
    url=_url,
)
