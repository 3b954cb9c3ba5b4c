"""An incident in the demonstration: subscribers are located at night, two operators work on it."""

from datetime import timedelta
from uuid import uuid4

from tcert.community.talks.domain import writing
from tcert.foundation.identifiers.kinds import Kind as IdentifierKind
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.foundation.sealed.inner import Kind
from tcert.response.incidents import queries
from tcert.response.incidents.domain import changing, ending, parties, reporting, working
from tcert.response.incidents.domain.reporting import Facts, Named
from tcert.response.incidents.enums import Answer, Reason, Severity, Side, State, Work
from tcert.response.incidents.models import Incident
from tcert.site.demo.community import Side as Party
from tcert.site.demo.conversation import written

SUBJECT = "Somebody asks where our subscribers are"
LINES = (
    ("north-mobile", 9, "Since two in the night **PSI** requests come for 40 of our subscribers."),
    ("sunda", 6, "We see the same Global Title. Nothing of it is leased by us. We block it now."),
    ("north-mobile", 4, "Quiet since four. Please keep the traces of the first hour."),
)
"""Who says, how many hours ago, what."""


def work_on_one(sides: dict[str, Party]) -> None:
    """Let an operator report, another one and the desk read, and the work be half done."""
    now = clock.now()
    north, sunda, isle = sides["north-mobile"], sides["sunda"], sides["isle-telecom"]
    with clock.frozen(now - timedelta(hours=10)):
        incident = reporting.report(
            principal=north.principal(),
            key=uuid4(),
            team=north.team,
            side=Side.AFFECTED,
            facts=Facts(
                kind="incident-kind:location-tracking",
                severity=Severity.HIGH,
                tlp=Tlp.AMBER,
                began_at=now - timedelta(hours=12),
                noticed_at=now - timedelta(hours=11),
            ),
            named=[
                Named(sunda.team, Side.AFFECTED, is_told=True),
                Named(isle.team, Side.SUSPECTED, is_told=False),
            ],
            to_desk=True,
        )
        _say(north, incident, SUBJECT, Kind.TITLE)
    for slug, hours, text in LINES:
        with clock.frozen(now - timedelta(hours=hours)):
            _say(sides[slug], incident, text)
    _work(incident, north, sunda)


def _work(incident: Incident, north: Party, sunda: Party) -> None:
    now = clock.now()
    with clock.frozen(now - timedelta(hours=8)):
        row = incident.parties.get(team=sunda.team)
        parties.answer(principal=sunda.principal(), party=row, said=Answer.ACKNOWLEDGED)
        for kind, text in (
            (IdentifierKind.GLOBAL_TITLE, "882399900042"),
            (IdentifierKind.DIAMETER_REALM, "roam.unknown.example"),
            (IdentifierKind.IMSI, "244911234567890"),
        ):
            working.add_indicator(
                principal=north.principal(),
                incident=incident,
                kind=kind,
                text=text,
                tlp=Tlp.AMBER,
                expires_on=clock.today() + timedelta(days=90),
            )
        blocked = working.give(
            principal=north.principal(),
            incident=incident,
            work=Work.BLOCK,
            team=sunda.team,
            due_at=now - timedelta(hours=3),
        )
        working.give(
            principal=north.principal(),
            incident=incident,
            work=Work.LOGS,
            team=north.team,
            due_at=now + timedelta(hours=20),
        )
        changing.change(
            principal=north.principal(),
            incident=incident,
            revision=1,
            state=State.CONFIRMED,
            severity=Severity.HIGH,
            tlp=Tlp.AMBER,
            reason=Reason.SEEN_TWICE,
        )
    with clock.frozen(now - timedelta(hours=5)):
        working.settle(principal=sunda.principal(), task=blocked, done=True)
        for side, events in ((north, 412), (sunda, 97)):
            working.count(
                principal=side.principal(),
                incident=incident,
                events=events,
                first_at=clock.now(),
                last_at=clock.now(),
            )
        until = clock.today() + timedelta(days=120)
        ending.hold(principal=north.principal(), incident=incident, until=until)


def _say(side: Party, incident: Incident, text: str, kind: Kind = Kind.MESSAGE) -> None:
    talk = queries.talk_of(incident)
    if talk is not None:
        writing.post(
            principal=side.principal(),
            talk=talk,
            set_version=talk.thread.current_set.version,
            sealed=written(side, talk.thread, Tlp.AMBER, text, kind),
            kind=kind,
        )
