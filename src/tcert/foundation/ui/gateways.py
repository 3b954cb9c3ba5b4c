"""What is different over the onion service, and the page for who comes through a gateway."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

from tcert.foundation.kernel import onion
from tcert.foundation.kernel.pages import PageKind, policy
from tcert.foundation.ui.importmap import asset_url

Respond = Callable[[HttpRequest], HttpResponseBase]
_STATIC = "/static/"


class OnionMiddleware:
    """Stand outermost: refuse gateways before anything is typed, and mend what TLS would add.

    On an onion name there is no TLS and needs to be none (decided.md 16): no browser may be told
    to ask for it, and cookies travel in the circuit, which is encrypted already. Elsewhere Tor
    Browser is told that there is an onion service, for the pages that it shows.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if onion.is_through_gateway(request) and not request.path.startswith(_STATIC):
            return refused()
        response = self.get_response(request)
        if onion.is_over_onion(request):
            del response.headers["Strict-Transport-Security"]
            if request.scheme == "http":
                for cookie in response.cookies.values():
                    cookie["secure"] = ""
        elif location := onion.location(request):
            response.headers.setdefault("Onion-Location", location)
        return response


def refused() -> HttpResponse:
    """Return the page that warns of a gateway: it has no form, so that nothing is typed into it."""
    context = {"names": sorted(onion.own_names()), "stylesheet": asset_url("ui/hub.css")}
    page = render_to_string("ui/errors/gateway.html", context)
    response = HttpResponse(page, status=403)
    response.headers["Content-Security-Policy"] = policy(PageKind.REPORTER)
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store, private"
    # A stranger's hour is nobody's business: Django would log the refusal with its moment.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response
