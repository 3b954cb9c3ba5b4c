"""Addresses of playbooks."""

from django.urls import path

from tcert.response.playbooks import views

app_name = "playbooks"
urlpatterns = [
    path("playbooks/", views.listing, name="list"),
    path("playbooks/<slug:slug>/", views.playbook, name="playbook"),
    path("playbooks/<slug:slug>/playbook.txt", views.plain_text, name="text"),
    path("playbooks/<slug:slug>/playbook.md", views.markdown, name="markdown"),
]
