"""Where an advisory stands before publication: the facts gathered for `publication`."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Max

from tcert.community.directory.models import Team
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.tlp import Tlp
from tcert.response.advisories import assembly, parties, publication
from tcert.response.advisories.enums import AdvisoryState
from tcert.response.advisories.models import Advisory, FinalCopy, Release


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
        last_copy_at=_last_copy_at(advisory, case.teams),
        embargo_ends=case.embargo_ends,
        errors=len(assembly.verdict(advisory, at).errors),
    )


def _last_copy_at(advisory: Advisory, teams: Iterable[Team]) -> datetime | None:
    """Return when the last of the parties got the text; who still lacks it gets it now at best."""
    if not advisory.final_text_is_current:
        return None
    copies = FinalCopy.objects.filter(advisory=advisory, text_version=advisory.text_version)
    sent = dict(copies.values_list("team_id", "sent_at"))
    return max((sent.get(team.id, clock.now()) for team in teams), default=None)


def wants_reason(advisory: Advisory) -> bool:
    """Tell whether a planned release will be held back because nobody said why it is short."""
    at = advisory.scheduled_for
    if not advisory.is_scheduled or at is None or advisory.short_notice_reason:
        return False
    return publication.cuts_notice_short(of(advisory, at), at)


def objections(advisory: Advisory, at: datetime) -> Sequence[publication.Objection]:
    """Return what forbids publishing the advisory at a moment."""
    return tuple(publication.objections(of(advisory, at), at))


def latest_known_moment(advisory: Advisory) -> datetime | None:
    """Return the newest moment that the hub wrote down about advisories, to notice a clock step."""
    newest = Release.objects.aggregate(at=Max("published_at"))["at"]
    moments = [m for m in (newest, advisory.updated_at) if m is not None]
    return max(moments, default=None)
