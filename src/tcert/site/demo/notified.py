"""Notifications of the demonstration: answered, waiting, found nobody, by mail, not theirs."""

from datetime import timedelta
from uuid import uuid4

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.notifications import offering, planning
from tcert.response.notifications.delivery import Rule
from tcert.response.notifications.domain import answering, delivering, sending
from tcert.response.notifications.enums import Act, Feed, Pace, Severity, Topic, Way
from tcert.response.notifications.models import Denial, Notification, Step
from tcert.response.notifications.planning import Facts
from tcert.response.routing import resolving
from tcert.site.demo.community import Side

SENDINGS = (
    (30, Topic.COMPROMISED, Severity.MEDIUM, ("001-01", "999-98"), "Our honeypot was asked."),
    (2, Topic.SUSPICIOUS, Severity.HIGH, ("001-01",), "Requests for location, every minute."),
)
"""Hours ago, class, severity, lines, words."""


def notify_all(sides: dict[str, Side]) -> None:
    """Let one operator notify another one twice; the first is handled."""
    sunda, north = sides["sunda"], sides["north-mobile"]
    delivering.add(
        principal=north.principal(),
        organisation=north.organisation,
        rule=Rule(topic=Topic.OTHER, pace=Pace.DAILY, repeat=timedelta(days=14)),
    )
    delivering.add(
        principal=north.principal(),
        organisation=north.organisation,
        rule=Rule(topic=Topic.SUSPICIOUS, way=Way.MAIL),
    )
    for hours, topic, severity, lines, words in SENDINGS:
        with clock.frozen(clock.now() - timedelta(hours=hours)):
            facts = Facts(topic, severity, Tlp.AMBER, Feed.HONEYPOT, clock.now(), words)
            _send(sunda, lines, facts)
    first = Notification.objects.filter(organisation=north.organisation).last()
    if first is not None:
        with clock.frozen(clock.now() - timedelta(hours=26)):
            step = Step.objects.get(notification=first, team=north.team)
            for act in (Act.ACKNOWLEDGE, Act.HANDLED):
                answering.answer(principal=north.principal(), step=step, act=act)
    Denial.objects.create(
        organisation=north.organisation, team=north.team, notification=first, matched="001-97"
    )


def _send(sender: Side, lines: tuple[str, ...], facts: Facts) -> None:
    principal = sender.principal()
    found = resolving.answers(lines, at=facts.observed_at, principal=principal)
    offers = offering.offers(found, lines, principal.organisation_ids)
    sending.send(
        principal=principal,
        key=uuid4(),
        team=sender.team,
        facts=facts,
        plan=planning.plan(
            sender=sender.team.id,
            found=found,
            offered=offers.parties,
            unplaced=offers.unplaced,
            facts=facts,
        ),
        texts=lines,
    )
