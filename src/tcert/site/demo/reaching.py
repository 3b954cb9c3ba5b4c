"""How the demonstration's teams are reached: drills of a year, and an address that refuses."""

from datetime import timedelta

from tcert.community.directory.models import Channel
from tcert.community.reachability import results
from tcert.community.reachability.domain import deliveries, pauses
from tcert.community.reachability.enums import Answered, DrillKind, Outcome, Reason
from tcert.community.reachability.models import Drill
from tcert.foundation.kernel import clock
from tcert.site.demo.community import Side

FORGETFUL = "isle-telecom"
"""The team whose mail is refused, and that nobody reached at night."""
ANSWERED: tuple[tuple[int, str, int | None, Answered], ...] = (
    (260, "corevale", 9, Answered.LINK),
    (70, "corevale", 14, Answered.SIGNED),
    (250, "north-mobile", 47, Answered.LINK),
    (95, "north-mobile", 6, Answered.LINK),
    (120, "sunda", 190, Answered.SIGNED_IN),
    (230, FORGETFUL, None, Answered.LINK),
    (40, FORGETFUL, None, Answered.LINK),
)
"""Days ago, team, minutes until the answer, by what."""
_MINUTES = 30
_NIGHT = timedelta(hours=5, minutes=23)


def drill_all(sides: dict[str, Side]) -> None:
    """Let these drills have been, one address refuse mail, and a team have asked for a pause."""
    for days, slug, minutes, how in ANSWERED:
        started = clock.now() - timedelta(days=days) - _NIGHT
        answered = None if minutes is None else started + timedelta(minutes=minutes)
        Drill.objects.create(
            team=sides[slug].team,
            kind=DrillKind.SCHEDULED,
            code="DEMONSTRATION",
            minutes=_MINUTES,
            started_at=started,
            answered_at=answered,
            answered=how if answered else "",
            closed_at=answered or results.ends(started),
            result=results.result(
                started, answered, timedelta(minutes=_MINUTES), clock.now(), sent=True
            ),
        )
    _fare(sides)
    first = clock.today() + timedelta(days=9)
    pauses.ask(
        principal=sides["north-mobile"].principal(),
        team=sides["north-mobile"].team,
        first=first,
        last=first + timedelta(days=2),
    )


def _fare(sides: dict[str, Side]) -> None:
    """Let mail to all be taken, but to one have come back six days ago."""
    for slug, side in sides.items():
        for address in Channel.objects.filter(team=side.team, kind="email"):
            row = deliveries.of_address(address.value)
            if row is None:
                continue
            with clock.frozen(clock.now() - timedelta(days=6)):
                if slug == FORGETFUL:
                    deliveries.note(row.id, Outcome.RETURNED, Reason.FULL)
                else:
                    deliveries.note(row.id, Outcome.ACCEPTED)
