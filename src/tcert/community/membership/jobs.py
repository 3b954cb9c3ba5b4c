"""Background work of membership: once a day, vouches that run out and what follows from it."""

from datetime import timedelta
from functools import partial

from tcert.community.membership.domain import reviews
from tcert.foundation.kernel.jobs import every, in_turn, job


@every(timedelta(days=1), at=timedelta(hours=6), jitter=timedelta(hours=1))
@job("membership:look-after-vouches")
def look_after_vouches() -> None:
    """Tell who should renew, and open or close reviews."""
    looks = [partial(reviews.look_at, team_id) for team_id in sorted(reviews.to_look_at())]
    in_turn([reviews.remind, *looks])
