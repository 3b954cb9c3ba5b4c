"""An incident is made of a notification: the form of a report, filled in, looked at, confirmed."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission
from tcert.response.followups import making
from tcert.response.followups.domain import linking
from tcert.response.incidents.views.reporting import reported
from tcert.response.notifications.views.finding import find


@read_or_send
@page(Permission.INCIDENTS_REPORT)
def make(request: HttpRequest, notification_id: UUID) -> HttpResponse:
    """Make an incident of a notification that the person's team sent or was told of."""
    principal, found = principal_of(request), find(request, notification_id)
    teams = making.teams_for(principal, found)
    team = next((one for one in teams if one.pk == principal.acting_team_id), teams.first())
    if team is None:
        raise Http404
    return reported(
        request,
        teams,
        making.first_values(found, team),
        lambda made: linking.tie(principal=principal, notification=found, incident=made),
    )
