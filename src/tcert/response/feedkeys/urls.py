"""Addresses of a person's feed keys."""

from django.urls import path

from tcert.response.feedkeys import views

app_name = "feedkeys"
urlpatterns = [
    path("account/feed-keys/", views.keys, name="keys"),
    path("account/feed-keys/<uuid:pk>/revoke/", views.revoke, name="revoke"),
]
