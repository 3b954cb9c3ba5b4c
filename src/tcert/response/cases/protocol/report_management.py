"""Report management: how far one participant is with the report."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from tcert.response.cases.enums import Management, ManagementAct, Role
from tcert.response.cases.protocol.moves import IllegalMove, gettext_noop

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
    "It is never invalid, and it is accepted only once it is no duplicate."
)
RULE_BRING_IN = gettext_noop(
    "Only a participant that has accepted the report may bring others in; you are at %(state)s."
)


def starting_state(roles: Collection[Role]) -> Management:
    """Start a finder at Accepted, everyone else at Start."""
    return Management.ACCEPTED if Role.FINDER in roles else Management.START


def manage(state: Management, act: ManagementAct, *, duplicate: bool = False) -> Management:
    """Return the next state of report management; raises `IllegalMove`.

    A duplicate is neither invalid nor accepted: it goes from valid to deferred, and on to closed.
    """
    if duplicate and act in (ManagementAct.INVALIDATE, ManagementAct.ACCEPT):
        raise IllegalMove(RULE_DUPLICATE)
    try:
        return _MANAGEMENT[(state, act)]
    except KeyError:
        raise IllegalMove(_MANAGEMENT_RULES[act], state=state.value) from None


def check_names_other(act: ManagementAct) -> None:
    """Only the act that defers a report says of which other it is a duplicate."""
    if act is not ManagementAct.DEFER:
        raise IllegalMove(RULE_DUPLICATE)


def management_acts(state: Management) -> tuple[ManagementAct, ...]:
    """Return the acts that are legal at `state`, in the order of the table."""
    return tuple(act for act, before, _after in MANAGEMENT_MOVES if before is state)


def check_may_bring_in(state: Management) -> None:
    """Only a participant at Accepted may bring others in."""
    if state is not Management.ACCEPTED:
        raise IllegalMove(RULE_BRING_IN, state=state.value)
