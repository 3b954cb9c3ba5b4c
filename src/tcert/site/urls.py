"""Addresses of the hub: each room brings its own."""

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
]
