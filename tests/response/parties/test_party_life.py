"""The machine of an invitation beyond the hub: every pair of state and act."""

from itertools import product

import pytest

from tcert.response.cases.protocol import IllegalMove
from tcert.response.parties.enums import PartyAct as A
from tcert.response.parties.enums import PartyState as S
from tcert.response.parties.life import after

LEGAL = {
    (S.SENT, A.OPEN): S.OPENED,
    (S.SENT, A.JOIN): S.JOINED,
    (S.SENT, A.RENEW): S.SENT,
    (S.SENT, A.EXPIRE): S.EXPIRED,
    (S.SENT, A.WITHDRAW): S.WITHDRAWN,
    (S.OPENED, A.JOIN): S.JOINED,
    (S.OPENED, A.RENEW): S.SENT,
    (S.OPENED, A.EXPIRE): S.EXPIRED,
    (S.OPENED, A.WITHDRAW): S.WITHDRAWN,
    (S.EXPIRED, A.RENEW): S.SENT,
    (S.EXPIRED, A.WITHDRAW): S.WITHDRAWN,
    (S.JOINED, A.ASK): S.ASKED,
    (S.JOINED, A.RENEW): S.JOINED,
    (S.JOINED, A.EXPIRE): S.LAPSED,
    (S.JOINED, A.WITHDRAW): S.WITHDRAWN,
    (S.LAPSED, A.ASK): S.ASKED,
    (S.LAPSED, A.RENEW): S.JOINED,
    (S.LAPSED, A.WITHDRAW): S.WITHDRAWN,
}


@pytest.mark.parametrize(("state", "act"), list(product(S, A)))
def test_every_pair(state, act):
    if (state, act) in LEGAL:
        assert after(state, act) == LEGAL[state, act]
    else:
        with pytest.raises(IllegalMove):
            after(state, act)


def test_nothing_leads_on_from_the_ends():
    assert not {state for state, _act in LEGAL} & {S.ASKED, S.WITHDRAWN}
