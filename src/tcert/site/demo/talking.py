"""Talks in the demonstration: one that goes on, and one that a third team is asked to join."""

from datetime import timedelta

from tcert.community.talks import domain
from tcert.community.talks.domain import opening, writing
from tcert.community.talks.models import TLP, Place, Talk
from tcert.foundation.kernel import clock
from tcert.foundation.sealed.inner import Kind
from tcert.site.demo.community import Side
from tcert.site.demo.conversation import written

SUBJECT = "Signalling from an unknown network at night"
LINES = (
    ("north-mobile", 9, "For three nights we have seen **SRI-SM** requests that no partner sends."),
    ("sunda", 8, "We see them too, from the same two Global Titles. Do you keep traces?"),
    ("north-mobile", 2, "Yes, since Monday. Shall we ask the national team in?"),
)
"""Who says, how many hours ago, what."""


def talk_all(sides: dict[str, Side]) -> None:
    """Let two operators talk, and ask the national team, which has not answered yet."""
    now = clock.now()
    opener, other, third = sides["north-mobile"], sides["sunda"], sides["ncsa"]
    with clock.frozen(now - timedelta(hours=10)):
        talk = domain.open(
            principal=opener.principal(), from_team=opener.team, to_teams=[other.team]
        )
        _say(opener, talk, SUBJECT, Kind.TITLE)
    for slug, hours, text in LINES:
        with clock.frozen(now - timedelta(hours=hours)):
            _say(sides[slug], talk, text)
    with clock.frozen(now - timedelta(hours=1)):
        opening.ask(
            principal=opener.principal(),
            talk=talk,
            by=Place.objects.get(talk=talk, team=opener.team),
            team=third.team,
        )


def _say(side: Side, talk: Talk, text: str, kind: Kind = Kind.MESSAGE) -> None:
    writing.post(
        principal=side.principal(),
        talk=talk,
        set_version=talk.thread.current_set.version,
        sealed=written(side, talk.thread, TLP, text, kind),
        kind=kind,
    )
