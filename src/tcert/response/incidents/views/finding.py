"""What the views share: what the person may know of; for others there is none."""

from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from tcert.foundation.kernel.access import principal_of, require
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.response.incidents import queries
from tcert.response.incidents.models import CaseLink, Incident, Indicator, Party, Task


def find(request: HttpRequest, incident_id: UUID) -> Incident:
    """Return an incident of which a team of the person was told (404)."""
    seen = Incident.objects.visible_to(principal_of(request))
    found: Incident = get_object_or_404(
        seen.select_related("reporter", "coordinator", "joined_to"), pk=incident_id
    )
    return found


def find_read(request: HttpRequest, incident_id: UUID) -> Incident:
    """Return an incident that a team of the person reads, and for which they speak (404, 403)."""
    principal = principal_of(request)
    found: Incident = get_object_or_404(Incident.objects.read_by(principal), pk=incident_id)
    require(principal, Permission.INCIDENTS_TAKE_PART, reading_row(found, principal))
    return found


def reading_row(incident: Incident, principal: Principal) -> Party:
    """Return the row for which a person acts in an incident that their team reads (404)."""
    own = queries.own_party(incident, principal)
    if own is None:
        raise Http404
    return own


def find_steered(request: HttpRequest, incident_id: UUID) -> Incident:
    """Return an incident that the person steers: 404 for who does not know it, 403 for others."""
    found = find(request, incident_id)
    require(principal_of(request), Permission.INCIDENTS_STEER, found)
    return found


def find_party(request: HttpRequest, party_id: UUID) -> Party:
    """Return a team in an incident that the person may know of (404)."""
    seen = Party.objects.visible_to(principal_of(request))
    found: Party = get_object_or_404(
        seen.select_related("incident__reporter", "team__organisation"), pk=party_id
    )
    return found


def find_task(request: HttpRequest, task_id: UUID) -> Task:
    """Return a task that the person may know of (404)."""
    seen = Task.objects.visible_to(principal_of(request))
    found: Task = get_object_or_404(seen.select_related("incident", "team"), pk=task_id)
    return found


def find_indicator(request: HttpRequest, indicator_id: UUID) -> Indicator:
    """Return an indicator that the person may see (404)."""
    seen = Indicator.objects.visible_to(principal_of(request))
    found: Indicator = get_object_or_404(seen.select_related("incident"), pk=indicator_id)
    return found


def find_link(request: HttpRequest, link_id: UUID) -> CaseLink:
    """Return a link to a case both ends of which the person sees (404)."""
    seen = CaseLink.objects.visible_to(principal_of(request))
    found: CaseLink = get_object_or_404(seen.select_related("incident"), pk=link_id)
    return found
