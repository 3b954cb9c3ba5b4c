"""The groups of the person's teams, and the open ones."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.community.groups import queries
from tcert.community.groups.models import OBJECT_WITHIN, TOLD_WHY, Seat, own_team_ids
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.text import searched

PER_PAGE = 25


@require_safe
@page(Permission.GROUPS_READ)
def groups(request: HttpRequest) -> HttpResponse:
    """List one's own groups, then the open ones; a coordinator reads how many others there are."""
    principal = principal_of(request)
    query = searched(request.GET, "q")
    own = queries.own_groups(principal)
    shown = Paginator(queries.open_groups(principal, query), PER_PAGE).get_page(
        request.GET.get("page")
    )
    counts = queries.count_members([group for group, _seat in own] + list(shown))
    over = Seat.objects.visible_to(principal).filter(
        team__in=own_team_ids(principal),
        state__in=TOLD_WHY,
        ended_at__gt=clock.now() - OBJECT_WITHIN,
    )
    context = {
        "own": [(group, seat, counts.get(group.id, 0)) for group, seat in own],
        "page": shown,
        "open": [(group, counts.get(group.id, 0)) for group in shown],
        "query": query,
        "over": over.select_related("team"),
        "has_team": bool(own_team_ids(principal)),
        "several": len(own_team_ids(principal)) > 1,
        "may_found": allowed(principal, Permission.GROUPS_FOUND),
        "confidential": queries.count_confidential() if principal.is_coordinator else None,
    }
    return render(request, "groups/list.html", context)
