"""The table of states: every pair of state and act, one by one."""

import pytest

from tcert.community.claims.enums import Act, State
from tcert.community.claims.transitions import TABLE, after

WANTED = {
    State.CLAIMED: {
        Act.VERIFY: State.VERIFIED,
        Act.DISPUTE: State.DISPUTED,
        Act.WITHDRAW: State.WITHDRAWN,
        Act.EXPIRE: State.EXPIRED,
    },
    State.VERIFIED: {
        Act.VERIFY: State.VERIFIED,
        Act.LAPSE: State.CLAIMED,
        Act.DISPUTE: State.DISPUTED,
        Act.WITHDRAW: State.WITHDRAWN,
        Act.EXPIRE: State.EXPIRED,
    },
    State.DISPUTED: {
        Act.RESUME: State.CLAIMED,
        Act.RESUME_VERIFIED: State.VERIFIED,
        Act.END: State.ENDED,
        Act.WITHDRAW: State.WITHDRAWN,
        Act.EXPIRE: State.EXPIRED,
    },
    State.WITHDRAWN: {Act.RESTORE: State.CLAIMED},
    State.EXPIRED: {Act.RESTORE: State.CLAIMED},
    State.ENDED: {Act.RESTORE: State.CLAIMED},
}


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", State)
def test_each_act_leads_where_the_table_says_and_nowhere_else(state, act):
    assert after(state, act) == WANTED[state].get(act)


def test_nothing_comes_back_as_verified_without_a_new_proof():
    """What was withdrawn may have been sold since."""
    over = set(State) - set(State.counting())
    assert {TABLE[key] for key in TABLE if key[0] in over} == {State.CLAIMED}
