"""Search in the rooms that bring no provider of their own."""

from collections.abc import Iterator

from django.db.models import Q
from django.urls import reverse

from tcert.community.directory.models import Organisation, Team
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.finding import Found

_MOST = 20


def teams(principal: Principal, words: str) -> Iterator[Found]:
    """Find teams by their name or their organisation's."""
    named = (
        Q(name__icontains=words)
        | Q(organisation__name__icontains=words)
        | Q(organisation__short_name__icontains=words)
    )
    rows = Team.objects.visible_to(principal).filter(named).select_related("organisation")
    for team in rows[:_MOST]:
        yield Found(team.name, reverse("directory:team", args=[team.id]), team.organisation.name)


def organisations(principal: Principal, words: str) -> Iterator[Found]:
    """Find organisations by name."""
    named = Q(name__icontains=words) | Q(short_name__icontains=words)
    for body in Organisation.objects.visible_to(principal).filter(named)[:_MOST]:
        url = reverse("directory:organisation", args=[body.id])
        yield Found(body.name, url, body.get_kind_display())
