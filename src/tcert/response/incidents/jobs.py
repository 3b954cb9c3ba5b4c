"""Background work of incidents: notices, and deleting what is kept no longer."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from tcert.community.notices.domain.telling import notify_team
from tcert.foundation.kernel.jobs import every, job
from tcert.foundation.kernel.outbox import Event, subscribe
from tcert.response.incidents.domain import ending, working
from tcert.response.incidents.domain.holding import NOTICE, is_urgent
from tcert.response.incidents.enums import Standing
from tcert.response.incidents.models import Party


@subscribe(NOTICE, name="incidents:mail")
def mail(event: Event) -> None:
    """Tell the team of a row: in the same words whatever it is, without a number or another team.

    A severe incident that goes on does not wait for a digest, and rings at the address for nights.
    """
    party = Party.objects.select_related("incident").filter(pk=event.object_id).first()
    if party is None or party.standing not in Standing.told():
        return  # it left, or was taken out, before this could be sent
    words = _("Something is new for your team under incidents.")
    notify_team(
        party.team_id,
        subject=_("Incidents"),
        text=f"{words}\n\n{settings.BASE_URL}/incidents/\n",
        key=f"incidents:{event.id}",
        urgent=is_urgent(party.incident),
        about=party.incident_id,
    )


@every(timedelta(days=1), at=timedelta(hours=3), jitter=timedelta(hours=1))
@job("incidents:keep")
def keep() -> None:
    """Delete indicators whose day is over; tell of incidents that go soon; delete what is due."""
    working.expire()
    ending.warn()
    ending.delete_due()
