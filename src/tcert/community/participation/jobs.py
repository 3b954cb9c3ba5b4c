"""Background work of participation: once a day, how everybody stands, and what changed."""

from datetime import timedelta

from tcert.community.directory.domain.organisations import LISTED
from tcert.community.participation.domain import recording, transitions
from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.kernel.outbox import Event, subscribe


@every(timedelta(days=1), at=timedelta(hours=2), jitter=timedelta(minutes=30))
@job("participation:look-at-standings", deadline=timedelta(minutes=20))
def look_at_standings() -> None:
    """Look at all standings and tell what changed."""
    transitions.look_at_all()


@subscribe(LISTED, name="participation:begin-listed")
@subscribe(recording.JOINED, name="participation:begin")
def begin(event: Event) -> None:
    """Let the grace of an organisation run from its listing."""
    recording.joined(event)
