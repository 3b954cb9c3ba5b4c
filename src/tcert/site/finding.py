"""Search in the rooms that bring no provider of their own."""

from collections.abc import Iterator

from django.urls import reverse

from tcert.community.directory import searching
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.finding import Found

_MOST = 20


def teams(principal: Principal, words: str) -> Iterator[Found]:
    """Find teams by their name or their organisation's, as `find a team` does."""
    rows = searching.teams_named(principal, words).select_related("organisation")
    for team in rows[:_MOST]:
        yield Found(team.name, reverse("directory:team", args=[team.id]), team.organisation.name)


def organisations(principal: Principal, words: str) -> Iterator[Found]:
    """Find organisations by name, or by that of a team."""
    found = searching.organisations(principal, searching.Wanted(text=words))
    for body in found[:_MOST]:
        url = reverse("directory:organisation", args=[body.id])
        yield Found(body.name, url, body.get_kind_display())
