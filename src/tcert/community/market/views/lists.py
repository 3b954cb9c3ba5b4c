"""What is on the marketplace: the list, files of it, one's own entries, and what fits them."""

import csv
import json
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.community.directory.documents.languages import NAMES
from tcert.community.market import queries, vocabulary
from tcert.community.market.models import Contact, Entry, Report, Wish
from tcert.community.market.shown import Shown, shown
from tcert.foundation.kernel.access import allowed, page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.kernel.text import searched
from tcert.foundation.ui.answers import attachment, harmless

PER_PAGE = 25
MOST_EXPORTED = 2000
MOST_OWN = 200
OWN_CLAIM = "the provider's own claim, not checked by the hub"
FILTERS = ("kind", "subject", "domain", "language", "region", "terms", "clause")


@require_safe
@page(Permission.MARKET_READ)
def listing(request: HttpRequest) -> HttpResponse:
    """List what is offered and needed, as the address narrows it."""
    principal = principal_of(request)
    found = Paginator(queries.filtered(principal, request.GET), PER_PAGE)
    rows = found.get_page(request.GET.get("page"))
    chosen = {name: request.GET.get(name, "")[:40] for name in FILTERS}
    context = {
        "page": rows,
        "entries": [shown(one, principal) for one in rows],
        "query": searched(request.GET, "q"),
        "chosen": chosen,
        "address": _without_page(request),
        "filtered": bool(searched(request.GET, "q") or any(chosen.values())),
        "kinds": vocabulary.KINDS.items(),
        "terms": vocabulary.TERMS.items(),
        "subjects": vocabulary.subjects().terms,
        "domains": vocabulary.domains().terms,
        "languages": NAMES.items(),
        "may_manage": allowed(principal, Permission.MARKET_MANAGE),
    }
    return render(request, "market/list.html", context)


def _without_page(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


def _exported(request: HttpRequest) -> list[Shown]:
    found = queries.filtered(principal_of(request), request.GET).prefetch_related("claims")
    return [shown(one, principal_of(request), whole=True) for one in found[:MOST_EXPORTED]]


@require_safe
@page(Permission.MARKET_READ)
def sheet(request: HttpRequest) -> HttpResponse:
    """Write the same list as CSV."""
    response = attachment("", "marketplace.csv", "text/csv; charset=utf-8")
    writer = csv.writer(response)
    rows = [_row(one) for one in _exported(request)]
    writer.writerow(_HEADINGS)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return response


_HEADINGS = (
    "id",
    "kind",
    "subject",
    "title",
    "team",
    "organisation",
    "terms",
    "domains",
    "languages",
    "countries",
    "until",
    "text",
    f"claims ({OWN_CLAIM})",
)


def _row(one: Shown) -> list[str]:
    return [
        str(one.id),
        one.kind.value,
        one.subject,
        one.title,
        one.team.name if one.team else "",
        one.team.organisation.name if one.team else "",
        one.terms,
        "; ".join(one.domains),
        "; ".join(one.languages),
        "; ".join(one.regions),
        one.until.isoformat() if one.until else "",
        one.text,
        "; ".join(f"{c.measure} meets {c.requirement} ({OWN_CLAIM})" for c in one.claims),
    ]


@require_safe
@page(Permission.MARKET_READ)
def document(request: HttpRequest) -> HttpResponse:
    """Write the same list as JSON."""
    told = {
        "format": "tcert-marketplace",
        "version": 1,
        "entries": [*map(_told, _exported(request))],
    }
    content = json.dumps(told, ensure_ascii=False, indent=1)
    return attachment(content, "marketplace.json", "application/json")


def _told(one: Shown) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "kind": one.kind.value,
        "subject": one.subject,
        "title": one.title,
        "team": one.team.name if one.team else None,
        "organisation": one.team.organisation.name if one.team else None,
        "terms": one.terms,
        "domains": one.domains,
        "languages": one.languages,
        "countries": one.regions,
        "until": one.until.isoformat() if one.until else None,
        "text": one.text,
        "claims": [
            {
                "measure": claim.measure,
                "requirement": claim.requirement,
                "title": claim.title,
                "status": OWN_CLAIM,
            }
            for claim in one.claims
        ],
    }


@require_safe
@page(Permission.MARKET_READ)
def mine(request: HttpRequest) -> HttpResponse:
    """Show what the person's teams have entered, whom they turned to, and who turned to them."""
    principal = principal_of(request)
    entries = list(queries.with_teams(Entry.objects.own(principal))[: MOST_OWN + 1])
    contacts = Contact.objects.select_related("entry__team", "team__organisation")
    led = list(queries.led_teams(principal))
    wishing = set(Wish.objects.filter(team__in=led).values_list("team_id", flat=True))
    context = {
        "entries": entries[:MOST_OWN],
        "more": len(entries) > MOST_OWN,
        "asking": contacts.asked_of(principal).waiting()[:PER_PAGE],
        "asked": contacts.asked_by(principal)[:PER_PAGE],
        "reports": Report.objects.by(principal).select_related("entry")[:PER_PAGE],
        "wishes": [(team, team.id in wishing) for team in led],
        "may_manage": bool(led),
    }
    return render(request, "market/mine.html", context)


@require_safe
@page(Permission.MARKET_READ)
def fitting(request: HttpRequest) -> HttpResponse:
    """Show what fits one's own entries, and why."""
    principal = principal_of(request)
    context = {
        "fits": queries.fits(principal),
        "may_manage": allowed(principal, Permission.MARKET_MANAGE),
    }
    return render(request, "market/matches.html", context)
