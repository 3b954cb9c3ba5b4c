"""The embargo of a case: proposed, held, revised, ended, and what the facts do to it."""

from collections.abc import Mapping
from types import MappingProxyType

from tcert.response.cases.enums import EMBARGO_HOLDS, CaseEvent, EmbargoAct, EmbargoState
from tcert.response.cases.protocol.case_state import CaseState, is_out
from tcert.response.cases.protocol.moves import IllegalMove, gettext_noop

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


def embargo(
    state: EmbargoState,
    act: EmbargoAct,
    *,
    facts: CaseState | None = None,
    despite_attacks: bool = False,
) -> EmbargoState:
    """Return the next state of the embargo; raises `IllegalMove`.

    `facts` are the confirmed facts of the case: once P or X is set nothing can be proposed or
    accepted; after A alone a new embargo needs `despite_attacks`, the explicit decision, also when
    it was proposed before the attacks were seen.
    """
    if state is EmbargoState.EXITED:
        raise IllegalMove(RULE_EXITED)
    facts = facts or CaseState()
    if act in (EmbargoAct.PROPOSE, EmbargoAct.ACCEPT) and is_out(facts):
        new = state in (EmbargoState.NONE, EmbargoState.PROPOSED)
        raise IllegalMove(RULE_NO_NEW_EMBARGO if new else RULE_EMBARGO_MUST_END)
    begins = (act is EmbargoAct.PROPOSE and state is EmbargoState.NONE) or (
        act is EmbargoAct.ACCEPT and state is EmbargoState.PROPOSED
    )
    if begins and facts.attacks_observed and not despite_attacks:
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
