"""The nightly sweep of the kernel's own tables."""

from datetime import timedelta

from tcert.foundation.kernel import daykey, jobs, limits, mail, outbox, shared, storage, worker


@jobs.every(timedelta(days=1), at=timedelta(hours=2), jitter=timedelta(hours=1))
@jobs.job("kernel:prune")
def prune() -> None:
    """Forget what is done: nothing here is a record."""
    for room in (jobs, outbox, mail, limits, worker):
        room.prune()
    files = storage.ciphertext()
    if isinstance(files, storage.CiphertextStorage):
        files.prune()


@jobs.every(timedelta(hours=1), at=timedelta(minutes=20))
@jobs.job("kernel:forget-counts")
def forget_counts() -> None:
    """Forget counted attempts that expired, and yesterday's key of addresses, within the hour."""
    shared.prune()
    daykey.prune()
