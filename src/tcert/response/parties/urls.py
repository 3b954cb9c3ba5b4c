"""Addresses of invitations beyond the hub: the desk's under the case, the invitee's apart."""

from django.urls import path

from tcert.response.parties import views

app_name = "parties"

_CASE = "cases/<uuid:case_id>/parties/"
_PARTY = f"{_CASE}<uuid:party_id>/"

urlpatterns = [
    path(f"{_CASE}new/", views.invite, name="invite"),
    path(_PARTY, views.party, name="party"),
    path(f"{_PARTY}key/", views.key, name="key"),
    path("invited/", views.join, name="join"),
    path("invited/steps/", views.own, name="own"),
]
