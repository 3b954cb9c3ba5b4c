"""The hub about itself, and the design system's own page."""

from django.urls import path

from tcert.foundation.ui import views

app_name = "ui"
urlpatterns = [
    path("about/", views.about, name="about"),
    path("about/what-we-see/", views.what_we_see, name="what-we-see"),
    path("about/policies/", views.policies, name="policies"),
    path("about/styleguide/", views.styleguide, name="styleguide"),
]
