"""What was changed about a team, as members read it."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.community.accounts.models import Person
from tcert.community.directory.models import TeamChange
from tcert.community.directory.views.base import team_for
from tcert.foundation.kernel.access import lead_to_sign_in, page, principal_of
from tcert.foundation.kernel.permissions import Permission

PER_PAGE = 50


@require_safe
@page(Permission.DIRECTORY_READ)
def history(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Show every change of a team, the newest first; a stranger is asked to sign in."""
    team = team_for(request, pk)
    principal = principal_of(request)
    if not principal.is_person:
        return lead_to_sign_in(request)
    if not principal.is_member and team.id not in principal.team_ids:
        raise Http404
    changes = TeamChange.objects.visible_to(principal).filter(team=team)
    shown = Paginator(changes, PER_PAGE).get_page(request.GET.get("page"))
    people = Person.objects.in_bulk({one.by for one in shown if one.by})
    context = {
        "team": team,
        "page": shown,
        "rows": [(one, people.get(one.by) if one.by else None) for one in shown],
    }
    return render(request, "directory/history.html", context)
