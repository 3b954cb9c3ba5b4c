"""The talks of the person's teams, and the teams whose talks they refuse."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.community.talks import origins, queries
from tcert.community.talks.models import Refusal
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission

PER_PAGE = 25


@require_safe
@page(Permission.TALKS_READ)
def own(request: HttpRequest) -> HttpResponse:
    """List the talks of the person's teams, the newest first."""
    principal = principal_of(request)
    shown = Paginator(queries.filtered(principal, request.GET), PER_PAGE).get_page(
        request.GET.get("page")
    )
    known = origins.of([one.talk for one in shown])
    lines = [
        (
            one,
            queries.turn_of(one),
            [known[one.talk_id].name] if one.talk_id in known else queries.others_of(one),
        )
        for one in shown
    ]
    context = {
        "lines": lines,
        "page": shown,
        "filtered": any(request.GET.get(name) for name in ("state", "turn", "team")),
        "may_open": allowed(principal, Permission.TALKS_OPEN),
        "may_refuse": allowed(principal, Permission.TALKS_REFUSE),
        "several": len(principal.acting_team_ids) > 1,
    }
    return render(request, "talks/list.html", context)


@require_safe
@page(Permission.TALKS_REFUSE)
def refused(request: HttpRequest) -> HttpResponse:
    """List the teams from which the person's teams take no talk."""
    own = Refusal.objects.visible_to(principal_of(request))
    shown = Paginator(own.select_related("team", "other__organisation"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "talks/refused.html", {"page": shown})
