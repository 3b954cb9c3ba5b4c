"""What the installation does by itself."""

from datetime import timedelta

from tcert.foundation.kernel.jobs import every, job
from tcert.site import upgrading


@every(timedelta(days=1), at=timedelta(hours=4))
@job("site:prune-copies")
def prune_copies() -> None:
    """Delete old copies of the database: they hold what was deleted since."""
    upgrading.prune_copies()
