"""Background work of the desk: proposals that nobody answered lapse."""

from datetime import timedelta

from tcert.community.desk.domain import acts
from tcert.foundation.kernel.jobs import every, job


@every(timedelta(hours=1))
@job("desk:expire-acts")
def expire_acts() -> None:
    """Let proposals lapse whose time is over."""
    acts.expire_unanswered()
