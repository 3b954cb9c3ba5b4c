"""Background work of joining: every hour what has come due is listed, every day clocks are kept."""

from datetime import timedelta
from uuid import UUID

from tcert.community.joining.domain import listing, tending
from tcert.community.joining.enums import State
from tcert.community.joining.models import Application
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.jobs import enqueue, every, job


@every(timedelta(hours=1), at=timedelta(minutes=20), jitter=timedelta(minutes=5))
@job("joining:look-after-listing")
def look_after_listing() -> None:
    """Start one job for each application that may go on by itself."""
    going = [State.SUBMITTED, State.SPONSORED, State.OBJECTIONS, State.LISTED]
    for application in Application.objects.filter(state__in=going).values_list("id", flat=True):
        enqueue(advance, application=application)


@job("joining:advance")
def advance(application: UUID) -> None:
    """List what is due; what the directory refuses waits for the desk, whose queue says so."""
    try:
        listing.advance(application)
    except (DomainError, Application.DoesNotExist):
        return


@every(timedelta(days=1), at=timedelta(hours=7), jitter=timedelta(hours=1))
@job("joining:look-after-clocks")
def look_after_clocks() -> None:
    """Start one job for each application."""
    for application in tending.to_tend():
        enqueue(tend, application=application)


@job("joining:tend")
def tend(application: UUID) -> None:
    """Remind, lapse, take up again or delete one application."""
    try:
        tending.tend(application)
    except Application.DoesNotExist:
        return
