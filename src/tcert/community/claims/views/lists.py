"""Claims in lists: of one organisation, of the person's, and those that wait for the desk."""

import csv
from datetime import timedelta
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tcert.community.claims import csvfile, queries
from tcert.community.claims.models import KINDS, STATES, Batch, Claim
from tcert.community.claims.views.base import PER_PAGE, organisation_for
from tcert.community.directory.models import Organisation
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.text import searched
from tcert.foundation.ui.answers import attachment, harmless

_SHOWN = {"overlaps", "ending", "all"}


@require_safe
@page(Permission.CLAIMS_READ)
def index(request: HttpRequest) -> HttpResponse:
    """The organisations whose claims the person looks after; a single one is opened at once."""
    principal = principal_of(request)
    visible = Organisation.objects.visible_to(principal)
    asked = list(queries.asked_for_word(principal)[: queries.MOST_SHOWN])
    if not principal.is_coordinator:
        own = principal.listed_organisation_ids
        if len(own) == 1 and not asked:
            return redirect("claims:of_organisation", *own)
        visible = visible.filter(id__in=own)
    query = searched(request.GET, "q")
    if query:
        visible = visible.filter(name__icontains=query)
    shown = Paginator(visible, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "claims/index.html", {"page": shown, "query": query, "asked": asked})


@require_safe
@page(Permission.CLAIMS_READ)
def of_organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """The claims of one organisation that the person may see, filtered and in pages."""
    organisation, principal = organisation_for(request, organisation_id), principal_of(request)
    own = principal.is_coordinator or organisation.id in principal.listed_organisation_ids
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    kind = kind if kind in KINDS else ""
    state = state if state in STATES or state in _SHOWN else ""
    text = searched(request.GET, "q")
    found = queries.narrowed(
        principal, organisation_id=organisation.id, kind=kind, state=state, text=text
    )
    context = {
        "organisation": organisation,
        "page": Paginator(found.defer("evidence"), PER_PAGE).get_page(request.GET.get("page")),
        "kinds": KINDS.items(),
        "states": STATES.items(),
        "kind": kind,
        "state": state,
        "query": text,
        "own": own,
        "narrowed": bool(kind or state or text),
        "may_manage": allowed(principal, Permission.CLAIMS_MANAGE, organisation),
        "batches": Batch.objects.visible_to(principal).filter(organisation=organisation)[:5],
    }
    return render(request, "claims/of_organisation.html", context)


@require_safe
@page(Permission.CLAIMS_READ)
def export(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """The claims that count, as CSV with the columns of the template; evidence for its holder."""
    organisation, principal = organisation_for(request, organisation_id), principal_of(request)
    own = principal.is_coordinator or organisation.id in principal.listed_organisation_ids
    response = attachment("", "claims.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(csvfile.COLUMNS)
    found = queries.narrowed(principal, organisation_id=organisation.id)
    for claim in found.iterator(chunk_size=2_000):
        sheet.writerow(_row(claim, own=own))
    return response


def _row(claim: Claim, *, own: bool) -> list[str]:
    until = claim.valid_until and claim.valid_until - timedelta(days=1)
    return [
        claim.kind,
        harmless(claim.value),
        harmless(claim.evidence) if own else "",
        claim.tlp,
        ("yes" if claim.is_findable else "no") if own else "",
        claim.valid_from.date().isoformat(),
        until.date().isoformat() if until else "",
    ]


@require_safe
@page(Permission.CLAIMS_READ)
def template(_request: HttpRequest) -> HttpResponse:
    """A file to fill in: the columns, a few examples, and every kind."""
    response = attachment("", "claims-template.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(csvfile.COLUMNS)
    for row in csvfile.EXAMPLES:
        sheet.writerow([harmless(cell) for cell in row])
    return response


@require_safe
@page(Permission.CLAIMS_VERIFY)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a coordinator: claims to verify, or that overlap, and disputes."""
    principal = principal_of(request)
    overlapping = request.GET.get("show") == "overlaps"
    found = (
        Claim.objects.visible_to(principal)
        .counting()
        .exclude(overlapped_at=None)
        .select_related("organisation")
        .order_by("-overlapped_at", "id")
        if overlapping
        else queries.to_verify(principal)
    )
    context = {
        "page": Paginator(found.defer("evidence"), PER_PAGE).get_page(request.GET.get("page")),
        "disputes": list(queries.disputed(principal)[: queries.MOST_SHOWN]),
        "overlapping": overlapping,
    }
    return render(request, "claims/queue.html", context)
