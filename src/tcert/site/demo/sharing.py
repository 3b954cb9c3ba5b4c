"""Sharing groups in the demonstration: an open one that a team asks to join, a confidential one."""

from datetime import timedelta

from tcert.community.groups.domain import entering, founding, leaving
from tcert.community.groups.enums import Admission, Kind
from tcert.community.groups.models import Group
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.site.demo.community import Side


def share_all(sides: dict[str, Side]) -> None:
    """Let operators watch signalling together, in the open, and three teams share in confidence."""
    north, sunda, ncsa = sides["north-mobile"], sides["sunda"], sides["ncsa"]
    watch = _founded(
        north,
        name="Signalling watch",
        kind=Kind.OPEN,
        tlp=Tlp.AMBER,
        admission=Admission.VOUCHES,
        purpose="Operators that see requests from networks that should not ask tell the others.",
        rules="Name the Global Title and the hour, never a subscriber.\n"
        "Answer within two working days whether you see the same.",
    )
    quiet = _founded(
        ncsa,
        name="Harbour circle",
        kind=Kind.CONFIDENTIAL,
        tlp=Tlp.RED,
        admission=Admission.STEWARD,
        purpose="What is seen around an attack that is not public yet.",
        rules="Nothing leaves the people who were on the call.",
    )
    for group, steward, others in ((watch, north, [sunda, ncsa]), (quiet, ncsa, [north])):
        for other in others:
            _joined(group, steward, other)
    with clock.frozen(clock.now() - timedelta(days=6)):
        founding.begin_talk(principal=north.principal(), group=watch)
        seat = watch.seats.get(team=sunda.team)
        leaving.ask_steward(principal=north.principal(), seat=seat)
        leaving.become_steward(principal=sunda.principal(), seat=seat)
    with clock.frozen(clock.now() - timedelta(days=2)):
        asks = entering.ask(
            principal=sides["isle-telecom"].principal(),
            group=watch,
            team=sides["isle-telecom"].team,
            words="We see the same two Global Titles since May, and can bring traces.",
        )
        entering.give_word(principal=sunda.principal(), seat=asks)
        entering.invite(principal=ncsa.principal(), group=quiet, team=sides["corevale"].team)


def _founded(side: Side, **values: str) -> Group:
    with clock.frozen(clock.now() - timedelta(days=40)):
        return founding.found(principal=side.principal(), team=side.team, **values)


def _joined(group: Group, steward: Side, other: Side) -> None:
    with clock.frozen(clock.now() - timedelta(days=30)):
        seat = entering.invite(principal=steward.principal(), group=group, team=other.team)
        entering.accept(principal=other.principal(), seat=seat)
