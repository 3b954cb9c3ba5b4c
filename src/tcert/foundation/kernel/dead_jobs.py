"""What a coordinator can do about jobs that were given up."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from tcert.foundation.kernel import clock, jobs
from tcert.foundation.kernel.access import require
from tcert.foundation.kernel.errors import Conflict
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.records import record


@transaction.atomic
def retry(*, principal: Principal, job_id: UUID) -> None:
    """Let a dead job begin anew; raises `Conflict` if it is not dead any more."""
    dead = _dead(principal, job_id)
    jobs.dead().filter(pk=job_id).update(
        state=jobs.State.WAITING, run_at=clock.now(), attempts=0, error=""
    )
    record(principal, "kernel:retry-job", "job", job_id, job=dead.name)


@transaction.atomic
def drop(*, principal: Principal, job_id: UUID) -> None:
    """Forget a dead job: what it was to do is not done; raises `Conflict` if it is not dead."""
    dead = _dead(principal, job_id)
    record(principal, "kernel:drop-job", "job", job_id, job=dead.name)
    dead.delete()


def _dead(principal: Principal, job_id: UUID) -> jobs.Job:
    require(principal, Permission.KERNEL_JOBS_MANAGE)
    found = jobs.dead().select_for_update().filter(pk=job_id).first()
    if found is None:
        raise Conflict(_("Somebody has already dealt with this job."))
    return found
