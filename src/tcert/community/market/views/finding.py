"""What the views share: an entry that the person sees, and one that is their own team's."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from tcert.community.directory.views.base import attempt
from tcert.community.market import queries
from tcert.community.market.models import Entry
from tcert.foundation.kernel.access import principal_of, require
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.permissions import Permission

T = TypeVar("T")


def find_entry(request: HttpRequest, entry_id: UUID) -> Entry:
    """Return an entry that the person sees; for everybody else there is none."""
    seen = Entry.objects.visible_to(principal_of(request))
    found: Entry = get_object_or_404(
        queries.with_teams(seen).prefetch_related("claims"), pk=entry_id
    )
    return found


def find_own(request: HttpRequest, entry_id: UUID) -> Entry:
    """Return an entry of a team of the person, who may act on it.

    To all others there is none (404): 403 would tell whose an unnamed need is not.
    """
    principal = principal_of(request)
    own = queries.with_teams(Entry.objects.own(principal))
    found: Entry = get_object_or_404(own, pk=entry_id)
    require(principal, Permission.MARKET_MANAGE, found.team)
    return found


def attempt_by_field(form: Any, act: Callable[[], T]) -> T | None:
    """Run an act as `attempt` does; a refusal whose code is a field's name stands at that field."""
    if not form.is_valid():
        return None
    try:
        return act()
    except DomainError as error:
        refused = error

    def again() -> T:
        raise refused

    return attempt(form, again, refused.code if refused.code in form.fields else "")
