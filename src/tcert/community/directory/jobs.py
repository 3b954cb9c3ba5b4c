"""What the directory does by itself: reminders, and what follows from lower rooms."""

from datetime import timedelta

from tcert.community.accounts.domain.people import ACCOUNT_CLOSED
from tcert.community.directory.domain import reminders, rotation
from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.kernel.outbox import Event, subscribe


@subscribe(ACCOUNT_CLOSED, name="directory:take-shares")
def take_shares(event: Event) -> None:
    """Who cannot sign in any more holds no key of a team, and what they held is due."""
    rotation.account_closed(person_id=event.object_id)


@every(timedelta(hours=6))
@job("directory:remind-of-keys")
def remind_of_keys() -> None:
    """Mail about keys whose day comes or has passed."""
    reminders.remind()
