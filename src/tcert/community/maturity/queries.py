"""Reads of the room that pages and acts share."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet

from tcert.community.directory import path_steps
from tcert.community.directory import queries as directory
from tcert.community.directory.enums import OrganisationKind, TeamKind
from tcert.community.directory.models import Organisation, Team
from tcert.community.directory.path_steps import Reached
from tcert.community.maturity.models import Assessment, MentorRequest, Pause
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal

YOUNG = timedelta(days=365)
"""For so long my day leads a team along its path; the page of the path stays for ever."""
RESPONSE_KINDS = frozenset({TeamKind.CERT, TeamKind.PSIRT, TeamKind.SOC, TeamKind.AUTHORITY})
"""Kinds of team that answer for incidents; without one an organisation has no response team."""


@dataclass(frozen=True, slots=True)
class Path:
    """Where a team stands on its path."""

    team: Team
    steps: Sequence[Reached]

    @property
    def done(self) -> int:
        """Count the steps that are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def next(self) -> Reached | None:
        """Return the first step that is not done, or None at the end."""
        return next((step for step in self.steps if not step.is_done), None)


def paths(teams: Collection[Team]) -> list[Path]:
    """Return the paths of teams (with their organisations), in their order."""
    reached = path_steps.walk(teams)
    return [Path(team, reached[team.id]) for team in teams]


def own_teams(principal: Principal) -> QuerySet[Team]:
    """Return the teams of a person that walk the path: not the desk."""
    own = Team.objects.filter(id__in=principal.team_ids, is_desk=False, retired_at=None)
    return own.select_related("organisation").order_by("name", "id")


def next_steps(principal: Principal) -> list[tuple[Team, Reached]]:
    """Return the next step of each young team that the person leads and has not put away."""
    now = clock.now()
    led = directory.led_teams(principal)
    young = [team for team in led if not team.is_desk and team.created_at > now - YOUNG]
    found = path_steps.first_open(young) if young else {}
    resting = Pause.objects.filter(team__in=found, until__gt=now) if found else Pause.objects.none()
    away = set(resting.values_list("team_id", flat=True))
    return [(one, found[one.id]) for one in young if one.id in found and one.id not in away]


def paused_until(team: Team) -> Pause | None:
    """Return the pause of a team's path that still lasts."""
    return Pause.objects.filter(team=team, until__gt=clock.now()).first()


def organisations_without(principal: Principal) -> list[Organisation]:
    """Return the person's own organisations that have no response team."""
    having = _active().filter(kind__in=RESPONSE_KINDS).values("organisation_id")
    own = Organisation.objects.filter(id__in=principal.organisation_ids)
    return list(own.exclude(kind=OrganisationKind.HUB).exclude(id__in=having))


def _active() -> QuerySet[Team]:
    return Team.objects.filter(retired_at=None, is_desk=False)


def surveyed(principal: Principal, *, only_without: bool) -> QuerySet[Organisation]:
    """Return the organisations that a coordinator sees, by name; or only those without a team."""
    seen = Organisation.objects.visible_to(principal).exclude(kind=OrganisationKind.HUB)
    if only_without:
        having = _active().filter(kind__in=RESPONSE_KINDS).values("organisation_id")
        seen = seen.exclude(id__in=having)
    return seen.order_by("name", "id")


def paths_of(
    principal: Principal, organisations: Collection[Organisation]
) -> dict[UUID, list[Path]]:
    """Return the paths of the teams of some organisations that the person sees."""
    teams = Team.objects.visible_to(principal).filter(
        organisation__in=organisations, retired_at=None, is_desk=False
    )
    found: dict[UUID, list[Path]] = {one.id: [] for one in organisations}
    for path in paths(list(teams.select_related("organisation").order_by("name", "id"))):
        found[path.team.organisation_id].append(path)
    return found


def last_published(team: Team) -> Assessment | None:
    """Return the newest assessment in a team's record."""
    return Assessment.objects.published().filter(team=team).order_by("-published_at").first()


def before(assessment: Assessment) -> Assessment | None:
    """Return the one that came before, for comparison."""
    earlier = Assessment.objects.published().filter(team=assessment.team_id)
    if assessment.published_at is not None:
        earlier = earlier.filter(published_at__lt=assessment.published_at)
    return earlier.order_by("-published_at").first()


def shown_profile(team: Team) -> Assessment | None:
    """Return the newest assessment if the team shows members what it reached, else None.

    An older one that was shown is not told once a newer stands: it would say too much or too
    little.
    """
    last = last_published(team)
    return last if last is not None and last.is_shown and last.reached else None


def own_requests(principal: Principal) -> QuerySet[MentorRequest]:
    """Return the requests of and by the person's teams, the newest first."""
    seen = MentorRequest.objects.visible_to(principal).with_teams()
    own = seen.filter(team__in=principal.team_ids) | seen.filter(mentor__in=principal.team_ids)
    return own.order_by("-asked_at", "id")


def waiting_requests(principal: Principal) -> QuerySet[MentorRequest]:
    """Return what waits for a mentor, but not of the person's own teams; the nearest day first."""
    seen = MentorRequest.objects.visible_to(principal).with_teams()
    waiting = seen.filter(state="asked", by__gte=clock.today())
    return waiting.exclude(team__in=principal.team_ids)
