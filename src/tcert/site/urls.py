"""Addresses of the hub: each room brings its own `urls.py`, which states its paths in full."""

from importlib.util import find_spec

from django.apps import apps
from django.urls import include, path

_rooms = [
    config.name
    for config in apps.get_app_configs()
    if config.name.startswith("tcert.")
    and config.label != "site"
    and find_spec(f"{config.name}.urls")
]

urlpatterns = [
    *(path("", include(f"{room}.urls")) for room in _rooms),
    path("account/vault/", include("tcert.community.accounts.vault_urls")),
    path("account/", include("allauth.urls")),
]

handler400 = "tcert.foundation.ui.errors.bad_request"
handler403 = "tcert.foundation.ui.errors.permission_denied"
handler404 = "tcert.foundation.ui.errors.not_found"
handler429 = "tcert.foundation.ui.errors.too_many"
handler500 = "tcert.foundation.ui.errors.server_error"
