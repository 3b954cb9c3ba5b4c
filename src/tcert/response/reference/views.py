"""Reference data as members read it, and what coordinators do with it."""

import csv
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tcert.community.directory import searching
from tcert.community.directory.enums import OrganisationState
from tcert.community.directory.models import Organisation
from tcert.community.directory.views.base import attempt, status_of
from tcert.foundation.kernel.access import allowed, page, principal_of, read_or_send
from tcert.foundation.kernel.errors import Conflict, DomainError
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.principal import Principal
from tcert.foundation.kernel.text import searched
from tcert.foundation.ui.answers import attachment, harmless, incomplete, press
from tcert.response.reference import calling_codes as codes
from tcert.response.reference import comparing, packaged, queries
from tcert.response.reference.domain import taking, tying
from tcert.response.reference.enums import Source, Use
from tcert.response.reference.forms import NetworkFilter, OperatorFilter, TieForm
from tcert.response.reference.models import SOURCES, Edition, Network, Tie

PER_PAGE = 50
MOST_CANDIDATES = 20
COLUMNS = (
    *("plmn", "country_code", "country", "operator", "brand", "status", "use", "note"),
    *("source", "version", "taken_on", "licence"),
)


@require_safe
@page(Permission.REFERENCE_READ)
def networks(request: HttpRequest) -> HttpResponse:
    """The list of network codes, narrowed and in pages."""
    principal = principal_of(request)
    form, wanted = _wanted(request)
    shown = Paginator(queries.narrowed(principal, wanted), PER_PAGE)
    here = shown.get_page(request.GET.get("page"))
    tied = queries.tied_to(principal, {one.operator for one in here})
    context = {
        "form": form,
        "page": here,
        "rows": [(one, tied.get((one.operator, one.country_code))) for one in here],
        "query": urlencode({k: v for k, v in form.cleaned_data.items() if v}),
        "narrowed": any(form.cleaned_data.values()),
        "current": Edition.objects.current(Source.NETWORKS),
        "may_tie": allowed(principal, Permission.REFERENCE_TIE),
    }
    return render(request, "reference/networks.html", context)


def _wanted(request: HttpRequest) -> tuple[NetworkFilter, queries.Wanted]:
    typed = {name: searched(request.GET, name) for name in ("q", "country", "status")}
    form = NetworkFilter(typed)
    form.is_valid()
    for name in form.errors:
        form.cleaned_data[name] = ""
    found = form.cleaned_data
    return form, queries.Wanted(found["q"], found["country"], found["status"])


@require_safe
@page(Permission.REFERENCE_READ)
def networks_csv(request: HttpRequest) -> HttpResponse:
    """The same rows as CSV, each with source, day and licence."""
    _form, wanted = _wanted(request)
    response = attachment("", "networks.csv", "text/csv; charset=utf-8")
    sheet = csv.writer(response)
    sheet.writerow(COLUMNS)
    for one in queries.narrowed(principal_of(request), wanted).iterator(chunk_size=2_000):
        sheet.writerow([harmless(cell) for cell in _cells(one)])
    return response


def _cells(one: Network) -> list[str]:
    edition = one.edition
    return [
        *(getattr(one, name) for name in COLUMNS[:8]),
        edition.source,
        edition.version,
        edition.taken_at.date().isoformat(),
        edition.licence,
    ]


@require_safe
@page(Permission.REFERENCE_READ)
def calling_codes(request: HttpRequest) -> HttpResponse:
    """Country calling codes and their regions."""
    context = {
        "codes": codes.calling_codes(),
        "source": codes.SOURCE,
        "licence": codes.LICENCE,
    }
    return render(request, "reference/calling_codes.html", context)


@require_safe
@page(Permission.REFERENCE_READ)
def sources(request: HttpRequest) -> HttpResponse:
    """Which lists stand here, since when, and the versions before."""
    principal = principal_of(request)
    current = Edition.objects.current(Source.NETWORKS)
    context = {
        "current": [(label, Edition.objects.current(s)) for s, label in SOURCES.items()],
        "addresses": Edition.objects.current(Source.ADDRESSES),
        "page": Paginator(
            Edition.objects.visible_to(principal).defer("changes", "aside"), PER_PAGE
        ).get_page(request.GET.get("page")),
        "calling_codes": codes.SOURCE,
        "calling_codes_count": len(codes.calling_codes()),
        "calling_codes_licence": codes.LICENCE,
        "newer": packaged.newer_than(current.version) if current else None,
        "may_refresh": allowed(principal, Permission.REFERENCE_REFRESH),
    }
    return render(request, "reference/sources.html", context)


@require_safe
@page(Permission.REFERENCE_READ)
def edition(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """What one version changed when it was taken."""
    seen = Edition.objects.visible_to(principal_of(request))
    found: Edition = get_object_or_404(seen, pk=edition_id)
    changes = comparing.unpacked(found.changes)
    context = {
        "edition": found,
        "page": Paginator(changes, PER_PAGE).get_page(request.GET.get("page")),
        "counts": found.counts,
    }
    return render(request, "reference/edition.html", context)


@read_or_send
@page(Permission.REFERENCE_REFRESH)
def refresh(request: HttpRequest) -> HttpResponse:
    """Show what the list that set-up brought would change; take it as it was shown."""
    principal = principal_of(request)
    try:
        proposal = taking.propose_packaged()
    except DomainError as error:
        refused = {"problem": error.message}
        return render(request, "reference/refresh.html", refused, status=error.status)
    if request.method == "POST":
        taken = _taken(request, principal, proposal)
        return redirect("reference:edition", taken) if taken else redirect("reference:refresh")
    changes = proposal.changes if proposal and proposal.known else ()
    context = {
        "proposal": proposal,
        "page": Paginator(changes, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "reference/refresh.html", context)


def _taken(
    request: HttpRequest, principal: Principal, proposal: taking.Proposal | None
) -> UUID | None:
    """Take what the page showed; what changed since is shown anew."""
    try:
        found = _take_as_shown(principal, proposal, request.POST.get("shown", ""))
    except DomainError as error:
        messages.error(request, str(error.message))
        return None
    messages.success(request, _("Taken. What it changed stands here."))
    return found.id


def _take_as_shown(principal: Principal, proposal: taking.Proposal | None, shown: str) -> Edition:
    if proposal is None or not shown:
        raise incomplete()
    if shown != proposal.mark:
        raise Conflict(_("The list has changed since this page was made: look again."))
    return taking.take(principal=principal, proposal=proposal)


@require_safe
@page(Permission.REFERENCE_TIE)
def operators(request: HttpRequest) -> HttpResponse:
    """Operators of the list, and the organisations that they are."""
    principal = principal_of(request)
    typed = {name: searched(request.GET, name) for name in ("q", "show")}
    form = OperatorFilter(typed)
    form.is_valid()
    for name in form.errors:
        form.cleaned_data[name] = ""
    found = form.cleaned_data
    shown = Paginator(queries.operators(found["q"], only_tied=bool(found["show"])), PER_PAGE)
    here = shown.get_page(request.GET.get("page"))
    tied = queries.tied_to(principal, {one["operator"] for one in here})
    ids = queries.rows_of({one["operator"] for one in here})
    keys = [(one["operator"], one["country_code"]) for one in here]
    rows = [(one, tied.get(key), ids[key]) for one, key in zip(here, keys, strict=True)]
    context = {"form": form, "page": here, "rows": rows, "narrowed": any(found.values())}
    return render(request, "reference/operators.html", context)


@read_or_send
@page(Permission.REFERENCE_TIE)
def operator(request: HttpRequest, network_id: UUID) -> HttpResponse:
    """Show an operator beside organisations that bear its name, or are looked for; tie one."""
    principal = principal_of(request)
    seen = Network.objects.visible_to(principal).exclude(operator="").exclude(use=Use.TEST)
    row: Network = get_object_or_404(seen, pk=network_id)
    name, country = row.operator, row.country_code
    rows = list(seen.filter(operator=name, country_code=country).select_related("edition"))
    tied = Tie.objects.visible_to(principal).filter(operator=name, country_code=country)
    past = list(tied.select_related("organisation")[:MOST_CANDIDATES])
    looked_for = searched(request.GET, "q")
    candidates = _candidates(principal, rows, looked_for)
    form = TieForm(request.POST or None, candidates=candidates)
    done = attempt(form, lambda: _tied(principal, name, country, form, candidates))
    if done:
        messages.success(request, _("Noted: both are one."))
        return redirect("reference:operator", network_id)
    context = {
        "name": name,
        "country": country,
        "rows": rows,
        "present": next((one for one in past if one.ended_at is None), None),
        "past": past,
        "form": form,
        "candidates": candidates,
        "query": looked_for,
    }
    return render(request, "reference/operator.html", context, status=status_of(form))


def _candidates(principal: Principal, rows: list[Network], looked_for: str) -> list[Organisation]:
    """Return organisations of the same name, then those that the coordinator looks for."""
    names = {name for one in rows for name in (one.operator, one.brand) if name}
    found = queries.candidates(principal, names)
    if looked_for:
        every = searching.organisations(principal, searching.Wanted(text=looked_for))
        found += every.filter(state=OrganisationState.LISTED)[:MOST_CANDIDATES]
    return list({one.id: one for one in found}.values())


def _tied(
    principal: Principal, name: str, country: str, form: TieForm, candidates: list[Organisation]
) -> Tie:
    chosen = form.cleaned_data["organisation"]
    organisation = next(one for one in candidates if str(one.id) == chosen)
    if not allowed(principal, Permission.REFERENCE_TIE, organisation):
        raise DomainError(_("You are tied to the house of this organisation: a colleague decides."))
    return tying.tie(
        principal=principal, operator=name, country_code=country, organisation=organisation
    )


@require_POST
@page(Permission.REFERENCE_TIE)
def untie(request: HttpRequest, tie_id: UUID) -> HttpResponse:
    """Take back that an operator is an organisation."""
    principal = principal_of(request)
    seen = Tie.objects.visible_to(principal).select_related("organisation")
    found: Tie = get_object_or_404(seen, pk=tie_id)
    press(request, lambda: tying.untie(principal=principal, tied=found), _("Taken back."))
    rows = queries.rows_of([found.operator])
    row = rows.get((found.operator, found.country_code))
    return redirect("reference:operator", row) if row else redirect("reference:operators")
