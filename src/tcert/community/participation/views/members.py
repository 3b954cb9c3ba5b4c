"""How everybody stands, in one word each: what all members read of each other."""

import csv
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.community.directory import searching
from tcert.community.directory.models import Organisation
from tcert.community.participation import queries
from tcert.community.participation.forms import NarrowForm
from tcert.community.participation.models import Office
from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment, harmless

PER_PAGE = 50
ORDERS = {
    "name": ("name", "id"),
    "-name": ("-name", "id"),
    "kind": ("kind", "name", "id"),
    "-kind": ("-kind", "name", "id"),
    "standing": (F("standing_snapshot__shown").asc(nulls_last=True), "name", "id"),
    "-standing": (F("standing_snapshot__shown").desc(nulls_last=True), "name", "id"),
}


def _found(request: HttpRequest) -> tuple[NarrowForm, QuerySet[Organisation]]:
    """Return the filters and what they leave; by standing they go by the last night's look."""
    form = NarrowForm(request.GET)
    form.is_valid()
    values = form.cleaned_data
    wanted = searching.Wanted(text=values.get("q", ""), kind=values.get("kind", ""))
    seen = searching.organisations(principal_of(request), wanted)
    found = seen & queries.members()
    if values.get("standing"):
        found = found.filter(standing_snapshot__shown=values["standing"])
    order: Any = ORDERS.get(request.GET.get("sort", ""), ORDERS["name"])
    return form, found.order_by(*order)


def _rows(organisations: list[Organisation]) -> list[dict[str, Any]]:
    """Return each with its standing of this moment."""
    found = queries.words(organisations, clock.today())
    return [{"organisation": one, "shown": found[one.id]} for one in organisations]


@require_safe
@page(Permission.PARTICIPATION_STANDINGS_READ)
def standings(request: HttpRequest) -> HttpResponse:
    """List the organisations with how they stand."""
    form, found = _found(request)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": shown,
        "rows": _rows(list(shown)),
        "narrowed": any(form.cleaned_data.values()),
        "by_standing": bool(form.cleaned_data.get("standing"))
        or "standing" in request.GET.get("sort", ""),
        "looked": queries.last_look(),
        "query": request.GET.urlencode(),
    }
    return render(request, "participation/standings.html", context)


@require_safe
@page(Permission.PARTICIPATION_STANDINGS_READ)
def export(request: HttpRequest) -> HttpResponse:
    """Write the same list as CSV."""
    _form, found = _found(request)
    response = attachment("", "standings.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(["organisation", "kind", "country", "standing", "on"])
    today = clock.today()
    ids: list[UUID] = list(found.values_list("id", flat=True))
    for portion in queries.in_portions(ids):
        for row in _rows(portion):
            one = row["organisation"]
            cells = map(harmless, [one.name, one.kind, one.country])
            sheet.writerow([*cells, str(row["shown"]), today.isoformat()])
    return response


@require_safe
@page(Permission.PARTICIPATION_STANDINGS_READ)
def offices(request: HttpRequest) -> HttpResponse:
    """List the offices that are held, and on request those that were."""
    principal, every = principal_of(request), request.GET.get("show") == "all"
    seen = Office.objects.visible_to(principal).select_related("organisation")
    if not every:
        seen = seen.exclude(last__lt=clock.today())
    shown = Paginator(seen, PER_PAGE).get_page(request.GET.get("page"))
    people = queries.names(one.person for one in shown)
    rows = [{"office": one, "person": people.get(one.person)} for one in shown]
    may_manage = allowed(principal, Permission.PARTICIPATION_MANAGE)
    context = {"page": shown, "rows": rows, "all": every, "may_manage": may_manage}
    return render(request, "participation/offices.html", context)
