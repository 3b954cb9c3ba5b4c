"""Background work of the room: once a day, requests whose day has passed."""

from datetime import timedelta
from functools import partial

from tcert.community.maturity.domain import mentoring
from tcert.foundation.kernel.jobs import every, in_turn, job


@every(timedelta(days=1), at=timedelta(hours=5), jitter=timedelta(hours=1))
@job("maturity:lapse-requests")
def lapse_requests() -> None:
    """End the requests for which nobody came."""
    in_turn(partial(mentoring.lapse, request_id) for request_id in mentoring.lapsing())
