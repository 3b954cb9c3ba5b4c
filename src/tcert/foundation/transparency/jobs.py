"""Background work of this room."""

from datetime import timedelta

from tcert.foundation.kernel.jobs import GiveUp, every, job
from tcert.foundation.transparency.domain.sealing import TreeBroken, seal


@every(timedelta(minutes=30), at=timedelta(minutes=7))
@job("transparency:seal", deadline=timedelta(minutes=30))
def seal_records() -> None:
    """Give the records of the last half hour their leaves, and the tree a new head."""
    try:
        seal()
    except TreeBroken as error:
        raise GiveUp from error
