"""Addresses of reference data."""

from django.urls import path

from tcert.response.reference import views

app_name = "reference"
urlpatterns = [
    path("reference/", views.networks, name="networks"),
    path("reference/networks.csv", views.networks_csv, name="csv"),
    path("reference/calling-codes/", views.calling_codes, name="calling_codes"),
    path("reference/sources/", views.sources, name="sources"),
    path("reference/refresh/", views.refresh, name="refresh"),
    path("reference/editions/<uuid:edition_id>/", views.edition, name="edition"),
    path("reference/operators/", views.operators, name="operators"),
    path("reference/operators/<uuid:network_id>/", views.operator, name="operator"),
    path("reference/ties/<uuid:tie_id>/undo/", views.untie, name="untie"),
]
