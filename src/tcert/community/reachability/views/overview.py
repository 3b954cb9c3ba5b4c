"""The coordinators' list of teams that are not reached, and a drill set off by hand."""

import csv
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tcert.community.directory.models import Team
from tcert.community.directory.views.base import attempt, status_of, team_for
from tcert.community.reachability import queries
from tcert.community.reachability.domain import drills
from tcert.community.reachability.forms import StartForm
from tcert.community.reachability.models import RESULTS, usual_minutes
from tcert.foundation.kernel.access import page, principal_of, read_or_send
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment, harmless

PER_PAGE = 50
SHOWN = {
    "": gettext_lazy("All teams"),
    "mail": gettext_lazy("Mail does not arrive"),
    "drills": gettext_lazy("Late or not answered"),
    "undrilled": gettext_lazy("Not drilled"),
}


def _found(request: HttpRequest) -> QuerySet[Team]:
    return queries.overview(principal_of(request), request.GET.get("show", ""))


@require_safe
@page(Permission.REACHABILITY_DRILL_START)
def overview(request: HttpRequest) -> HttpResponse:
    """List teams with their last drill and whether mail arrives."""
    shown = Paginator(_found(request), PER_PAGE).get_page(request.GET.get("page"))
    chosen = request.GET.get("show", "")
    context = {
        "page": shown,
        "results": RESULTS,
        "show": chosen if chosen in SHOWN else "",
        "choices": SHOWN.items(),
    }
    return render(request, "reachability/overview.html", context)


@require_safe
@page(Permission.REACHABILITY_DRILL_START)
def export(request: HttpRequest) -> HttpResponse:
    """Write the same list as CSV."""
    response = attachment("", "reachability.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(["team", "organisation", "contact", "mail_arrives", "drilled_on", "result"])
    for team in _found(request).iterator(chunk_size=500):
        names = map(harmless, [team.name, team.organisation.name])
        contact = "yes" if team.has_contact else "no"  # type: ignore[attr-defined]
        arrives = "no" if team.has_trouble else "yes"  # type: ignore[attr-defined]
        at = team.drilled_at  # type: ignore[attr-defined]
        day = at.date().isoformat() if at else ""
        sheet.writerow([*names, contact, arrives, day, team.drill_result or ""])  # type: ignore[attr-defined]
    return response


@read_or_send
@page(Permission.REACHABILITY_DRILL_START)
def start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set a drill of one team off, after its name was typed."""
    found = team_for(request, pk, Permission.REACHABILITY_DRILL_START)
    form = StartForm(request.POST or None)
    made = attempt(
        form,
        lambda: drills.start_by_hand(
            principal=principal_of(request),
            team=found,
            reason=form.cleaned_data["reason"],
            confirmed_name=form.cleaned_data["confirm_name"],
        ),
    )
    if made:
        messages.success(request, _("The drill is on its way."))
        return redirect("reachability:team", pk)
    context = {"team": found, "form": form, "minutes": usual_minutes()}
    return render(request, "reachability/start.html", context, status=status_of(form))
