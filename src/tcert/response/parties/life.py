"""The life of an invitation beyond the hub: which act leads from which state to which. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from tcert.response.cases.protocol import IllegalMove
from tcert.response.cases.protocol.moves import gettext_noop
from tcert.response.parties.enums import PartyAct, PartyState

MOVES: Mapping[tuple[PartyState, PartyAct], PartyState] = MappingProxyType(
    {
        (PartyState.SENT, PartyAct.OPEN): PartyState.OPENED,
        (PartyState.SENT, PartyAct.JOIN): PartyState.JOINED,
        (PartyState.SENT, PartyAct.RENEW): PartyState.SENT,
        (PartyState.SENT, PartyAct.EXPIRE): PartyState.EXPIRED,
        (PartyState.SENT, PartyAct.WITHDRAW): PartyState.WITHDRAWN,
        (PartyState.OPENED, PartyAct.JOIN): PartyState.JOINED,
        (PartyState.OPENED, PartyAct.RENEW): PartyState.SENT,
        (PartyState.OPENED, PartyAct.EXPIRE): PartyState.EXPIRED,
        (PartyState.OPENED, PartyAct.WITHDRAW): PartyState.WITHDRAWN,
        (PartyState.EXPIRED, PartyAct.RENEW): PartyState.SENT,
        (PartyState.EXPIRED, PartyAct.WITHDRAW): PartyState.WITHDRAWN,
        (PartyState.JOINED, PartyAct.ASK): PartyState.ASKED,
        (PartyState.JOINED, PartyAct.RENEW): PartyState.JOINED,
        (PartyState.JOINED, PartyAct.EXPIRE): PartyState.LAPSED,
        (PartyState.JOINED, PartyAct.WITHDRAW): PartyState.WITHDRAWN,
        (PartyState.LAPSED, PartyAct.ASK): PartyState.ASKED,
        (PartyState.LAPSED, PartyAct.RENEW): PartyState.JOINED,
        (PartyState.LAPSED, PartyAct.WITHDRAW): PartyState.WITHDRAWN,
    }
)
"""Once the terms are put the participant's own machines go on; what was withdrawn stays so."""


RULE = gettext_noop("This cannot be done any more: somebody acted before, or its time is over.")


def after(state: PartyState, act: PartyAct) -> PartyState:
    """Return the next state; raises `IllegalMove`."""
    try:
        return MOVES[(state, act)]
    except KeyError:
        raise IllegalMove(RULE) from None
