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
    path("account/", include("allauth.urls")),
]
