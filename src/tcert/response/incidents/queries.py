"""Reads of incidents that pages, acts and upper rooms share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    Exists,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from tcert.community.directory.models import Team
from tcert.community.talks.domain.opening import About
from tcert.community.talks.models import Talk
from tcert.community.talks.queries import correspondents
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.principal import Principal
from tcert.response.incidents import kinds
from tcert.response.incidents.enums import Answer, Severity, Standing, State
from tcert.response.incidents.models import (
    NOTES,
    SUBJECT,
    Incident,
    Party,
    Tally,
    Task,
    parties_of,
)


def about(incident: Incident) -> About:
    """Return what an incident's talk is about."""
    return About(SUBJECT, incident.id)


def talk_of(incident: Incident) -> Talk | None:
    """Return the talk of an incident that goes on, if one does."""
    found = Talk.objects.filter(about_kind=SUBJECT, about_id=incident.id, closed_on=None)
    return found.select_related("thread").first()


def notes_of(party: Party) -> Talk | None:
    """Return a team's own notes on an incident that go on, if they do."""
    return Talk.objects.filter(about_kind=NOTES, about_id=party.id, closed_on=None).first()


def own_party(incident: Incident, principal: Principal, *, lead: bool = False) -> Party | None:
    """Return the row for which a person acts in an incident, or None.

    One that steers comes before one that reads, that before one that is asked, then the acting
    team's; with `lead` one that steers only.
    """
    told = [p for p in incident.own_parties(principal) if p.standing in Standing.told()]
    if lead:
        told = [p for p in told if p.team_id in incident.steering_ids]
    return min(
        told,
        key=lambda party: (
            party.team_id not in incident.steering_ids,
            party.standing != Standing.READS,
            party.team_id != principal.acting_team_id,
        ),
        default=None,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of an incident and of those joined into it."""

    events: int
    reports: int
    first_at: datetime | None
    last_at: datetime | None


def counted(incident: Incident) -> Counted:
    """Sum up an incident: two questions, however many days and teams."""
    both = Q(incident=incident) | Q(incident__joined_to=incident)
    sums = Tally.objects.filter(both).aggregate(
        events=Sum("events"), first=Min("first_at"), last=Max("last_at")
    )
    reports = Incident.objects.filter(joined_to=incident).count() + 1
    return Counted(sums["events"] or 0, reports, sums["first"], sums["last"])


def per_day(incident: Incident) -> QuerySet[Any]:
    """Return the sums of each day, newest first."""
    both = Q(incident=incident) | Q(incident__joined_to=incident)
    days = Tally.objects.filter(both).order_by().values("day")
    return days.annotate(n=Sum("events"), first=Min("first_at"), last=Max("last_at")).order_by(
        "-day"
    )


def listed(principal: Principal, query: Mapping[str, str]) -> QuerySet[Any]:
    """Return the incidents that the person may know of as the list's address asks for them.

    Each has `events`; `own`, the rows of the person's own teams; and `shows_joined`: whether the
    one into which it was joined may be named.
    """
    both = Q(incident=OuterRef("pk")) | Q(incident__joined_to=OuterRef("pk"))
    sums: Any = (
        Tally.objects.filter(both)
        .order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(n=Sum("events"))
        .values("n")
    )
    own = parties_of(principal, *Standing.told()).select_related("team")
    found: Any = (
        Incident.objects.visible_to(principal)
        .select_related("reporter", "joined_to")
        .annotate(
            shows_joined=Exists(
                Incident.objects.visible_to(principal).filter(pk=OuterRef("joined_to"))
            )
        )
        .annotate(events=Coalesce(Subquery(sums), 0, output_field=BigIntegerField()))
        .prefetch_related(Prefetch("parties", queryset=own, to_attr="own"))
    )
    state = query.get("state", "open")
    if state == "open":
        undone = Task.objects.filter(incident=OuterRef("pk"), done_at=None)
        found = found.open().exclude(Q(shows_joined=True) & ~Q(Exists(undone)))
    elif state in set(State):
        found = found.filter(state=state)
    if query.get("mine"):
        found = found.filter(reporter__in=principal.acting_team_ids)
    if query.get("severity") in set(Severity):
        found = found.filter(severity=query["severity"])
    if query.get("kind") in kinds.known():
        found = found.filter(kind=query["kind"])
    return found.order_by("-reported_at", "id")


def nameable(incident: Incident, principal: Principal, text: str) -> QuerySet[Any]:
    """Return the teams that may be named, by the beginning of a word of their names."""
    inside = incident.parties.values("team")
    return correspondents(principal, text).exclude(id__in=inside)


def joinable(incident: Incident, principal: Principal) -> QuerySet[Incident]:
    """Return the incidents that could be joined into one that the person steers."""
    found = Incident.objects.read_by(principal).filter(joined_to=None, joined=None)
    return found.exclude(pk=incident.pk).order_by("-reported_at", "id")


def task_teams(incident: Incident, own: Party, *, steers: bool) -> QuerySet[Team]:
    """Return the teams to which a person may give tasks."""
    if not steers:
        return Team.objects.filter(pk=own.team_id)
    return Team.objects.filter(id__in=incident.parties.reading().values("team")).order_by("name")


def waiting_counts(principal: Principal) -> dict[str, int]:
    """Count what waits in incidents for the person's teams: answers, urgent ones, overdue tasks."""
    own = parties_of(principal, *Standing.told())
    going_on = Q(incident__in=Incident.objects.open().values("pk"))
    joined = Q(incident__joined_to__in=Incident.objects.visible_to(principal).values("pk"))
    silent = Q(answer=Answer.NONE) & going_on & ~joined
    pressing = silent & Q(incident__severity__in=Severity.urgent())
    told = own.aggregate(
        all=Count("id"), silent=Count("id", filter=silent), pressing=Count("id", filter=pressing)
    )
    if not told["all"]:
        return {**told, "overdue": 0}  # my day costs who has no incident one question
    reads = parties_of(principal, Standing.READS).filter(incident=OuterRef("incident"))
    overdue = Task.objects.filter(done_at=None, due_at__lt=clock.now())
    overdue = overdue.filter(
        team__in=reads.values("team"), incident__in=Incident.objects.open().values("pk")
    )
    return {**told, "overdue": overdue.count()}
