"""Addresses of keeping, holding and deleting."""

from django.urls import path

from tcert.response.retention.views import keeping, public, requests

app_name = "retention"
urlpatterns = [
    path("cases/<uuid:case_id>/keeping/", keeping.keeping, name="keeping"),
    path("cases/<uuid:case_id>/keeping/part.zip", keeping.part, name="part"),
    path("cases/deleted/", keeping.deleted, name="deleted"),
    path("cases/requests/", requests.requests, name="requests"),
    path("cases/requests/<uuid:request_id>/", requests.take_back, name="take_back"),
    path("about/compelled/", public.compelled, name="compelled"),
    path("about/counts/", public.counts, name="counts"),
    path("about/counts.csv", public.counts_file, name="counts_file"),
]
