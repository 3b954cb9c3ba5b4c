"""Home, my day, search, and the founding of the hub."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tcert.community.accounts.enums import LinkKind
from tcert.community.accounts.views import carried_link, sign_in_newcomer
from tcert.community.directory.models import Team
from tcert.community.directory.queries import led_teams
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.errors import DomainError
from tcert.foundation.kernel.pages import PageKind
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.text import searched
from tcert.foundation.ui.finding import find
from tcert.foundation.ui.waiting import waiting_for
from tcert.site.forms import SetUpForm
from tcert.site.founding import found_hub
from tcert.site.principal import ACTING_TEAM


@page(Permission.SITE_PUBLIC)
def home(request: HttpRequest) -> HttpResponse:
    """Show what the hub is for and where to begin."""
    return render(request, "site/home.html")


@page(Permission.ACCOUNTS_OWN_MANAGE)
def my_day(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person, and for which team they act."""
    principal = principal_of(request)
    led = list(led_teams(principal))  # asked by what waits as well, so it is asked once
    others = Team.objects.filter(id__in=principal.team_ids - {team.id for team in led})
    teams = sorted(
        [*led, *others.select_related("organisation")],
        key=lambda team: (team.organisation.name, team.name),
    )
    return render(
        request,
        "site/my_day.html",
        {
            "waiting": waiting_for(principal),
            "teams": teams,
            "acting": next((t for t in teams if t.id == principal.acting_team_id), None),
        },
    )


@page(Permission.SITE_MEMBER)
@require_POST
def acting_team(request: HttpRequest) -> HttpResponse:
    """Choose the team for which a person in several acts from now on in this browser."""
    principal = principal_of(request)
    chosen = request.POST.get("team", "")
    if chosen not in {str(team) for team in principal.team_ids}:
        messages.error(request, _("You do not belong to that team."))
    else:
        request.session[ACTING_TEAM] = chosen
        messages.success(request, _("You act for this team now."))
    return redirect("site:my_day")


@page(Permission.SITE_PUBLIC)
def search(request: HttpRequest) -> HttpResponse:
    """Search the readable fields that the viewer may see."""
    principal = principal_of(request)
    words = searched(request.GET, "q")
    return render(request, "site/search.html", {"words": words, "sections": find(principal, words)})


@page(Permission.SITE_PUBLIC, kind=PageKind.SIGN_IN)
@sensitive_post_parameters("passphrase", "again")
def set_up(request: HttpRequest) -> HttpResponse:
    """Found the hub with the set-up link: first coordinator, organisation, desk."""
    link = carried_link(request, LinkKind.SET_UP)
    if link is None:
        return redirect("accounts:start")
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            person = found_hub(
                link=link,
                name=data["name"],
                email=data["email"],
                passphrase=data["passphrase"],
                organisation=data["organisation"],
                desk=data["desk"],
            )
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            return sign_in_newcomer(request, person)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "site/set_up.html", {"form": form}, status=status)
