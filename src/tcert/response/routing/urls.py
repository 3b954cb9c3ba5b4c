"""Addresses of routing."""

from django.urls import path

from tcert.response.routing import api, views

app_name = "routing"
urlpatterns = [
    path("find/", views.find, name="find"),
    path("resolve/", views.resolve, name="resolve"),
    path("api/v1/resolve", api.ask, name="ask"),
    # The address that IntelMQ's tuency expert appends to the one it is given.
    path("intelmq/lookup", api.lookup, name="lookup"),
]
