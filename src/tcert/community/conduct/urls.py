"""Addresses of measures."""

from django.urls import path

from tcert.community.conduct import views

app_name = "conduct"
urlpatterns = [
    path("measures/", views.listing, name="measures"),
    path("measures/impose/", views.impose, name="impose"),
    path("measures/<uuid:measure_id>/", views.measure, name="measure"),
    path("measures/<uuid:measure_id>/lift/", views.lift, name="lift"),
    path("measures/<uuid:measure_id>/appeal/", views.appeal, name="appeal"),
    path("measures/<uuid:measure_id>/decide/", views.decide, name="decide"),
]
