"""What the directory does by itself: what follows from lower rooms."""

from tcert.community.accounts.domain.people import ACCOUNT_CLOSED
from tcert.community.directory.domain import rotation
from tcert.foundation.kernel.outbox import Event, subscribe


@subscribe(ACCOUNT_CLOSED, name="directory:take-shares")
def take_shares(event: Event) -> None:
    """Who cannot sign in any more holds no key of a team, and what they held is due."""
    rotation.account_closed(person_id=event.object_id)
