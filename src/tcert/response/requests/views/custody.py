"""The chain of custody of a request, to print and as files; the digests of a hand-over."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tcert.foundation.kernel import clock
from tcert.foundation.kernel.access import page, principal_of
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.ui.answers import attachment
from tcert.response.requests import custody as chain
from tcert.response.requests.enums import Receipt, State
from tcert.response.requests.views.finding import find, find_exhibit
from tcert.response.requests.words import RECEIPTS, STATES


@require_safe
@page(Permission.REQUESTS_READ)
def custody(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Show the chain of custody, each step and each digest, on one page to print."""
    found, principal = find(request, asked_id), principal_of(request)
    context = {
        "found": found,
        "state": STATES[State(found.state)],
        "now": clock.now(),
        "steps": chain.steps_of(found, principal),
        "exhibits": [(one, RECEIPTS[Receipt(one.receipt)]) for one in found.exhibits.all()],
    }
    return render(request, "requests/custody.html", context)


@require_safe
@page(Permission.REQUESTS_READ)
def custody_json(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Give the chain of custody as JSON."""
    found, principal = find(request, asked_id), principal_of(request)
    text = chain.as_json(found, chain.steps_of(found, principal))
    return attachment(text, f"custody-{found.reference}.json", "application/json")


@require_safe
@page(Permission.REQUESTS_READ)
def custody_text(request: HttpRequest, asked_id: UUID) -> HttpResponse:
    """Give the chain of custody as plain text."""
    found, principal = find(request, asked_id), principal_of(request)
    text = chain.as_text(found, chain.steps_of(found, principal))
    return attachment(text, f"custody-{found.reference}.txt", "text/plain; charset=utf-8")


@require_safe
@page(Permission.REQUESTS_READ)
def manifest(request: HttpRequest, exhibit_id: UUID) -> HttpResponse:
    """Give the digests of a hand-over, as `sha256sum --check` reads them."""
    exhibit = find_exhibit(request, exhibit_id)
    name = f"{exhibit.request.reference}-{exhibit.number}.sha256"
    return attachment(exhibit.manifest, name, "text/plain; charset=utf-8")
