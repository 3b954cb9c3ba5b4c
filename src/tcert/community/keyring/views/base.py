"""What the keyring's views share: finding a key within rights."""

from uuid import UUID

from django.http import Http404, HttpRequest

from tcert.community.directory.views.base import team_for
from tcert.community.keyring import queries
from tcert.foundation.kernel.access import principal_of

LONGEST_FINGERPRINT = 64


def key_for(request: HttpRequest, pk: UUID, fingerprint: str) -> queries.Key:
    """Return a key of a team that the person sees; others do not exist."""
    team = team_for(request, pk)
    if not fingerprint.isalnum() or len(fingerprint) > LONGEST_FINGERPRINT:
        raise Http404
    found = queries.key_of(principal_of(request), team, fingerprint.upper())
    if found is None:
        raise Http404
    return found
