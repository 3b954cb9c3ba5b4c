"""What pages and my day ask about notifications."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from django.db.models import F, QuerySet, Value

from tcert.community.accounts.models import Person
from tcert.community.directory.enums import TeamRole
from tcert.community.directory.models import Organisation, Team, TeamMembership
from tcert.community.directory.rules import spoken_organisation_ids
from tcert.foundation.kernel import clock, mail
from tcert.foundation.kernel.principal import Principal
from tcert.response.notifications.enums import Hop, Said, Severity, State, Why
from tcert.response.notifications.models import Denial, Notification, Step, reached_by
from tcert.response.notifications.words import SAID, WHYS

STATISTICS = timedelta(days=90)
_DENIED = "denied"
MAIL_STANDS = timedelta(minutes=15)
"""A worker tells a team within seconds; after so long something is wrong."""


def listed(found: QuerySet[Notification]) -> QuerySet[Notification]:
    """Return notifications with what a line of a list shows."""
    return found.select_related("sending__team", "organisation").order_by("-sending__sent_at", "id")


def own_steps(principal: Principal, notification: Notification) -> list[Step]:
    """Return the hops of a notification that came to teams of the person, the latest first."""
    rows = reached_by(principal).filter(notification=notification)
    return list(rows.select_related("team__organisation").order_by("-position"))


def waiting_counts(principal: Principal) -> dict[str, int]:
    """Count what waits for a person's teams, for the desk where they act for it.

    And what colleagues said is not theirs, of which nobody who leads has looked at.
    """
    mine = reached_by(principal).filter(said=Said.NOTHING)
    silent = mine.filter(notification__state__in=[State.WAITING, State.QUEUED])
    rows = silent.order_by().values_list("notification_id", "notification__sending__severity")
    houses = spoken_organisation_ids(principal)
    if houses:  # in the same question: my day asks many rooms
        unseen = Denial.objects.unseen().filter(organisation__in=houses).order_by()
        rows = rows.union(unseen.values_list("pk", Value(_DENIED)))
    found = Counter(what for _key, what in set(rows))
    told = {
        "silent": found.total() - found[_DENIED],
        "pressing": sum(found[one] for one in Severity.urgent()),
        "denied": found[_DENIED],
    }
    queued = 0
    if principal.is_coordinator:
        there = Notification.objects.queued_for(principal)
        queued = there.filter(state__in=[State.QUEUED, State.TAKEN]).count()
    return {**told, "queued": queued}


def organisations_ruled_by(principal: Principal) -> QuerySet[Organisation]:
    """Return the organisations whose rules a person sets."""
    ids = spoken_organisation_ids(principal)
    return Organisation.objects.filter(pk__in=ids).order_by("name", "id")


def denied(organisation: Organisation) -> QuerySet[Denial]:
    """Return what an organisation says is not its own, and has not taken back."""
    return Denial.objects.standing().filter(organisation=organisation).select_related("team")


def denied_lines(organisation: Organisation) -> list[tuple[Denial, str]]:
    """Return the same with the name of who said so."""
    found = list(denied(organisation))
    people = Person.objects.filter(pk__in=[one.said_by for one in found if one.said_by])
    names = dict(people.values_list("pk", "name"))
    return [(one, names.get(one.said_by, "") if one.said_by else "") for one in found]


def leads_of(organisation_id: UUID) -> QuerySet[Person]:
    """Return who leads a listed team of an organisation, each once."""
    leading = TeamMembership.objects.filter(
        team__in=Team.objects.on_list().filter(organisation=organisation_id),
        role__in=TeamRole.leading(),
    )
    return Person.objects.filter(pk__in=leading.values("person"), is_active=True).order_by("pk")


def untold() -> int:
    """Count the notifications of whom nobody was told in time: the worker or the mail stands."""
    late = Step.objects.filter(
        notification__state=State.WAITING,
        position=F("notification__step"),
        reached_at__lt=clock.now() - MAIL_STANDS,
        told_at=None,
        waits=False,
    )
    return late.count()


def mail_stands() -> bool:
    """Tell whether mail of the hub, whatever it is, waits for a quarter of an hour."""
    return mail.stands()


def denials_of(organisations: Iterable[UUID]) -> list[Denial]:
    """Return the same of several: what *whose is this* asks."""
    return list(Denial.objects.standing().filter(organisation__in=list(organisations)))


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of notifications, in counts alone."""

    count: int
    lines: int
    acknowledged: int
    median_hours: float | None
    said: dict[Said, int]
    climbed: int

    @property
    def share(self) -> int:
        """Return how many percent were acknowledged."""
        return round(100 * self.acknowledged / self.count) if self.count else 0

    @property
    def told(self) -> list[tuple[str, int]]:
        """Return what was said, in words, and how often."""
        return [(str(SAID[said]), count) for said, count in self.said.items()]


def figures_sent(principal: Principal) -> Figures:
    """Count what a person's teams sent in the last 90 days, and what became of it."""
    found = Notification.objects.sent_by(principal)
    rows = found.filter(sending__sent_at__gte=clock.now() - STATISTICS).values_list(
        "lines", "said", "acknowledged_at", "sending__sent_at", "queued_at"
    )
    return _counted(list(rows.order_by()))


def figures_received(principal: Principal) -> Figures:
    """Count what came to them, and what they said: nothing of whom else it concerned."""
    since = clock.now() - STATISTICS
    rows = (
        reached_by(principal)
        .filter(reached_at__gte=since)
        .values_list("notification__lines", "said", "said_at", "reached_at")
    )
    silent = {Said.NOTHING, Said.NOT_OURS}
    return _counted(
        [
            (lines, said, None if said in silent else said_at, reached_at, None)
            for lines, said, said_at, reached_at in rows.order_by()
        ]
    )


_Row = tuple[int, str, datetime | None, datetime | None, datetime | None]
"""Lines, what was said, when first, since when it lay there, when it came to the desk."""


def _counted(every: Sequence[_Row]) -> Figures:
    hours = [(at - since).total_seconds() / 3600 for _l, _s, at, since, _q in every if at and since]
    return Figures(
        count=len(every),
        lines=sum(row[0] for row in every),
        acknowledged=len(hours),
        median_hours=round(median(hours), 1) if hours else None,
        said={said: sum(row[1] == said for row in every) for said in Said},
        climbed=sum(row[4] is not None for row in every),
    )


def hops(notification: Notification, principal: Principal) -> list[Step]:
    """Return the hops of a notification that a person may know of.

    Who sent it and the desk see all that were reached; a team that was told those up to its own
    organisation's, and never who else was asked.
    """
    reached = notification.steps.filter(reached_at__isnull=False)
    every = list(reached.select_related("team__organisation").order_by("reached_at", "position"))
    if knows_chain(notification, principal):
        return every
    houses = {m.organisation_id for m in principal.memberships}
    return [one for one in every if one.team.organisation_id in houses or one.hop == Hop.DESK]


def knows_chain(notification: Notification, principal: Principal) -> bool:
    """Did the person's team send it, or do they work on it at the desk?"""
    if notification.sending.team_id in principal.acting_team_ids:
        return True
    return Notification.objects.queued_for(principal).filter(pk=notification.pk).exists()


def reasons(found: Iterable[Notification]) -> dict[UUID, str]:
    """Return in words why notifications came to the desk."""
    rows = Step.objects.filter(notification__in=list(found), hop=Hop.DESK, reached_at__isnull=False)
    return {row.notification_id: str(WHYS[Why(row.why)]) for row in rows if row.why}
