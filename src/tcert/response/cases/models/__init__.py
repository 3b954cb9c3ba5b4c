"""Tables of a case, gathered from one module per concept."""

from tcert.response.cases.models.base import Revised
from tcert.response.cases.models.case import (
    Case,
    CaseNetwork,
    CaseProduct,
    Exclusion,
    Recusal,
)
from tcert.response.cases.models.deleted import DeletedCase
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
from tcert.response.cases.models.promised import PromisedAnswer
from tcert.response.cases.models.statement import Statement
from tcert.response.cases.models.thread import CaseThread, ThreadReader
from tcert.response.cases.models.unopened import Unopened

__all__ = [
    "Case",
    "CaseClaim",
    "CaseNetwork",
    "CaseProduct",
    "CaseThread",
    "DeletedCase",
    "Embargo",
    "EmbargoAnswer",
    "EmbargoProposal",
    "Exclusion",
    "Invitation",
    "Participant",
    "ParticipantRole",
    "PromisedAnswer",
    "Recusal",
    "Revised",
    "Statement",
    "ThreadReader",
    "Unopened",
]
