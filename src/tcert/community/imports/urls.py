"""Addresses of imports."""

from django.urls import path

from tcert.community.imports import views

app_name = "imports"
_ENTRY = "imports/entries/<uuid:entry_id>/"
urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/new/", views.begin, name="begin"),
    path("imports/template.csv", views.template, name="template"),
    path("imports/entries/", views.entries, name="entries"),
    path("imports/entries/entries.csv", views.entries_csv, name="entries_csv"),
    path("imports/entries/teams.json", views.entries_json, name="entries_json"),
    path(_ENTRY, views.entry, name="entry"),
    path(f"{_ENTRY}key.asc", views.certificate, name="certificate"),
    path("imports/teams/<uuid:pk>/", views.of_team, name="of_team"),
    path("imports/<uuid:import_id>/", views.one_import, name="import"),
]
