"""Background work of this room."""

from datetime import timedelta

from tcert.community.bundle.domain import issuing
from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.openpgp import hubkey


@every(timedelta(days=1), at=timedelta(hours=2), jitter=timedelta(minutes=30))
@job("bundle:daily", deadline=timedelta(minutes=10))
def daily() -> None:
    """Make a bundle if the directory changed, or the last one runs out soon."""
    if hubkey.exists():
        issuing.issue()
