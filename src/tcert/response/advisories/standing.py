"""Where an advisory stands before publication: the facts gathered for `publication`."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Max

from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import assembly, parties, publication
from tcert.response.advisories.enums import AdvisoryState
from tcert.response.advisories.models import Advisory, Release


def of(advisory: Advisory, at: datetime) -> publication.Standing:
    """Gather what the rules of publication ask."""
    case = parties.facts(advisory.case_id)
    approved = (
        advisory.state == AdvisoryState.APPROVED
        and advisory.approvals.filter(text_version=advisory.text_version).exists()
    )
    return publication.Standing(
        tlp=Tlp(advisory.tlp),
        is_approved=approved,
        has_parties=bool(case.teams),
        is_known=case.is_known,
        is_revision=advisory.releases.exists(),
        has_reason=bool(advisory.short_notice_reason),
        final_text_at=advisory.final_text_at if advisory.final_text_is_current else None,
        embargo_ends=case.embargo_ends,
        errors=len(assembly.verdict(advisory, at).errors),
    )


def objections(advisory: Advisory, at: datetime) -> Sequence[publication.Objection]:
    """Return what forbids publishing the advisory at a moment."""
    return tuple(publication.objections(of(advisory, at), at))


def latest_known_moment(advisory: Advisory) -> datetime | None:
    """Return the newest moment that the hub wrote down about advisories, to notice a clock step."""
    newest = Release.objects.aggregate(at=Max("published_at"))["at"]
    moments = [m for m in (newest, advisory.updated_at) if m is not None]
    return max(moments, default=None)
