"""The coordinators' list of teams for which fewer than two houses stand."""

import csv
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.membership import queries
from tcert.community.membership.domain import reviews
from tcert.community.membership.enums import Outcome
from tcert.community.membership.forms import MarkForm
from tcert.community.membership.models import Review
from tcert.community.membership.queries import Thin
from tcert.foundation.kernel.access import page, principal_of, require
from tcert.foundation.kernel.errors import AlreadyDone, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.answers import attachment, harmless, press

PER_PAGE = 50
PER_PORTION = 500
"""So many ids does every database take in one question."""


def _found(request: HttpRequest) -> list[UUID]:
    """Return the teams of the list as it is narrowed: those that fell, unless all are asked for."""
    principal = principal_of(request)
    if request.GET.get("show") == "all":
        return queries.thin_teams(principal)
    return queries.fallen_teams(principal)


@require_safe
@page(Permission.MEMBERSHIP_REVIEW)
def review(request: HttpRequest) -> HttpResponse:
    """List the teams with the marks of who has looked."""
    shown = Paginator(_found(request), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": shown,
        "rows": queries.thin(principal_of(request), list(shown)),
        "form": MarkForm(auto_id=False),
        "all": request.GET.get("show") == "all",
    }
    return render(request, "membership/review.html", context)


@require_safe
@page(Permission.MEMBERSHIP_REVIEW)
def export(request: HttpRequest) -> HttpResponse:
    """Write the same list as CSV."""
    response = attachment("", "teams-below-two.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(["team", "organisation", "houses", "below_since", "looked_at", "found"])
    found = _found(request)
    for start in range(0, len(found), PER_PORTION):
        for one in queries.thin(principal_of(request), found[start : start + PER_PORTION]):
            sheet.writerow(_row(one))
    return response


def _row(one: Thin) -> list[object]:
    names = map(harmless, [one.team.name, one.team.organisation.name])
    if one.review is None:
        return [*names, one.houses, "", "", ""]
    seen = one.review.seen_at.date().isoformat() if one.review.seen_at else ""
    opened = one.review.opened_at.date().isoformat()
    return [*names, one.houses, opened, seen, one.review.outcome]


@require_POST
@page(Permission.MEMBERSHIP_REVIEW)
def mark(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Say what was found about one team."""
    principal = principal_of(request)
    seen = Review.objects.visible_to(principal).select_related("team__organisation")
    found = get_object_or_404(seen, pk=review_id)
    require(principal, Permission.MEMBERSHIP_REVIEW, found)
    form = MarkForm(request.POST)
    press(request, lambda: _marked(principal, found, form), _("Noted."))
    return redirect("membership:review")


def _marked(principal: Principal, found: Review, form: MarkForm) -> None:
    if not form.is_valid():
        raise DomainError(_("Choose what you found."))
    if form.cleaned_data["shown"] != found.shown:
        raise AlreadyDone
    outcome = Outcome(form.cleaned_data["outcome"])
    reviews.mark(principal=principal, review=found, outcome=outcome)
