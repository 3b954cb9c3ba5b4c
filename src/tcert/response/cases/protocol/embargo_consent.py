"""One party's consent to the embargo, and what it may read by it."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from tcert.response.cases.enums import EMBARGO_HOLDS, Answer, Consent, ConsentAct, EmbargoState
from tcert.response.cases.protocol.moves import IllegalMove, gettext_noop

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
