"""Addresses of the language room."""

from django.urls import path

from tcert.foundation.language import views

app_name = "language"
urlpatterns = [
    path("language/", views.glossary, name="glossary"),
    path("language/<slug:slug>/", views.vocabulary_page, name="vocabulary"),
]
