"""What the views share: a talk that the person reads, a place for which they act."""

from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from tcert.community.directory.models import LISTED_TEAM
from tcert.community.talks.models import GOVERNED, Place, Talk
from tcert.community.talks.reading import Addresses
from tcert.foundation.kernel.access import principal_of


def with_places(talks: QuerySet[Talk]) -> QuerySet[Talk]:
    """Fetch talks with their threads, and with all places, their teams and who asked."""
    return talks.select_related("thread", "closed_by").prefetch_related(
        Prefetch("places", queryset=Place.objects.select_related("team__organisation", "asked_by"))
    )


def find_talk(request: HttpRequest, talk_id: UUID) -> Talk:
    """Return a talk that a team of the person reads; for everybody else there is none."""
    read = with_places(Talk.objects.read_by(principal_of(request)))
    found: Talk = get_object_or_404(read, pk=talk_id)
    return found


def find_place(request: HttpRequest, place_id: UUID) -> Place:
    """Return a place of a team of the person, which has not left; others do not exist."""
    own = Place.objects.filter(team__in=principal_of(request).acting_team_ids, left_on=None)
    own = own.filter(~Q(talk__about_kind__in=GOVERNED) | LISTED_TEAM)
    own = own.select_related("team__organisation", "asked_by").prefetch_related(
        Prefetch("talk", queryset=with_places(Talk.objects.all()))
    )
    found: Place = get_object_or_404(own, pk=place_id)
    return found


def addresses_of(talk_id: UUID) -> Addresses:
    """Return where a talk serves its messages."""
    return Addresses(
        message=lambda key: reverse("talks:message", args=[talk_id, key]),
        file=lambda key: reverse("talks:file", args=[talk_id, key]),
        unopened=lambda key: reverse("talks:unopened", args=[talk_id, key]),
    )
