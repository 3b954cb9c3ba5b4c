"""Standing: one pure function of what a member did, of excused absences and of versioned rules.

No Django, no clock: the day is handed in. Whatever lies after that day counts nothing, so a clock
that runs ahead gives nobody standing early. Spans are counted in days on which the member was
expected (`leave.Calendar`): an excused absence makes none of them pass.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from tcert.community.participation.enums import Shown, State, Way
from tcert.community.participation.leave import DAY, Absence, Calendar
from tcert.community.participation.rule_sets import RuleSet, Weight, in_force

ATTENDED = "meeting-attended"
"""The one kind that counts by meetings: registered and checked in; its object is the meeting."""


@dataclass(frozen=True, order=True, slots=True)
class Contribution:
    """One act of a member: of what kind, on which thing, on which day."""

    kind: str
    object_id: UUID
    on: date


@dataclass(frozen=True, order=True, slots=True)
class Term:
    """An office held, both days counted in; without a last day it goes on."""

    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Tell whether it is held on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, order=True, slots=True)
class Meeting:
    """An ordinary meeting, held or planned, by its first day."""

    on: date
    object_id: UUID


@dataclass(frozen=True, slots=True)
class Counted:
    """A contribution that lies in the window, with the last day on which it does."""

    contribution: Contribution
    until: date


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a member is in one of the ways; one way that is met is enough."""

    way: Way
    have: int
    need: int
    of: int = 0
    """Of how many meetings, where that is the question."""

    @property
    def is_met(self) -> bool:
        """Tell whether this alone keeps standing."""
        return self.have >= self.need

    @property
    def missing(self) -> int:
        """Return how many more it takes."""
        return max(0, self.need - self.have)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands on a day."""

    state: State
    at: date
    until: date | None
    """The last day on which it holds if nothing more is done; None while no end is in sight."""
    since: date | None
    """Since when it has lapsed; None while it holds, or where no day can be told."""
    grace_until: date | None
    """The last day of grace, while it runs."""
    excused_until: date | None
    """The last day of the absence, while it runs."""
    ways: tuple[Progress, ...]
    counted: tuple[Counted, ...]
    rule: RuleSet | None

    @property
    def holds(self) -> bool:
        """Tell whether the member has the rights of standing."""
        return self.state is not State.LAPSED

    @property
    def is_met(self) -> bool:
        """Tell whether one of the ways is met, so that it needs no grace."""
        return any(way.is_met for way in self.ways)

    @property
    def shown(self) -> Shown:
        """Return what all members read: warnings and absences are for the member's own people."""
        if not self.holds:
            return Shown.LAPSED
        return Shown.GRACE if self.grace_until and not self.is_met else Shown.GOOD


def standing(
    contributions: Iterable[Contribution],
    absences: Iterable[Absence],
    joined_on: date,
    rules: Sequence[RuleSet],
    at: date,
    *,
    terms: Collection[Term] = (),
    meetings: Collection[Meeting] = (),
    weights: Mapping[str, Weight] | None = None,
) -> Standing:
    """Return how a member stands at the end of a day.

    Args:
        contributions: What it did; the order means nothing, the same act twice counts once.
        absences: Its confirmed absences.
        joined_on: From which day its grace runs.
        rules: All versions; on each day the one holds whose day has come.
        at: The day.
        terms: Offices held by it.
        meetings: Ordinary meetings; planned ones only say what will be missed.
        weights: What kinds count where a version of the rules says nothing of them.

    """
    member = _Member(contributions, absences, joined_on, rules, at, terms, meetings, weights or {})
    return member.standing()


def shown(
    contributions: Iterable[Contribution],
    absences: Iterable[Absence],
    joined_on: date,
    rules: Sequence[RuleSet],
    at: date,
    *,
    terms: Collection[Term] = (),
    meetings: Collection[Meeting] = (),
    weights: Mapping[str, Weight] | None = None,
) -> Shown:
    """Return `standing(…).shown` alone, without looking ahead: long lists ask no more."""
    member = _Member(contributions, absences, joined_on, rules, at, terms, meetings, weights or {})
    return member.shown()


class _Member:
    """What is known of one member on one day, asked about that day and those that follow."""

    def __init__(
        self,
        contributions: Iterable[Contribution],
        absences: Iterable[Absence],
        joined_on: date,
        rules: Sequence[RuleSet],
        at: date,
        terms: Collection[Term],
        meetings: Collection[Meeting],
        weights: Mapping[str, Weight],
    ) -> None:
        self.at, self.joined_on, self.rules, self.weights = at, joined_on, rules, weights
        self.calendar = Calendar(absences)
        self.terms = terms
        self.meetings = sorted(one for one in meetings if one.on >= joined_on)
        # Of the same act on two days the later one: then one more entry never takes anything.
        latest: dict[tuple[str, UUID], Contribution] = {}
        for one in sorted((c for c in contributions if c.on <= at), key=lambda c: c.on):
            latest[one.kind, one.object_id] = one
        self.known = sorted(latest.values(), key=lambda c: (c.on, c.kind, c.object_id))
        self._leaves: dict[int, list[tuple[Contribution, date]]] = {}
        self.attended = {one.object_id for one in self.known if one.kind == ATTENDED}

    def standing(self) -> Standing:
        """Answer the question of `standing`."""
        at, rule = self.at, in_force(self.rules, self.at)
        holds = self.holds(at)
        lost = self._first_without() if holds else None
        absence, ways = self.calendar.absence_on(at), self.ways(at)
        grace = self._grace_until(rule)
        return Standing(
            state=self._state(rule, lost, holds=holds, is_excused=absence is not None),
            at=at,
            until=lost - DAY if lost else None,
            since=None if holds else self._since(),
            grace_until=grace,
            excused_until=absence.last if absence else None,
            ways=ways,
            counted=self._counted(rule),
            rule=rule,
        )

    def _state(
        self, rule: RuleSet | None, lost: date | None, *, holds: bool, is_excused: bool
    ) -> State:
        if not holds:
            return State.LAPSED
        if rule and lost and (lost - self.at).days <= rule.warning:
            return State.WARNED
        if is_excused:
            return State.EXCUSED
        in_grace = self._grace_until(rule) is not None
        return State.GRACE if in_grace and not self._is_met(self.at) else State.GOOD

    def shown(self) -> Shown:
        """Answer the question of `shown`."""
        if not self.holds(self.at):
            return Shown.LAPSED
        in_grace = self._grace_until(in_force(self.rules, self.at)) is not None
        return Shown.GRACE if in_grace and not self._is_met(self.at) else Shown.GOOD

    def holds(self, day: date) -> bool:
        """Tell whether standing holds on a day, by what is known now."""
        if self._holds_by_itself(day):
            return True
        absence = self.calendar.absence_on(day)
        # Who is excused loses nothing meanwhile, and wins nothing either.
        return absence is not None and self._holds_by_itself(absence.first - DAY)

    def _holds_by_itself(self, day: date) -> bool:
        rule = in_force(self.rules, day)
        if rule is None:
            return True
        in_grace = self.calendar.elapsed(self.joined_on, day) < rule.grace
        return in_grace or self._is_met(day)

    def _is_met(self, day: date) -> bool:
        rule = in_force(self.rules, day)
        return rule is not None and (
            self._points(rule, day) >= rule.contributions_needed
            or self._is_in_office(day)
            or self._attended(rule, day) >= rule.meetings_needed
        )

    def ways(self, day: date) -> tuple[Progress, ...]:
        """Return how far the member is in each way on a day; nothing without a rule."""
        rule = in_force(self.rules, day)
        if rule is None:
            return ()
        return (
            Progress(
                Way.MEETINGS, self._attended(rule, day), rule.meetings_needed, rule.meetings_of
            ),
            Progress(Way.CONTRIBUTIONS, self._points(rule, day), rule.contributions_needed),
            Progress(Way.OFFICE, int(self._is_in_office(day)), 1),
        )

    def _is_in_office(self, day: date) -> bool:
        return any(term.covers(day) for term in self.terms)

    def _attended(self, rule: RuleSet, day: date) -> int:
        """Count the attended ones of the last ordinary meetings that were not excused."""
        held = [
            one
            for one in self.meetings
            if one.on <= day and self.calendar.absence_on(one.on) is None
        ]
        return sum(one.object_id in self.attended for one in held[-rule.meetings_of :])

    def _points(self, rule: RuleSet, day: date) -> int:
        acts: dict[str, int] = {}
        for one, leaves in self._leaving(rule.window):
            if one.on <= day < leaves and one.kind != ATTENDED:
                acts[one.kind] = acts.get(one.kind, 0) + 1
        return sum(self._weight(rule, kind).points(number) for kind, number in acts.items())

    def _weight(self, rule: RuleSet, kind: str) -> Weight:
        return rule.weights.get(kind) or self.weights.get(kind) or Weight()

    def _leaving(self, window: int) -> list[tuple[Contribution, date]]:
        """Return what is known with the first day on which each lies in the window no more."""
        if window not in self._leaves:
            self._leaves[window] = [
                (one, self.calendar.after(one.on, window)) for one in self.known
            ]
        return self._leaves[window]

    def _grace_until(self, rule: RuleSet | None) -> date | None:
        if rule is None:
            return None
        ends = self.calendar.after(self.joined_on, rule.grace)
        return ends - DAY if self.at < ends else None

    def _counted(self, rule: RuleSet | None) -> tuple[Counted, ...]:
        if rule is None:
            return ()
        held = [one for one in self.meetings if one.on <= self.at][-rule.meetings_of :]
        lately = {one.object_id for one in held}
        return tuple(
            Counted(one, leaves - DAY)
            for one, leaves in reversed(self._leaving(rule.window))
            if (one.object_id in lately if one.kind == ATTENDED else self.at < leaves)
        )

    @cached_property
    def _turns(self) -> list[date]:
        """Return the days on which anything may change: between two of them nothing does."""
        days = {one.effective for one in self.rules}
        for rule in self.rules:
            days.add(self.calendar.after(self.joined_on, rule.grace))
            days.update(leaves for _one, leaves in self._leaving(rule.window))
        days.update(one.on for one in self.known)
        days.update(one.on for one in self.meetings)
        for term in self.terms:
            days.update({term.first, term.last + DAY} if term.last else {term.first})
        for absence in self.calendar.absences:
            days.update({absence.first, absence.last + DAY})
        return sorted(days)

    def _first_without(self) -> date | None:
        later = (day for day in self._turns if day > self.at)
        return next((day for day in later if not self.holds(day)), None)

    def _since(self) -> date | None:
        earlier = [day for day in self._turns if day <= self.at]
        found = None
        for day in reversed(earlier):
            if self.holds(day):
                break
            found = day
        return found
