"""Tables of a case, gathered from one module per concept."""

from tcert.response.cases.models.base import Revised
from tcert.response.cases.models.case import (
    Case,
    CaseNetwork,
    CaseProduct,
    Exclusion,
    Recusal,
)
from tcert.response.cases.models.embargo import (
    CaseClaim,
    Embargo,
    EmbargoAnswer,
    EmbargoProposal,
)
from tcert.response.cases.models.participant import (
    Invitation,
    Participant,
    ParticipantRole,
)
from tcert.response.cases.models.statement import Statement
from tcert.response.cases.models.thread import CaseThread, ThreadReader

__all__ = [
    "Case",
    "CaseClaim",
    "CaseNetwork",
    "CaseProduct",
    "CaseThread",
    "Embargo",
    "EmbargoAnswer",
    "EmbargoProposal",
    "Exclusion",
    "Invitation",
    "Participant",
    "ParticipantRole",
    "Recusal",
    "Revised",
    "Statement",
    "ThreadReader",
]
