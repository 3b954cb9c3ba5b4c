"""What the views share: what the person may know of; for others there is none."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from tcert.foundation.kernel.access import principal_of, require
from tcert.foundation.kernel.permissions import Permission
from tcert.response.requests.models import Exhibit, Request


def find(request: HttpRequest, asked_id: UUID, permission: Permission | None = None) -> Request:
    """Return a request of one of the person's teams (404), on which they may act so (403)."""
    principal = principal_of(request)
    found: Request = get_object_or_404(
        Request.objects.visible_to(principal).select_related(
            "authority__organisation", "addressee__organisation"
        ),
        pk=asked_id,
    )
    if permission is not None:
        require(principal, permission, found)
    return found


def find_exhibit(request: HttpRequest, exhibit_id: UUID) -> Exhibit:
    """Return what was handed over on a request of one of the person's teams (404)."""
    seen = Exhibit.objects.visible_to(principal_of(request))
    found: Exhibit = get_object_or_404(seen.select_related("request"), pk=exhibit_id)
    return found
