"""Background work: suspensions end by themselves."""

from datetime import timedelta
from uuid import UUID

from tcert.community.conduct.domain import measures
from tcert.foundation.kernel.jobs import enqueue, every, job


@job("conduct:run-out")
def run_out(measure: UUID) -> None:
    """End one suspension."""
    measures.run_out(measure)


@every(timedelta(minutes=10), jitter=timedelta(minutes=1))
@job("conduct:look-for-ends")
def look_for_ends() -> None:
    """Ask for each suspension whose time is over that it be ended."""
    for measure_id in measures.over():
        enqueue(run_out, measure=measure_id)
