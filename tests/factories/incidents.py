"""Incidents with the teams in them."""

from datetime import timedelta
from uuid import uuid4

import factory
from tests.factories.directory import TeamFactory
from tests.factories.talks import Side as Team

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.incidents.domain import reporting
from tcert.response.incidents.domain.reporting import Facts, Named
from tcert.response.incidents.enums import Answer, Severity, Side, Standing, Work
from tcert.response.incidents.models import (
    DeletedIncident,
    Hold,
    Incident,
    Indicator,
    Party,
    Tally,
    Task,
)

KIND = "incident-kind:location-tracking"


class IncidentFactory(factory.django.DjangoModelFactory):
    """A reported incident of which its reporter reads and nobody else was told."""

    class Meta:
        model = Incident
        skip_postgeneration_save = True

    number = factory.Sequence(lambda n: f"TCERT-IN-2025-{n:04d}")
    kind = KIND
    severity = Severity.MEDIUM
    tlp = Tlp.AMBER
    began_at = factory.LazyFunction(lambda: clock.now() - timedelta(hours=3))
    noticed_at = factory.LazyFunction(lambda: clock.now() - timedelta(hours=1))
    reporter = factory.SubFactory(TeamFactory)
    coordinator = factory.SelfAttribute("reporter")

    @factory.post_generation
    def leading(self, create: bool, _given: object) -> None:
        """Let its leading teams read."""
        if create:
            for team in {self.reporter, self.coordinator}:
                PartyFactory(incident=self, team=team, answer=Answer.ACKNOWLEDGED)


class PartyFactory(factory.django.DjangoModelFactory):
    """A team that reads."""

    class Meta:
        model = Party

    incident = factory.SubFactory(IncidentFactory)
    team = factory.SubFactory(TeamFactory)
    standing = Standing.READS
    by_team = factory.SelfAttribute("incident.reporter")


class IndicatorFactory(factory.django.DjangoModelFactory):
    """An indicator that its reporter entered."""

    class Meta:
        model = Indicator

    incident = factory.SubFactory(IncidentFactory)
    kind = "realm"
    value = "roam.example"
    masked = factory.SelfAttribute("value")
    tlp = Tlp.AMBER
    by_team = factory.SelfAttribute("incident.reporter")
    expires_on = factory.LazyFunction(lambda: clock.today() + timedelta(days=30))


class TaskFactory(factory.django.DjangoModelFactory):
    """A task of its reporter."""

    class Meta:
        model = Task

    incident = factory.SubFactory(IncidentFactory)
    work = Work.TRACE
    team = factory.SelfAttribute("incident.reporter")
    by_team = factory.SelfAttribute("incident.reporter")
    due_at = factory.LazyFunction(lambda: clock.now() + timedelta(hours=4))


class TallyFactory(factory.django.DjangoModelFactory):
    """What its reporter counted today."""

    class Meta:
        model = Tally

    incident = factory.SubFactory(IncidentFactory)
    team = factory.SelfAttribute("incident.reporter")
    day = factory.LazyFunction(clock.today)
    events = 3
    first_at = factory.LazyFunction(clock.now)
    last_at = factory.SelfAttribute("first_at")


class HoldFactory(factory.django.DjangoModelFactory):
    """That its reporter keeps it for three months."""

    class Meta:
        model = Hold

    incident = factory.SubFactory(IncidentFactory)
    team = factory.SelfAttribute("incident.reporter")
    until = factory.LazyFunction(lambda: clock.today() + timedelta(days=90))


class DeletedIncidentFactory(factory.django.DjangoModelFactory):
    """One that was deleted, whose records are gone too."""

    class Meta:
        model = DeletedIncident


def facts(**changes: object) -> Facts:
    """Return the facts of an incident that is noticed now."""
    now = clock.now()
    first = {
        "kind": KIND,
        "severity": Severity.HIGH,
        "tlp": Tlp.AMBER,
        "began_at": now - timedelta(hours=2),
        "noticed_at": now - timedelta(hours=1),
    }
    return Facts(**{**first, **changes})  # type: ignore[arg-type]


def named(side: Side, *teams: Team, is_told: bool = True) -> list[Named]:
    """Name teams on one side."""
    return [Named(one.team, side, is_told) for one in teams]


def report_of(reporter: Team, *told: Team, to_desk: bool = False, **about: object) -> Incident:
    """Let a team have reported an incident by which others are affected, who were told."""
    others = about.pop("others", [])
    return reporting.report(
        principal=reporter.principal,
        key=about.pop("key", uuid4()),  # type: ignore[arg-type]
        team=reporter.team,
        side=Side.AFFECTED,
        facts=facts(**about),
        named=[*named(Side.AFFECTED, *told), *others],  # type: ignore[misc]
        to_desk=to_desk,
    )


def party_of(incident: Incident, team: Team) -> Party:
    """Return a team's row."""
    return Party.objects.select_related("team__organisation", "incident").get(
        incident=incident, team=team.team
    )
