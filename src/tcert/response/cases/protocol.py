"""The disclosure protocol as pure arithmetic: tables, cross rules, embargo dates, scorecard.

The machines are those of the Vultron model (CERT/CC, MIT licence), whose tables this module
carries as data. Nothing here touches Django, a clock or a database: callers pass what they know
and get the next state, or an `IllegalMove` that says in words which rule forbids the move.

Words in an `IllegalMove` are English templates; the domain translates `rule` and fills `values`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType

from tcert.response.cases.enums import (
    EMBARGO_HOLDS,
    PATH_EVENTS,
    Answer,
    CaseEvent,
    Consent,
    ConsentAct,
    EmbargoAct,
    EmbargoState,
    Management,
    ManagementAct,
    Role,
)


def gettext_noop(text: str) -> str:
    """Mark a rule's words for the translators without importing Django."""
    return text


class IllegalMove(ValueError):
    """A move that the protocol forbids; `str()` is the rule in English."""

    def __init__(self, rule: str, **values: str) -> None:
        super().__init__(rule % values if values else rule)
        self.rule = rule
        self.values = values


# Report management ---------------------------------------------------------------------------

MANAGEMENT_MOVES: tuple[tuple[ManagementAct, Management, Management], ...] = (
    (ManagementAct.RECEIVE, Management.START, Management.RECEIVED),
    (ManagementAct.VALIDATE, Management.RECEIVED, Management.VALID),
    (ManagementAct.INVALIDATE, Management.RECEIVED, Management.INVALID),
    (ManagementAct.VALIDATE, Management.INVALID, Management.VALID),
    (ManagementAct.ACCEPT, Management.VALID, Management.ACCEPTED),
    (ManagementAct.ACCEPT, Management.DEFERRED, Management.ACCEPTED),
    (ManagementAct.DEFER, Management.VALID, Management.DEFERRED),
    (ManagementAct.DEFER, Management.ACCEPTED, Management.DEFERRED),
    (ManagementAct.CLOSE, Management.INVALID, Management.CLOSED),
    (ManagementAct.CLOSE, Management.DEFERRED, Management.CLOSED),
    (ManagementAct.CLOSE, Management.ACCEPTED, Management.CLOSED),
)
_MANAGEMENT: Mapping[tuple[Management, ManagementAct], Management] = MappingProxyType(
    {(before, act): after for act, before, after in MANAGEMENT_MOVES}
)
_MANAGEMENT_RULES: Mapping[ManagementAct, str] = MappingProxyType(
    {
        ManagementAct.RECEIVE: gettext_noop(
            "A report is received once, at the start; this one is already %(state)s."
        ),
        ManagementAct.VALIDATE: gettext_noop(
            "Only a received or an invalid report can be found valid; this one is %(state)s."
        ),
        ManagementAct.INVALIDATE: gettext_noop(
            "Only a report that is received and not yet judged can be found invalid; "
            "this one is %(state)s."
        ),
        ManagementAct.ACCEPT: gettext_noop(
            "Only a valid or a deferred report can be accepted; this one is %(state)s."
        ),
        ManagementAct.DEFER: gettext_noop(
            "Only a valid or an accepted report can be deferred; this one is %(state)s."
        ),
        ManagementAct.CLOSE: gettext_noop(
            "Only an invalid, a deferred or an accepted report can be closed; "
            "this one is %(state)s."
        ),
    }
)
RULE_DUPLICATE = gettext_noop(
    "A duplicate is a valid report that is deferred: find it valid, then defer it. "
    "It is never invalid."
)
RULE_BRING_IN = gettext_noop(
    "Only a participant that has accepted the report may bring others in; you are at %(state)s."
)


def starting_state(roles: Collection[Role]) -> Management:
    """Start a finder at Accepted, everyone else at Start."""
    return Management.ACCEPTED if Role.FINDER in roles else Management.START


def manage(state: Management, act: ManagementAct, *, duplicate: bool = False) -> Management:
    """Return the next state of report management; raises `IllegalMove`."""
    if duplicate and act is ManagementAct.INVALIDATE:
        raise IllegalMove(RULE_DUPLICATE)
    try:
        return _MANAGEMENT[(state, act)]
    except KeyError:
        raise IllegalMove(_MANAGEMENT_RULES[act], state=state.value) from None


def management_acts(state: Management) -> tuple[ManagementAct, ...]:
    """Return the acts that are legal at `state`, in the order of the table."""
    return tuple(act for act, before, _after in MANAGEMENT_MOVES if before is state)


def check_may_bring_in(state: Management) -> None:
    """Only a participant at Accepted may bring others in."""
    if state is not Management.ACCEPTED:
        raise IllegalMove(RULE_BRING_IN, state=state.value)


# Case state ----------------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class CaseState:
    """Six facts: V F D of one vendor or deployer, P X A of the case. `VfdPxa` in letters."""

    vendor_aware: bool = False
    fix_ready: bool = False
    fix_deployed: bool = False
    public_aware: bool = False
    exploit_public: bool = False
    attacks_observed: bool = False

    @classmethod
    def from_letters(cls, letters: str) -> "CaseState":
        """Read `VfdPxa`; raises `ValueError` on anything else."""
        if letters.lower() != "vfdpxa":
            raise ValueError(letters)
        return cls(*(letter.isupper() for letter in letters))

    def __str__(self) -> str:
        flags = (
            self.vendor_aware,
            self.fix_ready,
            self.fix_deployed,
            self.public_aware,
            self.exploit_public,
            self.attacks_observed,
        )
        return "".join(
            letter.upper() if flag else letter for letter, flag in zip("vfdpxa", flags, strict=True)
        )

    def has(self, event: CaseEvent) -> bool:
        """Whether `event` has happened."""
        return bool(getattr(self, _FIELDS[event]))

    def after(self, event: CaseEvent) -> "CaseState":
        """Return the state with `event` set, without asking whether that is legal."""
        return replace(self, **{_FIELDS[event]: True})


_FIELDS: Mapping[CaseEvent, str] = MappingProxyType(
    {
        CaseEvent.VENDOR_AWARE: "vendor_aware",
        CaseEvent.FIX_READY: "fix_ready",
        CaseEvent.FIX_DEPLOYED: "fix_deployed",
        CaseEvent.PUBLIC_AWARE: "public_aware",
        CaseEvent.EXPLOIT_PUBLIC: "exploit_public",
        CaseEvent.ATTACKS_OBSERVED: "attacks_observed",
    }
)
_NEEDS: Mapping[CaseEvent, CaseEvent] = MappingProxyType(
    {
        CaseEvent.FIX_READY: CaseEvent.VENDOR_AWARE,
        CaseEvent.FIX_DEPLOYED: CaseEvent.FIX_READY,
    }
)
RULE_ONCE = gettext_noop("This has already happened; the state of a case never goes back.")
RULE_ORDER = gettext_noop(
    "A vendor is aware before its fix is ready, and the fix is ready before it is deployed."
)
RULE_EXPLOIT = gettext_noop(
    "A public exploit makes the public aware: that is the next step, before any other."
)
RULE_PUBLIC = gettext_noop(
    "What is public reaches the vendor: its awareness is the next step, before any other."
)
RULE_FIX_MANAGEMENT = gettext_noop(
    "A fix can be ready only when its vendor has accepted, deferred or closed the report; "
    "it is at %(state)s."
)
FIX_MANAGEMENT = frozenset({Management.ACCEPTED, Management.DEFERRED, Management.CLOSED})


def forced_next(state: CaseState) -> CaseEvent | None:
    """Return the one step that must come next, or None when several may."""
    if state.exploit_public and not state.public_aware:
        return CaseEvent.PUBLIC_AWARE
    if state.public_aware and not state.vendor_aware:
        return CaseEvent.VENDOR_AWARE
    return None


def next_events(state: CaseState) -> tuple[CaseEvent, ...]:
    """Every legal next step, in the order V F D P X A."""
    forced = forced_next(state)
    if forced is not None:
        return (forced,)
    return tuple(
        event
        for event in CaseEvent
        if not state.has(event) and (event not in _NEEDS or state.has(_NEEDS[event]))
    )


def step(state: CaseState, event: CaseEvent, *, management: Management | None = None) -> CaseState:
    """One step of the case state; raises `IllegalMove`.

    `management` is the vendor's own report-management state, asked for when a fix becomes ready.
    """
    if state.has(event):
        raise IllegalMove(RULE_ONCE)
    forced = forced_next(state)
    if forced is not None and event is not forced:
        raise IllegalMove(RULE_EXPLOIT if forced is CaseEvent.PUBLIC_AWARE else RULE_PUBLIC)
    if event in _NEEDS and not state.has(_NEEDS[event]):
        raise IllegalMove(RULE_ORDER)
    if event is CaseEvent.FIX_READY and management is not None and management not in FIX_MANAGEMENT:
        raise IllegalMove(RULE_FIX_MANAGEMENT, state=management.value)
    return state.after(event)


def consequences(state: CaseState) -> tuple[CaseEvent, ...]:
    """Return the steps that follow by themselves: X brings P, and P brings V."""
    steps: list[CaseEvent] = []
    while (forced := forced_next(state)) is not None:
        steps.append(forced)
        state = state.after(forced)
    return tuple(steps)


def reachable_states() -> frozenset[CaseState]:
    """All states that the rules allow (32)."""
    seen = {CaseState()}
    waiting = [CaseState()]
    while waiting:
        state = waiting.pop()
        for event in next_events(state):
            after = state.after(event)
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return frozenset(seen)


def histories(state: CaseState | None = None) -> Iterator[tuple[CaseEvent, ...]]:
    """Every complete order of the six events that the rules allow (70 from the start)."""
    state = state or CaseState()
    events = next_events(state)
    if not events:
        yield ()
    for event in events:
        for rest in histories(state.after(event)):
            yield (event, *rest)


# Embargo -------------------------------------------------------------------------------------

EMBARGO_MOVES: tuple[tuple[EmbargoAct, EmbargoState, EmbargoState], ...] = (
    (EmbargoAct.PROPOSE, EmbargoState.NONE, EmbargoState.PROPOSED),
    (EmbargoAct.PROPOSE, EmbargoState.PROPOSED, EmbargoState.PROPOSED),
    (EmbargoAct.REJECT, EmbargoState.PROPOSED, EmbargoState.NONE),
    (EmbargoAct.ACCEPT, EmbargoState.PROPOSED, EmbargoState.ACTIVE),
    (EmbargoAct.PROPOSE, EmbargoState.ACTIVE, EmbargoState.REVISE),
    (EmbargoAct.PROPOSE, EmbargoState.REVISE, EmbargoState.REVISE),
    (EmbargoAct.REJECT, EmbargoState.REVISE, EmbargoState.ACTIVE),
    (EmbargoAct.ACCEPT, EmbargoState.REVISE, EmbargoState.ACTIVE),
    (EmbargoAct.TERMINATE, EmbargoState.ACTIVE, EmbargoState.EXITED),
    (EmbargoAct.TERMINATE, EmbargoState.REVISE, EmbargoState.EXITED),
)
_EMBARGO: Mapping[tuple[EmbargoState, EmbargoAct], EmbargoState] = MappingProxyType(
    {(before, act): after for act, before, after in EMBARGO_MOVES}
)
RULE_EXITED = gettext_noop("The embargo has ended, and an ended embargo never comes back.")
_EMBARGO_RULES: Mapping[EmbargoAct, str] = MappingProxyType(
    {
        EmbargoAct.PROPOSE: RULE_EXITED,
        EmbargoAct.REJECT: gettext_noop("Nothing is proposed that could be rejected."),
        EmbargoAct.ACCEPT: gettext_noop("Nothing is proposed that could be accepted."),
        EmbargoAct.TERMINATE: gettext_noop(
            "Only an active embargo can end; this one is %(state)s."
        ),
    }
)
RULE_NO_NEW_EMBARGO = gettext_noop(
    "No new embargo once the flaw or an exploit for it is public: there is nothing left to keep."
)
RULE_EMBARGO_MUST_END = gettext_noop(
    "The flaw or an exploit for it is public: an embargo cannot be accepted, prolonged or kept."
)
RULE_ATTACKS = gettext_noop(
    "Attacks are observed: a new embargo needs the explicit decision that quiet fixing still helps."
)


def is_out(state: CaseState) -> bool:
    """Whether P or X is set, which ends every embargo."""
    return state.public_aware or state.exploit_public


def embargo(
    state: EmbargoState,
    act: EmbargoAct,
    *,
    facts: CaseState | None = None,
    despite_attacks: bool = False,
) -> EmbargoState:
    """Return the next state of the embargo; raises `IllegalMove`.

    `facts` are the confirmed facts of the case: once P or X is set nothing can be proposed or
    accepted; after A alone a new embargo needs `despite_attacks`, the explicit decision.
    """
    if state is EmbargoState.EXITED:
        raise IllegalMove(RULE_EXITED)
    facts = facts or CaseState()
    if act in (EmbargoAct.PROPOSE, EmbargoAct.ACCEPT) and is_out(facts):
        new = state in (EmbargoState.NONE, EmbargoState.PROPOSED)
        raise IllegalMove(RULE_NO_NEW_EMBARGO if new else RULE_EMBARGO_MUST_END)
    if (
        act is EmbargoAct.PROPOSE
        and state is EmbargoState.NONE
        and facts.attacks_observed
        and not despite_attacks
    ):
        raise IllegalMove(RULE_ATTACKS)
    try:
        return _EMBARGO[(state, act)]
    except KeyError:
        raise IllegalMove(_EMBARGO_RULES[act], state=state.value) from None


def embargo_act_after(state: EmbargoState, confirmed: CaseEvent) -> EmbargoAct | None:
    """Say what a confirmed fact does: P or X rejects a proposal and ends what holds."""
    if confirmed not in (CaseEvent.PUBLIC_AWARE, CaseEvent.EXPLOIT_PUBLIC):
        return None
    if state is EmbargoState.PROPOSED:
        return EmbargoAct.REJECT
    if state in EMBARGO_HOLDS:
        return EmbargoAct.TERMINATE
    return None


def prompts_decision(state: EmbargoState, confirmed: CaseEvent) -> bool:
    """Tell whether a confirmed attack asks the parties whether the embargo still helps."""
    return confirmed is CaseEvent.ATTACKS_OBSERVED and (
        state in EMBARGO_HOLDS or state is EmbargoState.PROPOSED
    )


ARGUMENT_DEPLOYED = gettext_noop(
    "A fix is already deployed: who compares versions can find the flaw, which argues against "
    "an embargo."
)
ARGUMENT_ATTACKS = gettext_noop(
    "Attacks are observed: those at risk may be better served by knowing now."
)


def arguments_against(facts: CaseState) -> tuple[str, ...]:
    """Return what speaks against an embargo without forbidding it."""
    found = []
    if facts.fix_deployed:
        found.append(ARGUMENT_DEPLOYED)
    if facts.attacks_observed:
        found.append(ARGUMENT_ATTACKS)
    return tuple(found)


# Consent -------------------------------------------------------------------------------------

CONSENT_MOVES: tuple[tuple[ConsentAct, Consent, Consent], ...] = (
    (ConsentAct.INVITE, Consent.NO_EMBARGO, Consent.INVITED),
    (ConsentAct.INVITE, Consent.LAPSED, Consent.INVITED),
    (ConsentAct.INVITE, Consent.DECLINED, Consent.INVITED),
    (ConsentAct.ACCEPT, Consent.NO_EMBARGO, Consent.SIGNATORY),
    (ConsentAct.ACCEPT, Consent.INVITED, Consent.SIGNATORY),
    (ConsentAct.ACCEPT, Consent.LAPSED, Consent.SIGNATORY),
    (ConsentAct.DECLINE, Consent.NO_EMBARGO, Consent.DECLINED),
    (ConsentAct.DECLINE, Consent.INVITED, Consent.DECLINED),
    (ConsentAct.DECLINE, Consent.LAPSED, Consent.DECLINED),
    (ConsentAct.REVISE, Consent.SIGNATORY, Consent.LAPSED),
    *((ConsentAct.RESET, state, Consent.NO_EMBARGO) for state in Consent),
)
_CONSENT: Mapping[tuple[Consent, ConsentAct], Consent] = MappingProxyType(
    {(before, act): after for act, before, after in CONSENT_MOVES}
)
_CONSENT_RULES: Mapping[ConsentAct, str] = MappingProxyType(
    {
        ConsentAct.INVITE: gettext_noop(
            "Only a party without an embargo, with a lapsed or with a declined one can be invited "
            "to it; this one is %(state)s."
        ),
        ConsentAct.ACCEPT: gettext_noop(
            "This embargo cannot be signed: the party is %(state)s. One that declined is invited "
            "again first."
        ),
        ConsentAct.DECLINE: gettext_noop(
            "Only an embargo that is not signed yet can be declined; the party is %(state)s. "
            "A signatory proposes an earlier end instead."
        ),
        ConsentAct.REVISE: gettext_noop(
            "Only a signatory's consent can lapse; this party is %(state)s."
        ),
        ConsentAct.RESET: "",
    }
)


def consent(state: Consent, act: ConsentAct) -> Consent:
    """Return the next state of one party's consent; raises `IllegalMove`."""
    try:
        return _CONSENT[(state, act)]
    except KeyError:
        raise IllegalMove(_CONSENT_RULES[act], state=state.value) from None


def may_read(consent_state: Consent, embargo_state: EmbargoState) -> bool:
    """Whether a party that takes part may be shown the report.

    While an embargo holds only a signatory may; without one, accepting the TLP terms is enough.
    A refusal keeps a party out while the embargo holds.
    """
    if embargo_state in EMBARGO_HOLDS:
        return consent_state is Consent.SIGNATORY
    return True


def is_agreed_by_all(answers: Iterable[Answer]) -> bool:
    """Whether every asked signatory has said yes. Silence is not consent."""
    return all(answer == Answer.ACCEPTED for answer in answers)


# Dates ---------------------------------------------------------------------------------------

DEFAULT_EMBARGO = timedelta(days=90)
INVITATION_LIFE = timedelta(hours=72)
FINAL_TEXT_LEAD = timedelta(hours=48)
SHORTENING_NOTICE = timedelta(hours=72)
LONGEST_EMBARGO = timedelta(days=365)

RULE_END_NEEDED = gettext_noop(
    "An embargo has an end: give a date, an hour and a zone. It is never indefinite."
)
RULE_END_ZONE = gettext_noop("The end of an embargo needs a zone beside its date and hour.")
RULE_END_PAST = gettext_noop("The end of an embargo lies in the future.")
RULE_END_FAR = gettext_noop(
    "An embargo ends within a year of being proposed; it can be proposed again before it ends."
)
RULE_SAME_END = gettext_noop("The embargo already ends then.")
RULE_NOTICE = gettext_noop(
    "A shorter embargo holds at once for all parties: leave them at least 72 hours, or ask the "
    "coordinating team."
)


def default_end(vendor_aware_at: datetime) -> datetime:
    """90 days from the moment when the vendor learned of the flaw."""
    return vendor_aware_at + DEFAULT_EMBARGO


def check_end(end: datetime | None, *, now: datetime) -> datetime:
    """Return the proposed end, if it is one: dated, zoned, ahead, and not for ever."""
    if end is None:
        raise IllegalMove(RULE_END_NEEDED)
    if end.tzinfo is None or end.utcoffset() is None:
        raise IllegalMove(RULE_END_ZONE)
    if end <= now:
        raise IllegalMove(RULE_END_PAST)
    if end > now + LONGEST_EMBARGO:
        raise IllegalMove(RULE_END_FAR)
    return end


@dataclass(frozen=True)
class Proposed:
    """What a proposal for an embargo's end does."""

    holds: datetime | None  # the end that holds from now on
    revision: datetime | None  # the longer end that waits for all signatories


def weigh(
    current: datetime | None,
    proposed: datetime,
    *,
    now: datetime,
    by_coordinating_team: bool,
) -> Proposed:
    """Let the shorter of two ends hold at once and make the longer a revision.

    A party is bound by its own consent only, so nobody can be held beyond the earliest end that a
    signatory names. To keep one party from ending an embargo within minutes, a shorter end by
    anyone but the coordinating team leaves 72 hours, time enough for the final text.
    """
    if current is None:
        return Proposed(holds=None, revision=proposed)
    if proposed == current:
        raise IllegalMove(RULE_SAME_END)
    if proposed > current:
        return Proposed(holds=current, revision=proposed)
    if not by_coordinating_team and proposed < now + SHORTENING_NOTICE:
        raise IllegalMove(RULE_NOTICE)
    return Proposed(holds=proposed, revision=None)


def shorter_first(ends: Collection[datetime]) -> Proposed:
    """Of several proposed ends the shortest holds, the longest becomes a revision."""
    holds, longest = min(ends), max(ends)
    return Proposed(holds=holds, revision=longest if longest > holds else None)


def invitation_expiry(invited_at: datetime, embargo_end: datetime | None) -> datetime:
    """72 hours, or the rest of the embargo if that is shorter."""
    expiry = invited_at + INVITATION_LIFE
    return expiry if embargo_end is None else min(expiry, embargo_end)


def merged_end(ends: Iterable[datetime | None]) -> datetime | None:
    """Return the end that merged cases keep: the earliest end."""
    return min((end for end in ends if end is not None), default=None)


def final_text_due(publication: datetime) -> datetime:
    """When all parties must have the final text: 48 hours before publication."""
    return publication - FINAL_TEXT_LEAD


def earliest_publication(final_text_at: datetime, *, facts: CaseState) -> datetime:
    """48 hours after the parties have the final text, or at once when P or X is confirmed."""
    return final_text_at if is_out(facts) else final_text_at + FINAL_TEXT_LEAD


# Scorecard -----------------------------------------------------------------------------------

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


def path_state(*, path: Collection[CaseEvent], facts: Collection[CaseEvent]) -> CaseState:
    """Return the case state of one party: its own V F D with the case's confirmed P X A."""
    return CaseState(
        *(event in path for event in PATH_EVENTS),
        *(event in facts for event in (P, X, A)),
    )
