"""Four eyes: a text is submitted by one person and approved by another."""

from uuid import UUID

from django.db import transaction

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.numbers import next_number
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record
from tcert.response.advisories import assembly
from tcert.response.advisories.domain import final_text
from tcert.response.advisories.domain.writing import locked
from tcert.response.advisories.enums import AdvisoryState
from tcert.response.advisories.errors import FourEyes, Invalid, WrongState
from tcert.response.advisories.models import Advisory, Approval
from tcert.response.advisories.rules import has_written

SERIES = "TCERT-SA"


@transaction.atomic
def submit(*, principal: Principal, advisory_id: UUID, text_version: int) -> Advisory:
    """Hand a draft to review. Raises Invalid while it fails a mandatory test."""
    advisory = locked(advisory_id, text_version)
    require(principal, Permission.ADVISORIES_WRITE, advisory)
    if advisory.state != AdvisoryState.DRAFT:
        raise WrongState
    _require_valid(advisory)
    advisory.state = AdvisoryState.REVIEW
    advisory.review_remark = ""
    advisory.updated_at = clock.now()
    advisory.save()
    record(
        principal, "advisories:submit", "advisory", advisory.id, text_version=advisory.text_version
    )
    return advisory


@transaction.atomic
def send_back(
    *, principal: Principal, advisory_id: UUID, text_version: int, remark: str
) -> Advisory:
    """Return a text to its writers with a remark; an approval is withdrawn by this."""
    advisory = locked(advisory_id, text_version)
    require(principal, Permission.ADVISORIES_WRITE, advisory)
    if advisory.state not in {AdvisoryState.REVIEW, AdvisoryState.APPROVED} or advisory.pending:
        raise WrongState
    advisory.state = AdvisoryState.DRAFT
    advisory.review_remark = remark
    advisory.updated_at = clock.now()
    advisory.save()
    Approval.objects.filter(advisory=advisory, text_version=advisory.text_version).delete()
    record(
        principal,
        "advisories:send-back",
        "advisory",
        advisory.id,
        text_version=advisory.text_version,
    )
    return advisory


@transaction.atomic
def approve(*, principal: Principal, advisory_id: UUID, text_version: int) -> Advisory:
    """Stand by exactly this text; the advisory gets its number with its first approval.

    Raises FourEyes for whoever wrote the text, Invalid while it fails a mandatory test.
    """
    advisory = locked(advisory_id, text_version)
    require(principal, Permission.ADVISORIES_WRITE, advisory)
    if advisory.state != AdvisoryState.REVIEW:
        raise WrongState
    if principal.person_id is None or has_written(advisory, principal.person_id):
        raise FourEyes
    require(principal, Permission.ADVISORIES_APPROVE, advisory)
    if advisory.number is None:
        advisory.number = _new_number()
    _require_valid(advisory)
    advisory.state = AdvisoryState.APPROVED
    advisory.updated_at = clock.now()
    advisory.save()
    Approval.objects.create(
        advisory=advisory, text_version=advisory.text_version, person_id=principal.person_id
    )
    record(
        principal,
        "advisories:approve",
        "advisory",
        advisory.id,
        text_version=advisory.text_version,
        number=advisory.number,
    )
    # A text that was sent back and stands unchanged: parties may have joined in between.
    final_text.catch_up(advisory)
    return advisory


def _new_number() -> str:
    year = clock.today().year
    return f"{SERIES}-{year}-{next_number(SERIES, year):04d}"


def _require_valid(advisory: Advisory) -> None:
    errors = assembly.verdict(advisory, clock.now()).errors
    if errors:
        raise Invalid(len(errors))
