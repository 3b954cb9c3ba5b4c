"""Entry points of the worker."""

from uuid import UUID

from tcert.foundation.kernel.jobs import job
from tcert.response.advisories.domain import release


@job("advisories:release", max_attempts=20)
def release_job(advisory_id: UUID) -> None:
    """Release or withdraw an advisory at its time; safe to run again after a kill."""
    release.carry_out(advisory_id)
