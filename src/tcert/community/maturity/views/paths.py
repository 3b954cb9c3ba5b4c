"""The path by which a team is established, for its own people, and for coordinators the survey."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory.queries import desk_team
from tcert.community.directory.views.base import team_for
from tcert.community.maturity import queries
from tcert.community.maturity.domain import paths
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import press

PER_PAGE = 25


@require_safe
@page(Permission.MATURITY_PATH_READ)
def start(request: HttpRequest) -> HttpResponse:
    """List the person's teams with their paths, and how an organisation comes by a first team."""
    principal = principal_of(request)
    context = {
        "paths": queries.paths(list(queries.own_teams(principal))),
        "without": queries.organisations_without(principal),
        "desk": desk_team(),
        "may_survey": allowed(principal, Permission.MATURITY_PATHS_READ),
    }
    return render(request, "maturity/start.html", context)


@require_safe
@page(Permission.MATURITY_PATH_READ)
def path(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one team's path: what is done, what is missing, and where it is made."""
    team, principal = team_for(request, pk, Permission.MATURITY_PATH_READ), principal_of(request)
    found = queries.paths([team])[0]
    context = {
        "team": team,
        "path": found,
        "may_manage": allowed(principal, Permission.MATURITY_PATH_MANAGE, team),
        "may_change": allowed(principal, Permission.DIRECTORY_TEAM_MANAGE, team),
        "may_ask": allowed(principal, Permission.MATURITY_MENTOR_ASK, team),
        "pause": queries.paused_until(team),
    }
    return render(request, "maturity/path.html", context)


@require_POST
@page(Permission.MATURITY_PATH_MANAGE)
def put_away(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put the path away for 30 days."""
    team = team_for(request, pk, Permission.MATURITY_PATH_MANAGE)
    press(
        request,
        lambda: paths.put_away(principal=principal_of(request), team=team),
        _("Put away. My day shows the next step again in 30 days."),
    )
    return redirect("maturity:path", pk)


@require_POST
@page(Permission.MATURITY_PATH_MANAGE)
def take_up(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it up again."""
    team = team_for(request, pk, Permission.MATURITY_PATH_MANAGE)
    press(
        request,
        lambda: paths.take_up(principal=principal_of(request), team=team),
        _("My day shows the next step again."),
    )
    return redirect("maturity:path", pk)


@require_safe
@page(Permission.MATURITY_PATHS_READ)
def survey(request: HttpRequest) -> HttpResponse:
    """List organisations with how far their teams are; those without a response team first."""
    principal = principal_of(request)
    shows_all = request.GET.get("show") == "all"
    found = queries.surveyed(principal, only_without=not shows_all)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    by_organisation = queries.paths_of(principal, list(shown))
    rows = [(one, by_organisation[one.id]) for one in shown]
    context = {"page": shown, "rows": rows, "all": shows_all}
    return render(request, "maturity/survey.html", context)
