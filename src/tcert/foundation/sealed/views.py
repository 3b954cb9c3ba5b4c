"""What anybody may hold the hub against."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tcert.foundation.kernel.access import page
from tcert.foundation.kernel.permissions import Permission
from tcert.foundation.openpgp import hubkey
from tcert.foundation.sealed import scripts


@page(Permission.SITE_PUBLIC)
def script_list(_request: HttpRequest) -> HttpResponse:
    """Give the published list of the served scripts."""
    return _text(_published()[0])


@page(Permission.SITE_PUBLIC)
def script_signature(_request: HttpRequest) -> HttpResponse:
    """Give the hub's signature over that list."""
    return _text(_published()[1])


@page(Permission.SITE_PUBLIC)
def hub_key(_request: HttpRequest) -> HttpResponse:
    """Give the public half of the hub's key."""
    info = hubkey.public()
    if info is None:
        raise Http404
    return _text(info.armoured)


@page(Permission.SITE_PUBLIC)
def hub_key_changes(_request: HttpRequest) -> HttpResponse:
    """Give every change of the hub's key: note, both signatures, old key; the newest first."""
    return _text("\n".join(hubkey.changes()))


@page(Permission.SITE_PUBLIC)
def about_hub_key(request: HttpRequest) -> HttpResponse:
    """Tell the fingerprint of the hub's key, and which keys came before it."""
    context = {"key": hubkey.public(), "before": hubkey.predecessors()}
    return render(request, "sealed/hub_key.html", context)


def _published() -> tuple[str, str]:
    found = scripts.published()
    if found is None:
        raise Http404
    return found


def _text(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
