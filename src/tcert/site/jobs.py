"""What the installation does by itself."""

from datetime import timedelta

from tcert.foundation.kernel.jobs import every, job
from tcert.response.incidents import inbox
from tcert.site import principal, upgrading


@every(timedelta(days=1), at=timedelta(hours=4))
@job("site:prune-copies")
def prune_copies() -> None:
    """Delete old copies of the database: they hold what was deleted since."""
    upgrading.prune_copies()


@every(timedelta(minutes=2), jitter=timedelta(seconds=30))
@job("site:read-incident-mail", max_attempts=2, deadline=timedelta(minutes=10))
def read_incident_mail() -> None:
    """Take the incidents that members have mailed, where the operator has named a mailbox."""
    inbox.read(principal.of_sender)
