"""The scorecard: how often the desired orderings of events held, against chance."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from tcert.response.cases.enums import CaseEvent
from tcert.response.cases.protocol.case_state import CaseState, next_events

V, F, D, P, X, A = CaseEvent
ORDERINGS: tuple[tuple[CaseEvent, CaseEvent], ...] = (
    (V, P), (V, X), (V, A), (F, P), (F, X), (F, A),
    (D, P), (D, X), (D, A), (P, X), (P, A), (X, A),
)  # fmt: skip
AGGREGATE_FROM = 5


@cache
def baseline(first: CaseEvent, second: CaseEvent) -> float:
    """Chance that `first` comes before `second` when each legal next step is equally likely."""

    def chance(state: CaseState) -> float:
        if state.has(first):
            return 1.0
        if state.has(second):
            return 0.0
        events = next_events(state)
        return sum(chance(state.after(event)) for event in events) / len(events)

    return chance(CaseState())


def skill(observed: float, chance: float) -> float:
    """Return (observed - baseline) / (1 - baseline): 1 is always, 0 luck, less is worse."""
    return (observed - chance) / (1 - chance)


def is_before(
    times: Mapping[CaseEvent, datetime], first: CaseEvent, second: CaseEvent
) -> bool | None:
    """Whether `first` came before `second`; None while neither has happened (an open item)."""
    if first in times and second in times:
        return times[first] < times[second]
    if first in times:
        return True
    return False if second in times else None


@dataclass(frozen=True)
class Score:
    """One desired ordering over a set of cases."""

    first: CaseEvent
    second: CaseEvent
    baseline: float
    held: int
    counted: int
    open: int

    @property
    def observed(self) -> float | None:
        """Share of the decided cases where the ordering held."""
        return self.held / self.counted if self.counted else None

    @property
    def skill(self) -> float | None:
        """Skill over chance, None while nothing is decided."""
        return None if self.observed is None else skill(self.observed, self.baseline)


def scorecard(cases: Collection[Mapping[CaseEvent, datetime]]) -> tuple[Score, ...]:
    """Score the twelve orderings over `cases`, each a map from event to time."""
    scores = []
    for first, second in ORDERINGS:
        outcomes = [is_before(times, first, second) for times in cases]
        scores.append(
            Score(
                first=first,
                second=second,
                baseline=baseline(first, second),
                held=outcomes.count(True),
                counted=len(outcomes) - outcomes.count(None),
                open=outcomes.count(None),
            )
        )
    return tuple(scores)


def may_publish_aggregate(parties: int) -> bool:
    """Public aggregates start at five parties, so that none can be read off."""
    return parties >= AGGREGATE_FROM
