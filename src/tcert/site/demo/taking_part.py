"""How the demonstration's parties take part: in standing, warned, lapsed, in grace, excused."""

from datetime import timedelta
from uuid import uuid4

from tcert.community.participation.domain import absences, offices, transitions
from tcert.community.participation.models import Absence, Contribution, Start
from tcert.foundation.kernel import clock
from tcert.site.demo.community import Side

YEARS = 2 * 365
DONE: tuple[tuple[str, str, int], ...] = (
    ("corevale", "mentored", 250),
    ("corevale", "case-acknowledged", 120),
    ("corevale", "advisory-co-authored", 60),
    ("north-mobile", "case-acknowledged", 330),
    ("north-mobile", "mentored", 325),
    ("sunda", "case-acknowledged", 200),
    ("sunda", "drill-answered", 90),
    ("isle-telecom", "mentored", 500),
)
"""Who did what how many days ago. A hub would have written it from the acts of those days."""


def take_part(sides: dict[str, Side]) -> None:
    """Let some have joined long ago and done this; one asks to be excused, one is, one is chair."""
    today = clock.today()
    for slug in dict.fromkeys(slug for slug, _kind, _days in DONE):
        owner = sides[slug].organisation
        Start.objects.create(organisation=owner, on=today - timedelta(days=YEARS))
    Contribution.objects.bulk_create(
        Contribution(
            organisation=sides[slug].organisation,
            team=sides[slug].team,
            kind=kind,
            object_id=uuid4(),
            on=today - timedelta(days=days),
        )
        for slug, kind, days in DONE
    )
    desk = sides["tcert"].principal()
    _ask(sides["meridian"], 20, 45, "Our team moves to another building.")
    granted = _ask(sides["sunda"], -5, 80, "Two of three places are empty until spring.")
    absences.decide(
        principal=desk, absence=granted, confirmed=True, answer="Granted.", shown=granted.shown
    )
    chair = sides["corevale"]
    offices.enter(
        principal=desk,
        organisation=chair.organisation,
        person_id=chair.players[0].person.id,
        body="Plenary",
        title="Vice chair",
        first=today - timedelta(days=90),
        last=today + timedelta(days=275),
    )
    transitions.look_at_all()


def _ask(side: Side, start: int, length: int, reason: str) -> Absence:
    first = clock.today() + timedelta(days=start)
    return absences.ask(
        principal=side.principal(),
        organisation=side.organisation,
        first=first,
        last=first + timedelta(days=length - 1),
        reason=reason,
    )
