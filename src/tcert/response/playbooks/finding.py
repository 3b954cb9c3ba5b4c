"""Playbooks in the search of the hub: the same for everybody."""

from collections.abc import Iterator

from django.urls import reverse

from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.finding import Found
from tcert.response.playbooks import library


def found(_principal: Principal, words: str) -> Iterator[Found]:
    """Find playbooks by title, summary and signs."""
    for one in library.searched_for(words):
        yield Found(one.title, reverse("playbooks:playbook", args=[one.slug]), one.summary)
