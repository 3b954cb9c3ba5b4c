"""The disclosure protocol as pure arithmetic: tables, cross rules, embargo dates, scorecard.

The machines are those of the Vultron model (CERT/CC, MIT licence), whose tables this package
carries as data. Nothing here touches Django, a clock or a database: callers pass what they know
and get the next state, or an `IllegalMove` that says in words which rule forbids the move.

Words in an `IllegalMove` are English templates; the domain translates `rule` and fills `values`.
"""

from tcert.response.cases.protocol.case_state import (
    CaseState,
    consequences,
    histories,
    next_events,
    path_state,
    reachable_states,
    step,
)
from tcert.response.cases.protocol.embargo_consent import (
    CONSENT_MOVES,
    consent,
    is_agreed_by_all,
    may_read,
)
from tcert.response.cases.protocol.embargo_dates import (
    DEFAULT_EMBARGO,
    Proposed,
    check_end,
    default_end,
    earliest_publication,
    final_text_due,
    invitation_expiry,
    merged_end,
    shorter_first,
    weigh,
)
from tcert.response.cases.protocol.embargo_management import (
    ARGUMENT_ATTACKS,
    ARGUMENT_DEPLOYED,
    EMBARGO_MOVES,
    arguments_against,
    embargo,
    embargo_act_after,
    prompts_decision,
)
from tcert.response.cases.protocol.moves import IllegalMove
from tcert.response.cases.protocol.orderings import (
    ORDERINGS,
    baseline,
    may_publish_aggregate,
    scorecard,
    skill,
)
from tcert.response.cases.protocol.report_management import (
    MANAGEMENT_MOVES,
    check_may_bring_in,
    check_names_other,
    manage,
    management_acts,
    starting_state,
)

__all__ = [
    "ARGUMENT_ATTACKS",
    "ARGUMENT_DEPLOYED",
    "CONSENT_MOVES",
    "DEFAULT_EMBARGO",
    "EMBARGO_MOVES",
    "MANAGEMENT_MOVES",
    "ORDERINGS",
    "CaseState",
    "IllegalMove",
    "Proposed",
    "arguments_against",
    "baseline",
    "check_end",
    "check_may_bring_in",
    "check_names_other",
    "consent",
    "consequences",
    "default_end",
    "earliest_publication",
    "embargo",
    "embargo_act_after",
    "final_text_due",
    "histories",
    "invitation_expiry",
    "is_agreed_by_all",
    "manage",
    "management_acts",
    "may_publish_aggregate",
    "may_read",
    "merged_end",
    "next_events",
    "path_state",
    "prompts_decision",
    "reachable_states",
    "scorecard",
    "shorter_first",
    "skill",
    "starting_state",
    "step",
    "weigh",
]
