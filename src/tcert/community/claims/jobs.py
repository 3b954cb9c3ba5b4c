"""Background work of claims: what time does to them, and forgetting files nobody confirmed."""

from datetime import timedelta

from tcert.community.claims.domain import ageing, batches
from tcert.foundation.kernel.jobs import every, job


@every(timedelta(days=1), at=timedelta(hours=5), jitter=timedelta(hours=1))
@job("claims:age", deadline=timedelta(minutes=10))
def age() -> None:
    """Let claims run out, proofs lapse, and remind."""
    ageing.age()
    ageing.remind()


@every(timedelta(hours=1), jitter=timedelta(minutes=10))
@job("claims:forget-files")
def forget_files() -> None:
    """Forget what was uploaded and not confirmed within two days."""
    batches.forget_old()
