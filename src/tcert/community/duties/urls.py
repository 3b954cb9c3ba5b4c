"""Addresses of duties to report."""

from django.urls import path

from tcert.community.duties import views

app_name = "duties"
urlpatterns = [
    path("duties/", views.everybody, name="everybody"),
    path("duties/duties.csv", views.export, name="csv"),
    path("duties/organisations/<uuid:organisation_id>/", views.organisation, name="organisation"),
    path("duties/organisations/<uuid:organisation_id>/new/", views.declare, name="declare"),
    path("duties/organisations/<uuid:organisation_id>/right/", views.look, name="look"),
    path("duties/organisations/<uuid:organisation_id>/harbour/", views.harbour, name="harbour"),
    path("duties/<uuid:duty_id>/", views.change, name="change"),
    path("duties/<uuid:duty_id>/end/", views.end, name="end"),
    path("duties/<uuid:duty_id>/restore/", views.restore, name="restore"),
]
