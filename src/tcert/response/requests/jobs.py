"""Background work of requests: notices, ends, warnings, deletion."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.kernel.outbox import Event, subscribe
from tcert.response.requests.domain import ending
from tcert.response.requests.domain.holding import NOTICE
from tcert.response.requests.models import Request


@subscribe(NOTICE, name="requests:mail")
def mail(event: Event) -> None:
    """Tell a team: in the same words whatever it is, without a number, a kind or another team.

    Where a life is said to be in danger it does not wait for a digest.
    """
    found = Request.objects.filter(pk=event.object_id).first()
    if found is None:
        return  # it was deleted before this could be sent
    words = _("Something is new for your team under requests.")
    notify_team(
        UUID(event.data["team"]),
        subject=_("Requests"),
        text=f"{words}\n\n{settings.BASE_URL}/requests/\n",
        key=f"requests:{event.id}",
        urgent=found.is_urgent,
        about=found.id,
    )


@every(timedelta(hours=6), at=timedelta(minutes=20), jitter=timedelta(minutes=10))
@job("requests:keep")
def keep() -> None:
    """End what both teams left alone, tell them what is deleted soon, delete what is due."""
    ending.end_silent()
    ending.warn()
    ending.delete_due()
