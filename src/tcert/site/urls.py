"""Addresses of the hub: each room brings its own `urls.py`, which states its paths in full."""

from importlib.util import find_spec

from django.apps import apps
from django.urls import include, path

from tcert.site import health, records, views

_rooms = [
    config.name
    for config in apps.get_app_configs()
    if config.name.startswith("tcert.")
    and config.label != "site"
    and find_spec(f"{config.name}.urls")
]

site_urls = [
    path("", views.home, name="home"),
    path("my-day/", views.my_day, name="my_day"),
    path("my-day/acting-team/", views.acting_team, name="acting_team"),
    path("search/", views.search, name="search"),
    path("health/", health.health, name="health"),
    path("health/jobs/<uuid:job_id>/", health.settle, name="settle_job"),
    path("records/", records.records, name="records"),
    path("records/records.csv", records.records_file, name="records_file"),
    path("records/<uuid:record_id>/proof.json", records.proof_file, name="record_proof"),
    path("records/tree/", records.tree, name="record_tree"),
    path("records/tree/<int:number>/head.txt", records.head_file, name="record_head"),
    path("set-up/", views.set_up, name="set_up"),
]

urlpatterns = [
    *(path("", include(f"{room}.urls")) for room in _rooms),
    path("account/vault/", include("tcert.community.accounts.vault_urls")),
    path("", include("tcert.community.accounts.library_urls")),
    path("", include((site_urls, "site"))),
]

handler400 = "tcert.foundation.ui.errors.bad_request"
handler403 = "tcert.foundation.ui.errors.permission_denied"
handler404 = "tcert.foundation.ui.errors.not_found"
handler429 = "tcert.foundation.ui.errors.too_many"
handler500 = "tcert.foundation.ui.errors.server_error"
