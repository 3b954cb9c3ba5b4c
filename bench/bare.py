"""One Django page with nothing in it, to tell what the hub adds: `bench.bare:application`."""

import secrets

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tcert.site.gate import Gate


def page(_request: HttpRequest) -> HttpResponse:
    """Answer with a few words."""
    return HttpResponse("<!doctype html><title>bare</title><p>A bare page.</html>")


urlpatterns = [path("", page)]


def _application() -> Gate:
    settings.configure(
        ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY=secrets.token_hex(), LOGGING=None
    )
    return Gate(get_wsgi_application())


application = _application()
