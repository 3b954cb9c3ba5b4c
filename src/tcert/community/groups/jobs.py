"""Background work of sharing groups: notices, and what time does."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from tcert.community.groups.domain import keeping
from tcert.community.groups.domain.holding import NOTICE
from tcert.community.groups.models import Seat
from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.kernel.outbox import Event, subscribe


@subscribe(NOTICE, name="groups:mail")
def mail(event: Event) -> None:
    """Tell the team of a seat: in the same words whatever it is, without a group or another team.

    That a mail comes says no more than that the hub has sharing groups.
    """
    team_id = Seat.objects.filter(pk=event.object_id).values_list("team_id", flat=True).first()
    if team_id is None:
        return
    words = _("Something is new for your team under sharing groups.")
    notify_team(
        team_id,
        subject=_("Sharing groups"),
        text=f"{words}\n\n{settings.BASE_URL}/groups/\n",
        key=f"groups:{event.id}",
    )


@every(timedelta(days=1), at=timedelta(hours=3), jitter=timedelta(hours=1))
@job("groups:keep")
def keep() -> None:
    """End what nobody answered, let seats rest, wake and lapse; delete what is closed or empty."""
    keeping.expire()
    keeping.rest()
    keeping.delete_empty()
    keeping.delete_closed()
