"""Addresses of bundles."""

from django.urls import path

from tcert.community.bundle import views

app_name = "bundle"
urlpatterns = [
    path("directory/bundles/", views.bundles, name="bundles"),
    path("directory/bundles/make/", views.make, name="make"),
    path("directory/bundles/<int:serial>/bundle.zip", views.file, name="file"),
    path("directory/bundles/<int:serial>/proof.json", views.proof, name="proof"),
]
