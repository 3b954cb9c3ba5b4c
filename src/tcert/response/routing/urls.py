"""Addresses of routing."""

from django.urls import path

from tcert.response.routing import views

app_name = "routing"
urlpatterns = [
    path("find/", views.find, name="find"),
    path("resolve/", views.resolve, name="resolve"),
]
