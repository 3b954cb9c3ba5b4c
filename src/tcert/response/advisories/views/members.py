"""The folder for members: what is TLP:GREEN, for their browsers and for programs with a feed key.

A stranger is answered alike for what is there and for what is not. Nothing here may be kept by a
cache, and there is no validator, no listing and no `index.txt`: the ROLIE feed tells all.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.response.advisories import provider, queries
from tcert.response.advisories.challenge import ask_for_key
from tcert.response.advisories.models import Release
from tcert.response.advisories.views.feeds import category_bytes, rolie_bytes
from tcert.response.advisories.views.files import JSON, answer, file_of, private

_for_members = page(Permission.ADVISORIES_MEMBERS_READ, stranger=ask_for_key)


@_for_members
@require_safe
def rolie_feed(request: HttpRequest) -> HttpResponse:
    """`csaf-feed-tlp-green.json`: every document for members in one ROLIE feed."""
    releases = queries.members_list(principal_of(request))
    return private(answer(rolie_bytes(releases, provider.MEMBERS), JSON))


@_for_members
@require_safe
def rolie_categories(request: HttpRequest) -> HttpResponse:
    """`category-green.json`: the vendors and products that documents for members speak of."""
    releases = Release.objects.for_members(principal_of(request))
    return private(answer(category_bytes(releases), JSON))


@_for_members
@require_safe
def document(request: HttpRequest, year: int, name: str, suffix: str = "") -> HttpResponse:
    """A document for members, or the hash or signature beside it."""
    found = Release.objects.for_members(principal_of(request))
    release = found.filter(year=year, file_name=name).first()
    if release is None:
        raise Http404
    return private(file_of(release, suffix))
