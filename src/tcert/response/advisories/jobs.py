"""Entry points of the worker."""

from uuid import UUID

from tcert.foundation.kernel.jobs import job
from tcert.foundation.kernel.outbox import Event, subscribe
from tcert.response.advisories.domain import final_text, release


@job("advisories:release", max_attempts=20)
def release_job(advisory_id: UUID) -> None:
    """Release or withdraw an advisory at its time; safe to run again after a kill."""
    release.carry_out(advisory_id)


@subscribe("cases:participant_joined", name="advisories:serve-late")
def serve_who_joined(event: Event) -> None:
    """Give a party that joined a case the final texts that the others have already."""
    final_text.serve_late(case_id=event.object_id)


@subscribe("cases:embargo_changed", name="advisories:serve-late")
def serve_after_embargo(event: Event) -> None:
    """Give them to parties that had not signed, once no embargo keeps them out any more."""
    final_text.serve_late(case_id=event.object_id)
