"""Which rule decides, what counts as told already, when a timer climbs, and where to. Pure.

The defaults are those of design/routing.md, under Escalation.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from uuid import UUID

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.notifications.enums import Feed, Hop, Mailed, Pace, Severity, Topic, Way, Why

REPEAT = {Topic.COMPROMISED: timedelta(days=7), Topic.VULNERABLE: timedelta(days=30)}
REPEAT_OTHERWISE = timedelta(days=1)
"""How long the same thing is not told again."""
LONGEST_REPEAT = timedelta(days=365)
TIMERS = {
    Severity.CRITICAL: timedelta(hours=4),
    Severity.HIGH: timedelta(hours=4),
    Severity.MEDIUM: timedelta(days=1),
    Severity.LOW: timedelta(days=3),
}
CEILINGS = {
    Hop.TEAM: Tlp.RED,
    Hop.CHOSEN: Tlp.RED,
    Hop.ORGANISATION: Tlp.AMBER_STRICT,
    Hop.CANDIDATE: Tlp.AMBER,
    Hop.GROUP: Tlp.AMBER,
    Hop.DESK: Tlp.AMBER,
}
"""The narrowest marking with which lines may come to a hop; the desk gets the facts anyhow."""

_OWN = (Hop.TEAM, Hop.ORGANISATION, Hop.GROUP)
_CLIMBS: dict[Hop, tuple[Hop, ...]] = {
    Hop.TEAM: (Hop.ORGANISATION, Hop.GROUP),
    Hop.ORGANISATION: (Hop.GROUP,),
}
"""Where silence leads before the desk: inside the organisation and its group, never out."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What an organisation says of some notifications. An empty part stands for all.

    `prefix` is the beginning of what is written; with a slash a network that contains it; with a
    dot in front the end of a name, in whole labels. `repeat` None leaves the default.
    """

    topic: str = ""
    feed: str = ""
    kind: str = ""
    prefix: str = ""
    team: UUID | None = None
    pace: Pace = Pace.AT_ONCE
    repeat: timedelta | None = None
    way: Way = Way.PORTAL

    @property
    def weight(self) -> tuple[int, bool, bool, bool]:
        """Order rules: the longer prefix, then the kind, the feed, the class."""
        return len(self.prefix), bool(self.kind), bool(self.feed), bool(self.topic)

    def fits(self, *, topic: Topic, feed: Feed, kind: str, written: str) -> bool:
        """Does it speak of this line?"""
        return (
            self.topic in {"", topic}
            and self.feed in {"", feed}
            and self.kind in {"", kind}
            and begins(self.prefix, written)
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a line: to which team (None: the fitting one), when, how soon again."""

    team: UUID | None
    pace: Pace
    repeat: timedelta
    by_rule: bool
    way: Way = Way.PORTAL


def begins(prefix: str, written: str) -> bool:
    """Tell whether what is written lies under a prefix of a rule."""
    if not prefix:
        return True
    given, text = prefix.lower(), written.lower().rstrip(".")
    if "/" in given:
        return _is_inside(text, given)
    if given.startswith("."):
        return f".{text}".endswith(given)
    return text.startswith(given)


def _is_inside(text: str, network: str) -> bool:
    with suppress(ValueError):
        inner, outer = ip_network(text, strict=False), ip_network(network, strict=False)
        if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
            return inner.subnet_of(outer)
        if isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network):
            return inner.subnet_of(outer)
    return False


def decide(
    rules: Iterable[Rule],
    *,
    topic: Topic,
    feed: Feed,
    severity: Severity,
    kind: str,
    written: str,
) -> Decision:
    """Return what the heaviest fitting rule says, else the default."""
    usual = REPEAT.get(topic, REPEAT_OTHERWISE)
    fitting = [r for r in rules if r.fits(topic=topic, feed=feed, kind=kind, written=written)]
    if fitting:
        first = max(fitting, key=lambda rule: rule.weight)
        repeat = usual if first.repeat is None else first.repeat
        return Decision(first.team, first.pace, repeat, by_rule=True, way=first.way)
    at_once = topic == Topic.COMPROMISED or severity in Severity.urgent()
    return Decision(None, Pace.AT_ONCE if at_once else Pace.DAILY, usual, by_rule=False)


def is_repeat(last: datetime | None, repeat: timedelta, now: datetime) -> bool:
    """Was the same thing told so lately that it is not told again?"""
    return last is not None and now - last < repeat


def due(severity: Severity, told: datetime) -> datetime:
    """Return until when somebody has to acknowledge."""
    return told + TIMERS[severity]


def may_reach(hop: Hop, tlp: Tlp) -> bool:
    """May lines of a marking come to a hop?"""
    return tlp.rank <= CEILINGS[hop].rank


def mailed(way: Way, hop: Hop, tlp: Tlp) -> Mailed:
    """Return whether the lines of a hop that was sealed go by mail as well.

    To the team alone to which the organisation's rule leads, never where silence leads: that one
    has not asked for it. RED is for those who read it, and a mailbox is copied and searched.
    """
    if way != Way.MAIL or hop != Hop.TEAM:
        return Mailed.NOT_WANTED
    return Mailed.RED if tlp == Tlp.RED else Mailed.WAITS


def begin(there: Sequence[Hop]) -> Hop | None:
    """Return the first hop of a chain that can be told; None: nobody, so it is the desk's."""
    return next((hop for hop in _OWN if hop in there), None)


def after(present: Hop, why: Why, there: Iterable[Hop]) -> Hop | None:
    """Return where a notification goes on to, of the hops not reached yet; None: to the desk.

    Silence climbs inside the organisation. What is not theirs goes to the next candidate, whom
    the sender has confirmed; neither goes anywhere else without a person.
    """
    left = set(there)
    if why == Why.SILENT:
        wanted: tuple[Hop, ...] = _CLIMBS.get(present, ())
    else:
        wanted = (Hop.CANDIDATE,) if present in _OWN else ()
    return next((hop for hop in wanted if hop in left), None)
