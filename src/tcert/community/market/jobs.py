"""Background work of the marketplace: notices, ends, reminders, and the weekly look at matches."""

from datetime import timedelta
from uuid import UUID

from tcert.community.market.domain import ageing, telling
from tcert.community.market.domain.holding import NOTICE
from tcert.community.market.enums import What
from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.kernel.outbox import Event, subscribe


@subscribe(NOTICE, name="market:mail")
def mail(event: Event) -> None:
    """Mail one team that something waits for it."""
    team_id, what = UUID(str(event.data["team"])), What(str(event.data["what"]))
    telling.tell(team_id, what, key=str(event.id))


@every(timedelta(days=1), at=timedelta(minutes=20), jitter=timedelta(hours=1))
@job("market:age")
def age() -> None:
    """End what is over, remind of what ends soon, forget what is long over."""
    ageing.expire()
    ageing.lapse()
    ageing.remind()
    ageing.forget()


@every(timedelta(days=7), at=timedelta(hours=6), jitter=timedelta(hours=1))
@job("market:matches")
def tell_of_matches() -> None:
    """Tell teams that asked for it, once a week, that something new fits."""
    ageing.tell_of_matches()
