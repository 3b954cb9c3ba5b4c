"""The state of a case: which of the six events have happened, and which may come next."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from tcert.response.cases.enums import CLAIMED_EVENTS, PATH_EVENTS, CaseEvent, Management
from tcert.response.cases.protocol.moves import IllegalMove, gettext_noop


@dataclass(frozen=True, order=True)
class CaseState:
    """Six facts: V F D of one vendor or deployer, P X A of the case. `VfdPxa` in letters."""

    vendor_aware: bool = False
    fix_ready: bool = False
    fix_deployed: bool = False
    public_aware: bool = False
    exploit_public: bool = False
    attacks_observed: bool = False

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


def is_out(state: CaseState) -> bool:
    """Whether P or X is set, which ends every embargo."""
    return state.public_aware or state.exploit_public


def path_state(*, path: Collection[CaseEvent], facts: Collection[CaseEvent]) -> CaseState:
    """Return the case state of one party: its own V F D with the case's confirmed P X A."""
    return CaseState(
        *(event in path for event in PATH_EVENTS),
        *(event in facts for event in CLAIMED_EVENTS),
    )


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
