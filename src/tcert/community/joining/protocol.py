"""The way to the list as data, and its clocks as arithmetic.

Pure: an application is handed in as `Standing`, a moment beside it. States, the objection period of
21 days and the six months after design/community.md, "Joining and trust"; the other times are this
hub's own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tcert.community.joining.enums import Act, Actor, State

OBJECTION_PERIOD = timedelta(days=21)
LAPSE_AFTER = timedelta(days=182)
DRAFT_FOR = timedelta(days=30)
KEEP_FOR = timedelta(days=365)
DESK_WITHIN = timedelta(days=7)
REMIND_EVERY = timedelta(days=7)
LONGEST_DEFERRAL = timedelta(days=182)
SILENT_AFTER = 4 * REMIND_EVERY
"""After three reminders the silence of a team is an answer, and the applicant names another."""
WARN_BEFORE = (timedelta(days=7), timedelta(days=30))
"""How long before it lapses an applicant is told so, the last warning first."""
ENOUGH_HOUSES = 2
FOUNDING_MEMBERS = 10
MOST_ASKED = 6
"""So many teams may one applicant ask to vouch for it."""

_BEFORE_LISTED = (
    State.SUBMITTED,
    State.MORE_INFORMATION,
    State.SPONSORED,
    State.OBJECTIONS,
)

TRANSITIONS: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Act.EXAMINE): State.SUBMITTED,
    (State.SUBMITTED, Act.ASK): State.MORE_INFORMATION,
    (State.MORE_INFORMATION, Act.ANSWER): State.SUBMITTED,
    (State.SUBMITTED, Act.SPONSOR): State.SPONSORED,
    (State.SPONSORED, Act.UNSPONSOR): State.SUBMITTED,
    (State.OBJECTIONS, Act.UNSPONSOR): State.SUBMITTED,
    (State.SPONSORED, Act.OPEN): State.OBJECTIONS,
    (State.SUBMITTED, Act.ADMIT): State.LISTED,
    (State.SPONSORED, Act.ADMIT): State.LISTED,
    (State.OBJECTIONS, Act.LIST): State.LISTED,
    (State.LISTED, Act.COMPLETE): State.MEMBER,
    (State.DEFERRED, Act.RESUME): State.SUBMITTED,
    (State.DEFERRED, Act.DECLINE): State.DECLINED,
    (State.DEFERRED, Act.WITHDRAW): State.WITHDRAWN,
    (State.DRAFT, Act.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Act.LAPSE): State.LAPSED,
    (State.MORE_INFORMATION, Act.LAPSE): State.LAPSED,
    **{(state, Act.DECLINE): State.DECLINED for state in _BEFORE_LISTED},
    **{(state, Act.DEFER): State.DEFERRED for state in _BEFORE_LISTED},
    **{(state, Act.WITHDRAW): State.WITHDRAWN for state in _BEFORE_LISTED},
}
"""Where an act leads from a state; what is missing cannot be done."""

LINE = (
    State.DRAFT,
    State.SUBMITTED,
    State.SPONSORED,
    State.OBJECTIONS,
    State.LISTED,
    State.MEMBER,
)
"""The steps that the applicant is shown, in their order."""


def after(state: State, act: Act) -> State | None:
    """Return where an act leads, or None where it cannot be done."""
    return TRANSITIONS.get((state, act))


def step_of(state: State) -> int:
    """Return the place of a state on the line; a pause or an end stands at the desk's step."""
    return LINE.index(state) if state in LINE else LINE.index(State.SUBMITTED)


def is_founding(members: int) -> bool:
    """Tell whether so few organisations are listed that two coordinators admit."""
    return members < FOUNDING_MEMBERS


@dataclass(frozen=True, slots=True)
class Standing:
    """What the clocks need to know of an application."""

    state: State
    since: datetime
    """When it came into this state."""
    acted: datetime
    """When the applicant last did something about it."""
    is_examined: bool = False
    houses: int = 0
    """How many different houses stand for it that count."""
    unanswered: int = 0
    """How many of the teams that were asked have not answered."""
    objections_until: datetime | None = None
    open_objections: int = 0
    deferred_until: datetime | None = None

    def is_over(self, at: datetime) -> bool:
        """Is the objection period over?"""
        return self.objections_until is not None and self.objections_until <= at


def next_actor(one: Standing, at: datetime) -> Actor:
    """Say who has the next act at a moment."""
    if one.state is State.SUBMITTED:
        if not one.is_examined or one.houses >= ENOUGH_HOUSES:
            return Actor.DESK
        missing = ENOUGH_HOUSES - one.houses
        return Actor.SPONSORS if one.unanswered >= missing else Actor.APPLICANT
    if one.state is State.OBJECTIONS:
        return Actor.DESK if one.is_over(at) or one.open_objections else Actor.MEMBERS
    return {
        State.DRAFT: Actor.APPLICANT,
        State.MORE_INFORMATION: Actor.APPLICANT,
        State.SPONSORED: Actor.DESK,
        State.DEFERRED: Actor.DESK,
        State.LISTED: Actor.APPLICANT,
    }.get(one.state, Actor.NOBODY)


def lapses_at(one: Standing) -> datetime | None:
    """Return when it lapses unless the applicant acts; never while the desk is to act.

    Counted from the applicant's last act or from when it came into the state, whichever is later:
    nobody loses the time in which somebody else had it.
    """
    waits = one.state is State.MORE_INFORMATION or (
        one.state is State.SUBMITTED and one.is_examined and one.houses < ENOUGH_HOUSES
    )
    return max(one.acted, one.since) + LAPSE_AFTER if waits else None


def forgotten_at(one: Standing, ended: datetime | None) -> datetime | None:
    """Return when it is deleted: a draft that nobody touches, and what has long been over."""
    if one.state is State.DRAFT:
        return max(one.acted, one.since) + DRAFT_FOR
    if one.state in State.final() and ended is not None:
        return ended + KEEP_FOR
    return None


def due(one: Standing, at: datetime) -> datetime | None:
    """Return by when who has the next act should have done it; None where no clock runs."""
    if one.state is State.DRAFT:
        return forgotten_at(one, None)
    if one.state is State.OBJECTIONS:
        return one.objections_until
    if one.state is State.DEFERRED:
        return one.deferred_until
    if next_actor(one, at) is Actor.DESK:
        return one.since + DESK_WITHIN
    return lapses_at(one)


def may_be_listed(one: Standing, at: datetime) -> bool:
    """Is the period over, with nothing open against it and two houses still standing for it?"""
    return (
        one.state is State.OBJECTIONS
        and one.is_over(at)
        and not one.open_objections
        and one.houses >= ENOUGH_HOUSES
    )


def weeks_waited(since: datetime, at: datetime) -> int:
    """Return how many whole reminders are due by now: none in the first week."""
    return max(0, (at - since) // REMIND_EVERY)


def warning(one: Standing, at: datetime) -> timedelta | None:
    """Return the warning before its lapse that is due, the nearest one, or None."""
    end = lapses_at(one)
    if end is None or end <= at:
        return None
    return next((before for before in WARN_BEFORE if end - before <= at), None)
