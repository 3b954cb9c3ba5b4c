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
        return any(way.is_met for way in self.ways(day))

    def ways(self, day: date) -> tuple[Progress, ...]:
        """Return how far the member is in each way on a day; nothing without a rule."""
        rule = in_force(self.rules, day)
        if rule is None:
            return ()
        expected = [
            one
            for one in self.meetings
            if one.on <= day and self.calendar.absence_on(one.on) is None
        ][-rule.meetings_of :]
        attended = sum(one.object_id in self.attended for one in expected)
        held = any(term.covers(day) for term in self.terms)
        return (
            Progress(Way.MEETINGS, attended, rule.meetings_needed, rule.meetings_of),
            Progress(Way.CONTRIBUTIONS, self._points(rule, day), rule.contributions_needed),
            Progress(Way.OFFICE, int(held), 1),
        )

    def _points(self, rule: RuleSet, day: date) -> int:
        acts: dict[str, int] = {}
        for one in self.known:
            if one.kind != ATTENDED and self._is_in_window(one, rule, day):
                acts[one.kind] = acts.get(one.kind, 0) + 1
        return sum(self._weight(rule, kind).points(number) for kind, number in acts.items())

    def _weight(self, rule: RuleSet, kind: str) -> Weight:
        return rule.weights.get(kind) or self.weights.get(kind) or Weight()

    def _is_in_window(self, one: Contribution, rule: RuleSet, day: date) -> bool:
        return one.on <= day and self.calendar.elapsed(one.on, day) < rule.window

    def _grace_until(self, rule: RuleSet | None) -> date | None:
        if rule is None:
            return None
        ends = self.calendar.after(self.joined_on, rule.grace)
        return ends - DAY if self.at < ends else None

    def _counted(self, rule: RuleSet | None) -> tuple[Counted, ...]:
        if rule is None:
            return ()
        held = [one for one in self.meetings if one.on <= self.at][-rule.meetings_of :]
        shown = {one.object_id for one in held}
        return tuple(
            Counted(one, self.calendar.after(one.on, rule.window) - DAY)
            for one in reversed(self.known)
            if (
                one.object_id in shown
                if one.kind == ATTENDED
                else self._is_in_window(one, rule, self.at)
            )
        )

    @cached_property
    def _turns(self) -> list[date]:
        """Return the days on which anything may change: between two of them nothing does."""
        days = {one.effective for one in self.rules}
        for rule in self.rules:
            days.add(self.calendar.after(self.joined_on, rule.grace))
            days.update(self.calendar.after(one.on, rule.window) for one in self.known)
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
