"""What anybody may hold the hub against."""

from django.urls import path

from tcert.foundation.sealed import views

app_name = "sealed"
urlpatterns = [
    path("about/hub-key/", views.about_hub_key, name="about-hub-key"),
    path("about/hub-key-changes.txt", views.hub_key_changes, name="hub-key-changes"),
    path("about/hub-key.asc", views.hub_key, name="hub-key"),
    path("about/scripts.sha256", views.script_list, name="scripts"),
    path("about/scripts.sha256.asc", views.script_signature, name="scripts-signature"),
]
