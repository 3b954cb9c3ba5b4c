"""What feed keys do by themselves: they end."""

from datetime import timedelta

from tcert.community.accounts.domain.people import ACCOUNT_CLOSED, LET_IN_AGAIN
from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.kernel.outbox import Event, subscribe
from tcert.response.feedkeys.domain import keys


@subscribe(ACCOUNT_CLOSED, name="feedkeys:end")
def end_of_closed_account(event: Event) -> None:
    """Whose account is closed has no program that reads, and opening it again brings none back."""
    keys.end_all(event.object_id, "closed")


@subscribe(LET_IN_AGAIN, name="feedkeys:end-of-factors")
def end_with_factors(event: Event) -> None:
    """Whose second factors were removed starts anew: a key made by who had them is no key."""
    keys.end_all(event.object_id, "factors")


@every(timedelta(days=1), at=timedelta(hours=3, minutes=30), jitter=timedelta(minutes=30))
@job("feedkeys:sweep")
def sweep() -> None:
    """Remove keys that count no more."""
    keys.sweep()
