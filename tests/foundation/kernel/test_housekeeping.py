from datetime import timedelta

import pytest

from tcert.foundation.kernel import clock, housekeeping, jobs
from tcert.foundation.kernel.jobs import Job

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_the_nightly_sweep_is_scheduled_and_runs():
    jobs.tick()
    with clock.frozen(clock.now() + timedelta(days=1, hours=2)):
        jobs.tick()
    sweep = Job.objects.get(name="kernel:prune")
    with clock.frozen(sweep.run_at):
        jobs.run_due()

    sweep.refresh_from_db()
    assert sweep.state == jobs.State.DONE
    housekeeping.prune()
