"""What coordinators see of all operators: who takes part, and how old the confirmations are."""

import csv

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.community.directory.models import Organisation
from tcert.community.responsibility import queries
from tcert.community.responsibility.domains import domains
from tcert.community.responsibility.inside import is_inside
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.ui.answers import attachment, harmless

PER_PAGE = 50


def _takes_part(one: Organisation) -> bool:
    return getattr(one, "responsibility", None) is not None


def _row(principal: Principal, one: Organisation) -> dict[str, object]:
    """Return what is told of one operator; of a tied one only whether it takes part."""
    return {
        "organisation": one,
        "takes_part": _takes_part(one),
        "is_tied": not is_inside(principal, one.id),
    }


@require_safe
@page(Permission.RESPONSIBILITY_REVIEW)
def operators(request: HttpRequest) -> HttpResponse:
    """List the operators, without names and numbers."""
    principal, every = principal_of(request), request.GET.get("show") == "all"
    found = queries.operators(principal, all_kinds=every)
    shown = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": shown,
        "rows": [_row(principal, one) for one in shown],
        "all": every,
        "most": len(domains()),
    }
    return render(request, "responsibility/operators.html", context)


@require_safe
@page(Permission.RESPONSIBILITY_REVIEW)
def export(request: HttpRequest) -> HttpResponse:
    """Write the same list as CSV."""
    principal, every = principal_of(request), request.GET.get("show") == "all"
    response = attachment("", "responsibility-operators.csv", "text/csv; charset=utf-8")
    writer = csv.writer(response)
    writer.writerow(["organisation", "kind", "takes_part", "confirmed", "oldest"])
    for one in queries.operators(principal, all_kinds=every):
        told = [harmless(one.name), one.kind, "yes" if _takes_part(one) else "no"]
        if not _takes_part(one) or not is_inside(principal, one.id):
            writer.writerow([*told, "", ""])
            continue
        counted = one.__dict__
        oldest = counted["oldest"].date().isoformat() if counted["oldest"] else ""
        writer.writerow([*told, counted["confirmed"], oldest])
    return response
