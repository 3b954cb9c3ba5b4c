"""Background work: warn, delete, sweep, count, remind."""

from datetime import timedelta
from uuid import UUID

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.jobs import enqueue, every, job
from tcert.foundation.sealed.domain.removing import erase_later
from tcert.response.incidents.domain import ending as incidents
from tcert.response.requests.domain import ending as requests
from tcert.response.retention.domain import counting, deleting, reminding, warning


@every(timedelta(hours=1), at=timedelta(minutes=40))
@job("retention:run")
def run() -> None:
    """Warn parties in time, and have deleted what is due: each case in a job of its own."""
    warning.warn_all()
    for case_id in deleting.due():
        hour = f"{clock.now():%Y%m%dT%H}"
        enqueue(delete, case=case_id, key=f"retention:delete:{case_id}:{hour}")


@job("retention:delete", deadline=timedelta(minutes=10))
def delete(case: UUID) -> None:
    """Delete the content of one case, if it is still due."""
    deleting.delete_case(case)


@every(timedelta(hours=6), at=timedelta(minutes=50))
@job("retention:sweep", deadline=timedelta(minutes=10))
def sweep() -> None:
    """Delete the records of deleted cases, incidents and requests, once the tree holds them."""
    swept = deleting.sweep_records() + incidents.sweep_records(before=counting.keep)
    if swept + requests.sweep_records(before=counting.keep):
        erase_later()


@every(timedelta(days=1), at=timedelta(hours=5), jitter=timedelta(hours=1))
@job("retention:settle-years")
def settle_years() -> None:
    """Settle the counts of years that are over."""
    counting.settle_years()


@every(timedelta(days=1), at=timedelta(hours=6), jitter=timedelta(hours=1))
@job("retention:remind")
def remind() -> None:
    """Tell coordinating teams of cases in which nothing happens, and of holds to look at again."""
    reminding.remind()
